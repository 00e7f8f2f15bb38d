"""Check a report that somebody hands over: is it genuine, and does it still stand?"""

import hashlib

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from creditmesh.apps.sharing.credit_reports.queries import checking
from creditmesh.apps.sharing.credit_reports.rules import serials
from creditmesh.apps.sharing.credit_reports.rules.standing import TooManyChecks
from creditmesh.web.access import open_to_all
from creditmesh.web.portals.frame.rendering import show

MOST_A_MINUTE = (
    30  # of one address; a person checks a few papers, a program that tries serials does not get far
)
LARGEST_FILE = 25 * 1024 * 1024


@open_to_all
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, serial: str = "") -> HttpResponse:
    """Show what is known of a serial, and compare a digest or a file with it."""
    asked = (serial or request.GET.get("serial", "") or request.POST.get("serial", "")).strip()[:60]
    if not asked:
        return show(request, "reports/check.html", {})
    _require_patience(request)
    written = serials.read(asked)
    if written and not serial:
        return redirect("check-report", written)
    found = checking.checked(asked)
    context: dict[str, object] = {"asked": asked, "found": found, "mistyped": written is None}
    if found is not None and request.method == "POST":
        context |= _compared(request, found.serial)
    return show(request, "reports/check.html", context, status=200 if found else 404)


def _compared(request: HttpRequest, serial: str) -> dict[str, object]:
    upload = request.FILES.get("file")
    if upload is None:
        typed = request.POST.get("digest", "").strip()[:200]
    elif upload.size is None or upload.size > LARGEST_FILE:
        return {"compared": True, "trouble": _("The file is too large to be one of our reports.")}
    else:
        whole = hashlib.sha256()
        for piece in upload.chunks():
            whole.update(piece)
        typed = whole.hexdigest()
    short = len(typed) < checking.SHORTEST_DIGEST
    return {
        "compared": True,
        "typed": typed,
        "matched": checking.matched(serial=serial, digest=typed),
        "trouble": _("Type at least the first 16 characters of the digest, or choose the file.")
        if short
        else "",
    }


def _require_patience(request: HttpRequest) -> None:
    who = hashlib.sha256(str(request.META.get("REMOTE_ADDR", "")).encode()).hexdigest()[:16]
    key = f"report-check:{who}"
    cache.add(key, 0, timeout=60)
    try:
        tries = cache.incr(key)
    except ValueError:  # it ran out between the two
        return
    if tries > MOST_A_MINUTE:
        raise TooManyChecks("Too many reports were checked from here within a minute: wait a minute.")
