"""Words about inquiries, verification and what came of them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise | str] = {
    "not-authorised": _(
        "No authorisation in force lets you ask this about this enterprise: ask the enterprise for one."
    ),
    "not-yet-valid": _("The authorisation is not valid yet: ask again from its first day on."),
    "expired": _("The authorisation has ended: ask the enterprise for a new one."),
    "withdrawn": _("The enterprise has withdrawn the authorisation: ask it for a new one."),
    "exhausted": _("All inquiries of the authorisation are used up: ask the enterprise for a new one."),
    "superseded": _("A later authorisation took the place of this one: use that."),
    "item-not-covered": _(
        "The authorisation does not cover all the items: leave out those it does not name."
    ),
    "mode-not-covered": _("The authorisation does not cover this mode: ask in a mode it names."),
    "raw-not-explicit": _(
        "Raw detail needs the enterprise's explicit consent, which this authorisation lacks."
    ),
    "purpose-mismatch": _("The authorisation was given for another purpose: state that one."),
    "period-exceeded": _("The period goes beyond what the authorisation covers: narrow it."),
    "too-frequent": _("The authorisation allows no more inquiries today: ask again tomorrow."),
    "no-right-to-inquire": _(
        "Who handed this in may not inquire any more: have it handed in by someone who may."
    ),
    "item-not-in-mode": _(
        "An item may not be shared in this mode: see the modes of each item in the catalogue."
    ),
    "no-legal-basis": _("State the legal basis and the duty for which your department asks."),
    "too-many-claims": _("Too many different claims on an item in 24 hours: repeat earlier ones or wait."),
    "changed-meanwhile": _(
        "A record of the enterprise was corrected or contested, or a person's consent withdrawn, just now: ask again."
    ),
    "question-too-long": _("One question names too many items or claims: ask in parts."),
    "unknown-inquiry": _("There is no such inquiry among those you may see."),
    "list-of-inquiries-too-long": _("A list of inquiries is empty or too long: split it."),
    "unknown-inquiry-batch": _("There is no such list of inquiries among those of your institution."),
    "inquiry-results-expired": _(
        "The answers of this list are kept no longer: hand the list in again if you may."
    ),
    "list-of-another": _(
        "This list holds raw detail: only the program or person that handed it in reads its answers."
    ),
    "line-taken": _("This line was answered already by another worker; nothing is lost."),
    "bad-claim": _("A claim cannot be compared as it is stated: see which one, and the catalogue."),
}
"""What was refused, by the code of the error, for Chinese pages."""

ACTS: dict[str, Promise | str] = {
    "inquiry.open": _("Asked, open information"),
    "inquiry.auth": _("Asked with an authorisation"),
    "inquiry.verify": _("Had claims compared"),
    "inquiry.raw": _("Asked for raw detail"),
    "inquiry.gov": _("Asked for a duty"),
    "inquiry-batch.receive": _("Handed in a list of inquiries"),
    "own-record.view": _("Looked at the own record"),
    "own-evaluation.view": _("Looked at the own evaluation"),
}
"""What was done, by the act the ledger names."""

ACTED_ON: dict[str, Promise | str] = {"inquiry": _("inquiry"), "inquiry-batch": _("list of inquiries")}
"""What was acted on, by the kind the ledger names."""
