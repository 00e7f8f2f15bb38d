"""Words about authorisations and their purposes."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise | str] = {
    "authorisation-wrong-state": _(
        "This is not possible as the authorisation stands now. Load the page again to see how it stands."
    ),
    "unknown-authorisation": _("There is no such authorisation among yours. Look it up in the list."),
    "unknown-request": _("There is no such request among yours, or it is open no longer. Look at the list."),
    "unknown-purpose": _("There is no such purpose in force. Choose one from the list."),
    "beyond-bounds": _("That goes further than the purpose or the request allows. Narrow it."),
    "loan-not-named": _("This purpose is about a loan. Give its number as the reference."),
    "wrong-subject-code": _("That cannot be the code of an enterprise. Letters and digits only, mostly 18."),
    "too-many-open-requests": _(
        "Your institution has several open requests to this enterprise. Wait for an answer, or take one back."
    ),
    "clause-not-confirmed": _("Make the document again and confirm that you read what is given."),
    "draft-too-old": _(
        "The document can be signed no more: it was made too long ago, its last day is over, or the purpose has other bounds since. Make it again, then sign."
    ),
    "signature-not-accepted": _(
        "The signature proves nothing: another document, another key, or a key that does not belong to your "
        "enterprise. Sign exactly the bytes you downloaded."
    ),
    "no-trusted-roots": _(
        "This node trusts no certificate authority yet. Ask its operator, or register a key instead."
    ),
    "bad-certificate": _(
        "The certificate cannot be used: expired, not for signatures, or not issued under a trusted root."
    ),
    "bad-key": _("This key cannot be used. Take the public half of an Ed25519, P-256 or SM2 key, as PEM."),
    "wrong-second-factor": _(
        "The code is wrong, too old, or was used already. Wait for the next one and type that."
    ),
    "second-factor-locked": _("Too many wrong codes. Wait a quarter of an hour, then try again."),
    "unknown-enterprise-key": _("There is no such key among your enterprise's. Load the page again."),
    "enterprise-key-refused": _(
        "The key is not accepted: registered already, too many keys, or its possession is not proved."
    ),
    "wrong-settlement": _("Give the reference of the loan and the day it was settled, not later than today."),
    "consent-not-possible": _(
        "Nobody can be asked here: the authorisation has ended, or too many persons were asked."
    ),
    "unknown-consent": _("This link leads nowhere any more. Ask the enterprise for a new one."),
    "consent-not-proved": _("Name or code do not match. Check both."),
    "not-that-person": _(
        "The name is not the one that is asked about, or this is not that person's account."
    ),
}
"""What was refused, by the code of the error, for Chinese pages."""

ACTS: dict[str, Promise | str] = {
    "authorisation.request": _("authorisation asked for"),
    "authorisation.request.cancel": _("request for an authorisation taken back"),
    "authorisation.decline": _("authorisation declined"),
    "authorisation.prepare": _("authorisation prepared"),
    "authorisation.sign": _("authorisation signed"),
    "authorisation.second-factor": _("second factor at signing"),
    "authorisation.withdraw": _("authorisation withdrawn"),
    "authorisation.settle": _("loan settled, authorisation ends earlier"),
    "enterprise-key.register": _("signing key of an enterprise registered"),
    "enterprise-key.revoke": _("signing key of an enterprise revoked"),
    "personal-consent.ask": _("person asked for the own consent"),
    "personal-consent.identify": _("person identified for the own consent"),
    "personal-consent.answer": _("person answered about the own consent"),
}
"""What was done, by the act the ledger names."""

ACTED_ON: dict[str, Promise | str] = {
    "authorisation": _("authorisation"),
    "authorisation-request": _("request for an authorisation"),
    "enterprise-key": _("signing key of an enterprise"),
    "personal-consent": _("own consent of a person"),
}
"""What was acted on, by the kind the ledger names."""

VOCABULARIES: dict[str, dict[str, Promise | str]] = {
    "authorisation_state": {
        "draft": _("not signed"),
        "signed": _("signed, not begun"),
        "active": _("in force"),
        "exhausted": _("used up"),
        "expired": _("run out"),
        "revoked": _("withdrawn"),
        "superseded": _("replaced by a newer one"),
    },
    "request_state": {
        "open": _("waits for the enterprise"),
        "signed": _("signed"),
        "declined": _("declined"),
        "cancelled": _("taken back"),
        "lapsed": _("lapsed"),
    },
    "signing_method": {
        "platform": _("signed by the platform after a second factor"),
        "key": _("signed with a key of the enterprise"),
        "certificate": _("signed with a certificate of the enterprise"),
    },
    "person_role": {
        "legal_representative": _("legal representative"),
        "shareholder": _("shareholder"),
        "manager": _("director, supervisor or manager"),
    },
    "consent_state": {
        "asked": _("asked, no answer yet"),
        "given": _("agreed"),
        "refused": _("did not agree"),
        "withdrawn": _("agreed, then withdrew"),
    },
}
"""Words for codes, by the name templates use."""

TONES: dict[str, str] = {
    "signed": "good",
    "exhausted": "outline",
    "expired": "outline",
    "superseded": "outline",
    "declined": "bad",
    "cancelled": "outline",
    "lapsed": "outline",
    "open": "warn",
    "asked": "warn",
    "given": "good",
}
"""Colours of codes."""
