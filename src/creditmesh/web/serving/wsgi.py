"""What the server runs."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditmesh.web.settings")
application = get_wsgi_application()

# What was loaded stays for the life of the process: looking through it for garbage over and over took a tenth
# of every answer.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
