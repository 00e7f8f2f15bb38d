"""Words about public credit evaluation and credit reports."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise | str] = {
    "unknown-report": _("There is no such report among yours: look it up in your list of reports."),
    "report-changed": _(
        "The content of this report was changed after it was issued. Do not rely on it; tell the operator."
    ),
    "report-closed": _(
        "This report can be opened no more: it was revoked, its authorisation has ended, or a record in it"
        " was corrected or left publicity. Have a new one issued."
    ),
    "report-wrong-state": _("The report has changed its state meanwhile. Load it again."),
    "nothing-held": _("Nothing is held on this enterprise that a report could say. Check the code."),
    "records-changing": _("A record of the enterprise was corrected or contested just now: ask again."),
    "cannot-print": _(
        "The PDF cannot be made on this server: a font or library is missing, or the report is too large."
        " Print the page instead."
    ),
    "too-many-checks": _("Too many reports were checked from here within a minute. Wait a minute."),
}
"""What was refused, by the code of the error, for Chinese pages."""

ACTS: dict[str, Promise | str] = {
    "report.issue": _("credit report issued"),
    "report.open": _("credit report opened"),
    "report.print": _("credit report taken as a file"),
    "report.outdate": _("credit report outdated by a correction"),
    "report.revoke": _("credit report revoked"),
    "evaluation.view": _("evaluation looked at"),
}
"""What was done, by the act the ledger names."""

STATES: dict[str, Promise | str] = {
    "valid": _("stands"),
    "superseded": _("replaced by a later one"),
    "outdated": _("outdated by a correction"),
    "revoked": _("revoked and void"),
}
KINDS: dict[str, Promise | str] = {
    "own": _("issued to the enterprise itself"),
    "institution": _("issued to an institution on an authorisation"),
}
ACTED_ON: dict[str, Promise | str] = {"report": _("credit report")}
VOCABULARIES: dict[str, dict[str, Promise | str]] = {"report_state": STATES, "report_kind": KINDS}
TONES: dict[str, str] = {"valid": "good", "superseded": "outline", "outdated": "warn", "revoked": "bad"}
