"""A node in a process of its own that answers a bank over HTTP, to be killed at a named call.

python -m tests.apps.sharing.disclosure.dying HOME --prepare
python -m tests.apps.sharing.disclosure.dying HOME --serve PORT [--die-at EVENT COUNT]
python -m tests.apps.sharing.disclosure.dying HOME --count
"""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django


class _Silent(WSGIRequestHandler):
    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def main() -> None:
    """Do what the command line says."""
    home = Path(sys.argv[1])
    os.environ["CREDITMESH_HOME"] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
    django.setup()
    if "--prepare" in sys.argv:
        (home / "stage.json").write_text(json.dumps(prepare()))
    else:
        serve(int(sys.argv[sys.argv.index("--serve") + 1]))


def prepare() -> dict[str, str]:
    """Make a bank with a key, records, an authorisation; return what is needed to ask."""
    from oauth2_provider.models import AccessToken, Application
    from tests.apps.members.institutions.bank import open_bank
    from tests.apps.sharing.disclosure.county import EAST, grant, hold, tax_paid, terms

    at = datetime.now(UTC)
    bank = open_bank("BANK", at=at)
    token = "token-of-the-bank"
    AccessToken.objects.create(
        application=Application.objects.get(client_id=bank.client),
        token=token,
        expires=at + timedelta(hours=1),
        scope="inquire verify",
    )
    hold("TAX-02", tax_paid(EAST))
    uuid = grant(terms(EAST, "BANK", at=at), at=at)
    return {"token": token, "key": bank.key.to_pem(), "subject": EAST, "authorisation": str(uuid)}


def serve(port: int) -> None:
    """Answer until killed."""
    from creditmesh.web.serving.wsgi import application

    if "--die-at" in sys.argv:
        from tests.faults.delivering import _die_at

        place = sys.argv.index("--die-at")
        _die_at(sys.argv[place + 1], int(sys.argv[place + 2]))
    server = make_server("127.0.0.1", port, application, handler_class=_Silent)
    print("serving", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
