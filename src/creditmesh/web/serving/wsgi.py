"""What the server runs."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditmesh.web.settings")
whole = get_wsgi_application()
# By its name, because it stands on the apps, which are there only now.
application = import_string("creditmesh.web.serving.frames.programs.ForPrograms")(whole)

# What was loaded stays for the life of the process: looking through it for garbage over and over took a tenth
# of every answer.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
