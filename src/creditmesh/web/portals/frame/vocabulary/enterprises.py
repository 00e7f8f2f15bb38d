"""Words about real-name registration, the people of an enterprise, and what followed inquiries."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise | str] = {
    "wrong-claim-state": _("This step is not possible as the claim stands now. Load the page again."),
    "last-owner": _(
        "An enterprise keeps at least one owner. Let another person register as an owner first, then end this one."
    ),
    "unfit-file": _(
        "The file is no PDF, JPEG or PNG, is damaged, or holds more than a document, such as a script or another "
        "file. Scan or photograph the document, or print it to a new PDF, and send that."
    ),
    "unknown-claim": _("There is no such claim among those you may see. Load the page again."),
    "evidence-too-large": _("The file is too large: at most 10 MB. Scan it smaller or in grey."),
    "too-much-evidence": _("A claim takes at most four files. Remove one first."),
    "unknown-evidence": _("There is no such file. Load the page again."),
    "acts-already": _(
        "This account belongs to an organisation already. Make an account of your own for the enterprise."
    ),
    "claim-under-way": _("Your claim is being checked. Wait for the decision, or take it back first."),
    "too-many-registrations": _(
        "Too many claims were handed in today by this account or for this enterprise. Try again tomorrow, or ask "
        "the operator of the node."
    ),
    "letter-missing": _("A handler needs a letter of agency. Add it to the claim, then hand it in."),
    "reason-missing": _("Say why: whoever it is about reads it, and the ledger keeps it."),
    "no-second-factor": _(
        "Set up an authenticator app first, under Account: an owner acts only with a second factor."
    ),
    "wrong-invitation": _(
        "By invitation somebody becomes a user or a viewer, and at most twenty invitations wait at once."
    ),
    "unknown-invitation": _(
        "This invitation does not hold: the code is mistyped, used or over. Ask the owner for a new one."
    ),
    "unknown-person": _("Nobody like that acts for your enterprise. Load the page again."),
    "wrong-outcome": _(
        "This outcome cannot be kept. Take one of those listed, add the number of the loan to monitoring, and "
        "declare only for answered inquiries on an authorisation."
    ),
    "unreadable-outcomes": _(
        "The file cannot be read. Send a CSV of at most 2 MB and 5000 rows with the columns inquiry and outcome."
    ),
    "no-reason": _("Say why the institution may ask again: it reads it, and the ledger keeps it."),
    "not-suspended": _("This institution is not suspended. Load the page again."),
    "why-missing": _("Say what the list is for: the ledger keeps the reason."),
}
"""What was refused, by the code of the error, for Chinese pages."""

ACTS: dict[str, Promise | str] = {
    "claim.submit": _("claim handed in"),
    "claim.take_back": _("claim taken back"),
    "claim.check": _("claim checked"),
    "claim.approve": _("claim approved"),
    "claim.reject": _("claim rejected"),
    "evidence.attach": _("evidence added"),
    "evidence.remove": _("evidence removed"),
    "evidence.expire": _("file of a registration deleted after its keeping"),
    "evidence.open": _("evidence looked at"),
    "invitation.make": _("invitation made"),
    "invitation.take_back": _("invitation taken back"),
    "invitation.use": _("invitation used"),
    "outcome.declare": _("outcome declared"),
    "outcome.fact": _("fact behind inquiries recorded"),
    "oversight.warn": _("institution warned"),
    "oversight.export": _("list of inquiries exported"),
}
"""What was done, by the act the ledger names."""

ACTED_ON: dict[str, Promise | str] = {
    "claim": _("claim to act for an enterprise"),
    "evidence": _("evidence"),
    "invitation": _("invitation"),
    "fact": _("fact"),
}
"""What was acted on, by the kind the ledger names."""

VOCABULARIES: dict[str, dict[str, Promise | str]] = {
    "claim": {
        "draft": _("not handed in yet"),
        "submitted": _("waits for the check"),
        "matched": _("agrees with the register"),
        "review": _("needs a look"),
        "waiting": _("being checked"),
        "active": _("approved"),
        "rejected": _("rejected"),
        "ended": _("ended"),
    },
    "capacity": {
        "legal_representative": _("legal representative"),
        "handler": _("handler with a letter of agency"),
    },
    "claim_part": {
        "name": _("Name of the enterprise"),
        "representative": _("Name of the legal representative"),
        "claimant": _("Claimant bears that name"),
        "status": _("Enterprise exists"),
    },
    "verdict": {
        "match": _("agrees with the register"),
        "mismatch": _("does not agree with the register"),
        "cannot-be-checked": _("cannot be checked: the register says too little"),
    },
    "outcome_kind": {
        "applied": _("application under way"),
        "granted": _("loan granted"),
        "declined-by-institution": _("declined by us"),
        "declined-by-enterprise": _("given up by the enterprise"),
        "guaranteed": _("guarantee issued"),
        "insured": _("insured"),
        "monitored": _("loan monitored"),
        "no-business": _("no business"),
        "error": _("asked by mistake"),
    },
    "oversight_level": {
        "too-few": _("too few to judge"),
        "fine": _("in order"),
        "warning": _("above the line for a warning"),
        "suspension": _("above the line for a suspension"),
    },
    "oversight_act": {
        "warned": _("warned"),
        "suspended": _("suspended"),
        "resumed": _("resumed"),
        "cleared": _("in order again"),
    },
}
"""Words for the codes that pages of registration and oversight show."""

TONES: dict[str, str] = {
    "matched": "good",
    "review": "warn",
    "waiting": "fair",
    "active": "good",
    "rejected": "bad",
    "match": "good",
    "mismatch": "bad",
    "cannot-be-checked": "warn",
    "too-few": "outline",
    "fine": "good",
    "warning": "warn",
    "suspension": "bad",
    "warned": "warn",
    "suspended": "bad",
    "resumed": "good",
    "cleared": "good",
}
"""The colour that goes with a state."""
