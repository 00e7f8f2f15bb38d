"""Words about the ledger as evidence."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise | str] = {
    "no-time-zone": _("A moment was given without its time zone. Say which zone is meant."),
    "ledger-damaged": _(
        "The tables of the ledger contradict each other; nothing was written. Verify the ledger."
    ),
    "unknown-entry": _("There is no such entry in the ledger."),
    "unknown-head": _("There is no tree head of that number."),
    "not-yet-sealed": _("No signed tree head covers this entry yet. Ask again in a few minutes."),
    "no-such-tree": _("The ledger never had these sizes. Take two sizes of its heads, the smaller first."),
    "body-expired": _("The text of this entry has expired. A proof file made before stays valid."),
    "authority-away": _("The time-stamping authority does not answer as it should. It is asked again later."),
    "authority-clock-wrong": _(
        "The time-stamping authority says another time than it is: set its clock or ours right."
    ),
    "unreadable-heads": _("This file holds no tree heads. Give heads.json, one head, or a proof file."),
    "node-key-unsafe": _("The node's key file can be read by others, or is damaged. Tell the operator."),
    "no-retention": _("The rule on how long the ledger is kept must count years or months."),
}
"""What was refused, by the code of the error, for Chinese pages."""

ACTS: dict[str, Promise | str] = {
    "node.rotate-key": _("node's key changed"),
    "ledger.stamp": _("tree head time-stamped"),
    "ledger.expire": _("old entries expired"),
    "ledger.verify": _("ledger verified"),
}
"""What was done, by the act the ledger names."""

ACTED_ON: dict[str, Promise | str] = {
    "ledger": _("ledger"),
    "tree-head": _("tree head"),
}

ALERTS: dict[str, Promise | str] = {
    "tree-head-late": _("No head was signed for two hours: look whether the background worker runs."),
    "entries-not-sealed": _("Entries have waited for their place for two hours: look at the worker's log."),
    "not-time-stamped": _(
        "The time-stamping authority gave no stamp that holds. The ledger goes on; heads are signed without one."
    ),
    "does-not-verify": _("The last verification found that the ledger was changed."),
}

FINDINGS: dict[str, Promise | str] = {
    "unreadable": _("A table of the ledger cannot be read."),
    "entry-changed": _(
        "An entry is not what the tree commits to: it was edited, or another put in its place."
    ),
    "entry-missing": _("An entry that has a place in the tree is gone, and not because it expired."),
    "place-missing": _("A place of the tree names no entry."),
    "entry-without-place": _("An entry has no place in the tree and does not wait for one."),
    "tree-changed": _("The stored hashes of the tree are not those of its leaves."),
    "head-changed": _("A signed head was edited."),
    "head-missing": _("A signed head is gone: heads are numbered without gaps."),
    "head-not-signed": _("A head is not signed by a key of this node."),
    "not-what-was-signed": _("The ledger is not what a signed head says: it was changed after signing."),
    "not-what-was-kept": _(
        "The ledger has not grown out of a head kept elsewhere: it was cut short or forked."
    ),
    "kept-not-signed": _("A kept head is not signed by a key of this node."),
    "stamp-changed": _("A time stamp is not what the ledger says of it, or does not hold."),
    "expired-too-early": _("An entry expired without, or earlier than, the ledger says."),
}

VOCABULARIES: dict[str, dict[str, Promise | str]] = {"ledger_alert": ALERTS, "ledger_finding": FINDINGS}
