"""What went wrong, in the language of the page."""

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from creditmesh.kernel.errors import CreditmeshError

# On an English page the error speaks for itself, with its details; these stand on a Chinese one.
SENTENCES: dict[str, Promise | str] = {
    "not-permitted": _("Your role does not permit this. Ask the operator of the node if you need it."),
    "unknown-item": _("The catalogue has no such item. Look up its code on the page of the catalogue."),
    "unknown-source": _("The catalogue has no such source. Look it up there, or ask the operator to add it."),
    "source-may-not-deliver": _(
        "This source does not deliver this item. Choose the item your department answers for."
    ),
    "wrong-state": _(
        "This step is not possible from where it stands now. Load the page again to see its state."
    ),
    "bad-delivery": _(
        "Something said about the file cannot be right. Check the item, the source and the key."
    ),
    "idempotency-key-used": _("This key was used before with another file. Choose a new key."),
    "delivery-too-large": _("The file is too large for this node. Split it and send the parts one by one."),
    "empty-delivery": _("The file is empty. Send it with its header and at least one row."),
    "disk-full": _("The disk of the node is full; nothing was kept. Tell the operator, then send again."),
    "unknown-run": _("There is no such run. Look it up in the list of runs."),
    "no-results-yet": _("No run of this system has ended so far. Ask for a run, then come back."),
    "already-under-way": _(
        "A run of this system for this day is under way already. Wait for it, or give it up."
    ),
    "day-out-of-range": _("The day must lie between the year 2000 and today."),
    "purpose-not-kept": _("This node keeps no results of that purpose yet."),
    "list-too-long": _("The list is too long for an Excel file. Narrow it, or take it as CSV."),
    "unknown-organisation": _("There is no such organisation. Create it first."),
    "unknown-user": _("There is no such user. Check the spelling, or create the user first."),
    "unknown-batch": _("There is no such batch among those you may see."),
    "no-refused-rows": _("No row of this batch was refused."),
    "too-large": _("The file is too large for this node. Split it and send the parts one by one."),
    "unknown-subject": _("No such enterprise is held here. Check the code."),
}


def sentence(refusal: CreditmeshError) -> str:
    """Return what is wrong and what to do, in the language of the page."""
    return in_words(code=refusal.code, otherwise=refusal.sentence)


def in_words(*, code: str, otherwise: str) -> str:
    """Return the Chinese words for a refusal on a Chinese page; `otherwise` where there are none."""
    if (get_language() or "zh").startswith("zh") and code in SENTENCES:
        return str(SENTENCES[code])
    return otherwise
