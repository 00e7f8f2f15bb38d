"""Make the PDF of a report, and keep the digest of every file that is handed out.

The renderer gets a page that is complete in itself and may fetch nothing: whatever a name or a picture in it
points to, no file is read and no connection opened.
"""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NoReturn

from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.sharing.credit_reports.models import Printing
from creditmesh.apps.sharing.credit_reports.queries import reports
from creditmesh.apps.sharing.credit_reports.rules.standing import CannotPrint, Form
from creditmesh.exchange.canonical import sha256

LARGEST_PAGE = 4 * 1024 * 1024  # characters of HTML
LARGEST_FILE = 20 * 1024 * 1024  # bytes


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A PDF with its digest."""

    data: bytes
    sha256: str
    pages: int


def pdf(html: str, *, styles: Sequence[str], identifier: str) -> Printed:
    """Return a page as a tagged PDF; the same page gives the same bytes.

    Raises `CannotPrint` where a library or font is missing, or the page is too large.
    """
    if len(html) > LARGEST_PAGE:
        raise CannotPrint("This report is too large for a PDF: print the page itself, or take the summary.")
    weasy = _weasyprint()
    if not has_chinese_font():
        raise CannotPrint(
            "No Chinese font is installed on the server: print the page itself. The operator can install"
            " one, such as the package fonts-noto-cjk."
        )
    document = weasy.HTML(string=html, base_url=None, url_fetcher=FETCH_NOTHING, media_type="print").render(
        stylesheets=[weasy.CSS(string=one, url_fetcher=FETCH_NOTHING) for one in styles],
        pdf_tags=True,
        pdf_identifier=identifier.encode(),
    )
    data = document.write_pdf(pdf_tags=True, pdf_identifier=identifier.encode())
    if len(data) > LARGEST_FILE:
        raise CannotPrint("This report is too large for a PDF: print the page itself, or take the summary.")
    return Printed(data=data, sha256=sha256(data), pages=len(document.pages))


@transaction.atomic
def keep_printing(
    printed: Printed, *, serial: str, form: Form, language: str, by: Actor, at: datetime
) -> None:
    """Write down that a PDF of a report is handed out, before it is; raises `UnknownReport`."""
    report = reports.stored(serial, viewer=by)
    Printing.objects.get_or_create(
        report=report,
        sha256=printed.sha256,
        defaults={
            "form": form.value,
            "language": language,
            "size": len(printed.data),
            "pages": printed.pages,
            "printed_at": at,
        },
    )
    audit.append(
        who=by.who(),
        act="report.print",
        thing=Thing("report", serial),
        at=at,
        why=f"{form} {language}",
        details={"sha256": printed.sha256, "pages": printed.pages},
        subject=report.subject,
    )


def can_print() -> bool:
    """Return whether PDFs can be made on this machine."""
    try:
        _weasyprint()
    except CannotPrint:
        return False
    return has_chinese_font()


@cache
def has_chinese_font() -> bool:
    """Return whether a font with Chinese characters is installed, so that no report is printed as empty boxes."""
    teller = shutil.which("fc-list")
    if teller is None:  # not a system with fontconfig's own tools: those ship Chinese fonts themselves
        return True
    told = subprocess.run(  # noqa: S603 - a fixed command without any input
        [teller, ":lang=zh-cn", "family"], capture_output=True, check=False, timeout=20
    )
    return bool(told.stdout.strip())


@cache
def _weasyprint() -> Any:
    try:
        # Loads the text layout libraries of the system, which a bare machine lacks; the rest of the node
        # must run there all the same.
        import weasyprint  # noqa: PLC0415
    except OSError as missing:
        raise CannotPrint(
            "The text layout library Pango is not installed on the server: print the page itself. The"
            " operator can install the package libpangoft2-1.0-0."
        ) from missing
    return weasyprint


class FetchesNothing:
    """What the renderer calls to get a picture, a style or an attachment: there is none for it."""

    _fail_on_errors = False  # asked for by the renderer: a refused picture leaves a gap, not a failed report

    def __call__(self, url: str) -> NoReturn:
        """Refuse the address, whatever it is."""
        raise ValueError(f"A report fetches nothing, and not {url[:60]}.")


FETCH_NOTHING = FetchesNothing()
