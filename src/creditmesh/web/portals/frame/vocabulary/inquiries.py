"""Words about inquiries on the pages of those who ask and those asked about."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise | str] = {
    "nothing-claimed": _("State at least one field and what you were told."),
    "bad-claimed-value": _("A value cannot be read: numbers as digits, yes or no in words."),
    "bad-list-of-inquiries": _(
        "A line names no authorisation of your institution. Copy the numbers from the list of authorisations."
    ),
}
"""What was refused, by the code of the error, for Chinese pages."""

ACTS: dict[str, Promise | str] = {}
"""What was done, by the act the ledger names."""

VOCABULARIES: dict[str, dict[str, Promise | str]] = {
    "inquiry_outcome": {"answered": _("answered"), "refused": _("refused")},
    "list_state": {
        "waiting": _("waiting"),
        "running": _("under way"),
        "done": _("finished"),
        "answered": _("answered"),
        "refused": _("refused"),
    },
    "record_mark": {
        "disputed": _("contested by the enterprise"),
        "suspended": _("suspended while contested"),
        "stopped": _("stopped"),
    },
    "verdict": {
        "MATCH": _("matches"),
        "MISMATCH": _("does not match"),
        "PARTIAL": _("matches in part"),
        "NO_DATA": _("nothing is held"),
        "NOT_AUTHORISED": _("not authorised"),
    },
}
TONES: dict[str, str] = {
    "answered": "good",
    "MATCH": "good",
    "MISMATCH": "bad",
    "PARTIAL": "warn",
    "NOT_AUTHORISED": "bad",
}
