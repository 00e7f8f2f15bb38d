"""Words about grades that people move, and about results of other systems that a run takes along."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise | str] = {
    "no-run-of-part": _(
        "This system takes the results of another one along, and that has not run yet. Run it first."
    ),
    "part-differs": _(
        "This system describes another one otherwise than that ran. Bring its file in line with the other system."
    ),
    "part-not-given": _("The results of the other system are not at hand. Run that system first."),
    "not-adjustable": _("The system does not let people move a grade by so much."),
    "adjustment-expiry": _("An adjustment ends after today, and within the longest time the rules allow."),
    "adjustment-reason": _("Say why; the reason stays with the adjustment."),
    "already-adjusted": _(
        "Another adjustment of this enterprise is open or in force. See to that one first."
    ),
    "adjustment-same-eyes": _("You proposed this adjustment yourself; a colleague must decide on it."),
    "adjustment-closed": _("This adjustment was decided or ended meanwhile. Load the page again."),
    "unknown-adjustment": _("There is no such adjustment. Look it up in the list."),
    "input-not-understood": _(
        "An input cannot be read. Write digits, choose from the list, or leave it empty for none."
    ),
    "no-such-column": _("The table does not have a column that is asked for, or has it twice."),
    "cannot-learn": _("This table does not hold what is needed to learn from it."),
    "not-of-records": _("This system scores the rows of a table, not the records of a node."),
    "not-of-a-table": _("This system reads the records of a node, not the columns of a table."),
    "bad-option": _("An option of learning is not written as it should be."),
    "bad-judgement": _("The judgements or data behind these weights are not of the right shape."),
    "inconsistent-judgement": _(
        "The judgements contradict each other more than is allowed. Look at them again, or say why they stand."
    ),
    "scores-units": _("This system scores devices, not enterprises. Classify everyone instead."),
    "no-reference": _("The model card does not say how the rows lay that the system was learnt from."),
}
ACTS: dict[str, Promise | str] = {
    "adjustment.propose": _("Adjustment proposed"),
    "adjustment.approve": _("Adjustment approved"),
    "adjustment.refuse": _("Adjustment refused"),
    "adjustment.withdraw": _("Adjustment withdrawn"),
    "adjustment.open": _("Evidence of an adjustment opened"),
}
ACTED_ON: dict[str, Promise | str] = {"adjustment": _("adjustment of a grade")}
VOCABULARIES: dict[str, dict[str, Promise | str]] = {
    "adjustment_state": {
        "proposed": _("Waits for a decision"),
        "approved": _("Approved"),
        "refused": _("Refused"),
        "withdrawn": _("Withdrawn"),
    },
    "run_kind": {
        "asked": _("Everyone"),
        "monthly": _("Everyone, monthly"),
        "changes": _("Changes only"),
    },
    "whole_because": {
        "first": _("Everyone was looked at: the system had not run before."),
        "other-file": _("Everyone was looked at: the system is another version."),
        "other-program": _("Everyone was looked at: the program is another version."),
        "other-catalogue": _("Everyone was looked at: the catalogue is another version."),
        "later-day": _("Everyone was looked at: a later day had been run."),
        "units": _("Everyone was looked at: the system scores devices."),
        "newly-collected": _("Everyone was looked at: an item came for a region for the first time."),
        "too-many": _("Everyone was looked at: the changes touch too many enterprises."),
    },
}
