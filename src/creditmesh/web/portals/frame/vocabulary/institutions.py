"""Words about institutions: their programs, keys, limits and notices."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise | str] = {
    "not-admitted": _("Your organisation is not admitted as an institution. Ask the operator of the node."),
    "institution-suspended": _(
        "Your institution is suspended. Nothing is answered until the operator of the node resumes it."
    ),
    "unknown-institution": _("There is no such institution. Admit it first."),
    "unknown-program": _("Your institution has no such program. Look it up in the list of programs."),
    "unknown-signing-key": _("Your institution has no such key. Look it up in the list of keys."),
    "unknown-notice": _("Your institution has no such notice. Look it up in the list of notices."),
    "wrong-kind": _("Only banks, guarantors and insurers are admitted as institutions."),
    "admitted-already": _("This organisation is admitted already. Change its limits instead."),
    "bad-limit": _("A limit is a whole number from 1 up. To stop everything, suspend the institution."),
    "too-many-programs": _("Your institution has as many programs as it may. End one first."),
    "no-scope": _("Choose at least one thing the program may do."),
    "too-many-keys": _("The program has two keys already. Revoke the old one first."),
    "key-known": _("This key was registered before. Make a new pair, keys are not taken up again."),
    "not-proven": _(
        "The signature does not fit the key. Sign exactly the text, without a line end, with the private "
        "half of this key, and send the signature in Base64."
    ),
    "key-not-waiting": _("This key waits for nothing. It is in force, revoked, or its registration lapsed."),
    "same-person": _(
        "A second person of your institution confirms the key, or a signature over the text proves it."
    ),
    "not-a-sandbox": _("This code belongs to another organisation. Choose another one for the sandbox."),
    "program-ended": _("The program has ended. Make a new one."),
    "bad-key": _(
        "This is no public key that can be used. Send the public half of an Ed25519, P-256 or SM2 key."
    ),
    "bad-callback": _(
        "The address begins with https://, has a host name, at most 500 letters, no user name and no part "
        "after #."
    ),
    "address-refused": _(
        "This name leads to a private or reserved address. Notices are sent to public addresses only, or to "
        "networks the operator of the node has named."
    ),
    "too-many-requests": _(
        "Your institution has asked as much as it may for now. Try again later, or ask the operator of the "
        "node for a higher limit."
    ),
    "token-refused": _(
        "Send a token that is in force. Get one at /oauth/token with the program's id and secret."
    ),
    "scope-missing": _(
        "The token does not allow this. Ask for the scope when getting the token, or give the program that "
        "scope."
    ),
    "body-too-large": _("The request is too large. Send less at once."),
    "signing-key-ended": _("The signing key was revoked or the program ended. Sign with a key in force."),
    "signature-replayed": _("This nonce was used before. Send each request with a new nonce, signed anew."),
    "signature-nonce-too-short": _("The nonce is too short. Take 16 random characters or more."),
    "signature-missing": _("The request is not signed. Send Signature-Input and Signature (RFC 9421)."),
    "signature-malformed": _(
        "The fields of the signature cannot be read. One signature, in canonical form, one line each."
    ),
    "signature-incomplete": _(
        "The signature does not cover all it must: method, address, Content-Digest of the body, Authorization, "
        "with created, expires, nonce, keyid and tag."
    ),
    "signature-unknown-key": _(
        "The program has no such key in force. Register it, or sign with the one that is."
    ),
    "signature-algorithm": _("The signature names another algorithm than its key has."),
    "signature-too-old": _("The signature is too old. Sign anew, and set the clock if it is wrong."),
    "signature-from-the-future": _("The signature is from the future. Set the clock."),
    "signature-expired": _("The signature has expired. Sign anew."),
    "signature-bad-digest": _("The digest does not fit the body. Digest exactly the bytes that are sent."),
    "signature-refused": _("The signature does not fit. Sign exactly what is sent, with the key named."),
    "signature-bad-signature": _(
        "The signature does not fit. Sign exactly what is sent, with the key named."
    ),
}
"""What was refused, by the code of the error, for Chinese pages."""

ACTS: dict[str, Promise | str] = {
    "institution.admit": _("institution admitted"),
    "institution.limit": _("limits of an institution changed"),
    "institution.suspend": _("institution suspended"),
    "institution.resume": _("institution resumed"),
    "institution.callback": _("address for notices changed"),
    "program.create": _("program made"),
    "program.renew": _("program given a new secret"),
    "program.end": _("program ended"),
    "token.refuse": _("token refused"),
    "signing_key.register": _("signing key registered"),
    "signing_key.prove": _("signing key proven"),
    "signing_key.confirm": _("signing key confirmed by a second person"),
    "signing_key.revoke": _("signing key revoked"),
    "notice.give_up": _("notice could not be delivered"),
    "sandbox.create": _("sandbox made"),
}
"""What was done, by the act the ledger names."""

ACTED_ON: dict[str, Promise | str] = {
    "institution": _("institution"),
    "program": _("program"),
    "signing_key": _("signing key"),
    "notice": _("notice"),
}
SCOPES: dict[str, Promise | str] = {
    "inquire": _("inquire"),
    "verify": _("verify claims"),
    "raw": _("raw detail"),
    "batch": _("inquire in batches"),
    "authorisations": _("ask for authorisations"),
    "outcomes": _("declare outcomes"),
    "reports": _("take reports"),
}
MEASURED: dict[str, Promise | str] = {
    "requests": _("Requests this minute"),
    "inquiries": _("Inquiries today"),
    "raw": _("For raw detail today"),
}
KEY_STATES: dict[str, Promise | str] = {
    "waiting": _("waits to be confirmed"),
    "active": _("in force"),
    "revoked": _("revoked"),
}
STATES: dict[str, Promise | str] = {"active": _("active"), "suspended": _("suspended")}
DELIVERIES: dict[str, Promise | str] = {
    "inbox": _("inbox only"),
    "waiting": _("being sent"),
    "delivered": _("delivered"),
    "dead": _("not delivered"),
}
NOTICES: dict[str, Promise | str] = {
    "institution.suspended": _("your institution was suspended"),
    "institution.resumed": _("your institution may ask again"),
    "record.corrected": _("a record you received was corrected"),
    "oversight.warned": _("too many inquiries have nothing behind them"),
    "record.stopped": _("a record you received is no longer shared"),
    "report.revoked": _("a credit report issued to you was revoked"),
    "record.restored": _("a record you received stands again as it was"),
    "record.disputed": _("a record you received is disputed"),
    "authorisation.signed": _("an authorisation was signed"),
    "authorisation.declined": _("an authorisation was declined"),
    "authorisation.withdrawn": _("an authorisation was withdrawn"),
    "authorisation.expired": _("an authorisation ended"),
    "outcome.missing": _("inquiries without an outcome"),
    "sandbox.ready": _("your sandbox is ready"),
}
"""What a notice tells; a kind without words is shown as it is."""
ABOUT: dict[str, Promise | str] = {
    "why": _("why"),
    "subject": _("enterprise"),
    "authorisation": _("authorisation"),
    "inquiry": _("inquiry"),
    "inquiries": _("inquiries"),
    "request": _("request"),
    "purpose": _("purpose"),
    "reference": _("reference"),
    "client": _("program"),
    "judged": _("inquiries judged"),
    "nothing_behind": _("with nothing behind them"),
    "share_bp": _("share, in hundredths of a percent"),
    "suspended_from_bp": _("suspended from, in hundredths of a percent"),
    "days_left": _("days left"),
    "item": _("item"),
    "key": _("record"),
    "since": _("since"),
    "case": _("case"),
}
"""What a notice is about, by the name of the fact."""

VOCABULARIES: dict[str, dict[str, Promise | str]] = {
    "scope": SCOPES,
    "measured": MEASURED,
    "key_state": KEY_STATES,
    "institution_state": STATES,
    "notice": NOTICES,
    "notice_about": ABOUT,
    "notice_delivery": DELIVERIES,
}
TONES: dict[str, str] = {
    "active": "good",
    "waiting": "warn",
    "revoked": "outline",
    "suspended": "bad",
    "inbox": "outline",
    "delivered": "good",
    "dead": "bad",
}
