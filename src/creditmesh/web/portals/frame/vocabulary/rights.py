"""Words about objections, corrections and credit repair."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise | str] = {
    "unknown-objection": _("There is no such objection among those you may see. Look at the list."),
    "unknown-repair": _("There is no such application among those you may see. Look at the list."),
    "unknown-appeal": _("There is no such question among those you can answer. Look at the list."),
    "unknown-case-of-rights": _("There is no such case among those you may see. Look at the list."),
    "unknown-duty-notice": _("There is no such notice for your department. Look at the list."),
    "unknown-record": _("There is no such record of your enterprise. Open it from the page of your record."),
    "wrong-step": _("This step is not possible as the case stands now. Load the page again."),
    "no-extension": _(
        "The rules of this place allow no extension, it was used, or the last day has passed. Decide now."
    ),
    "no-pause": _("The rules of this place do not stop the clock for this, or it stands still already."),
    "same-person": _("A review is made by another person than the decision. Ask a colleague to take it."),
    "outcome-not-possible": _(
        "This outcome is not possible for records of this item. Load the page again and choose one it offers."
    ),
    "already-contested": _("This record is contested already. Follow that objection in your cases."),
    "already-applied": _("An application for this record is under way. Follow that one in your cases."),
    "already-asked": _("A person was asked about this already. Wait for the answer."),
    "answered-before": _("This question was answered already. Load the page again."),
    "too-late": _("The days to ask for a review have passed. Raise a new objection with new evidence."),
    "nothing-to-correct": _(
        "Nothing is changed, or something that identifies the record is. Enter what the record should say; a "
        "record that is about somebody else is deleted instead."
    ),
    "not-repairable": _(
        "This record is not publicised for a time, so there is nothing to repair. Object if it is wrong."
    ),
    "conditions-unmet": _(
        "A condition is not met yet: shortest publicity, duties, commitment, or another law excludes the repair. "
        "Refuse with the reason, or wait."
    ),
    "too-many-files": _("A case takes at most six files. Put several pages into one PDF."),
    "no-choice": _("Choose one of the possibilities."),
    "clock-rule": _(
        "A rule of the clock cannot be read. Tell the operator of the node to mend the rule pack."
    ),
}
"""What was refused, by the code of the error, for Chinese pages."""

ACTS: dict[str, Promise | str] = {
    "objection.received": _("objection received"),
    "objection.marked": _("record marked as contested"),
    "objection.own_check": _("objection taken up"),
    "objection.forwarded": _("objection forwarded"),
    "objection.answered": _("objection answered by the department"),
    "objection.decided": _("objection decided"),
    "objection.notified": _("decision told to the enterprise"),
    "objection.review_requested": _("review asked for"),
    "objection.reviewed": _("decision reviewed"),
    "objection.closed": _("objection closed"),
    "objection.paused": _("clock of an objection stopped"),
    "objection.resumed": _("clock of an objection going on"),
    "objection.extended": _("clock of an objection extended"),
    "objection.overdue": _("day of an objection missed"),
    "objection.corrected": _("correction carried into the records"),
    "objection.corrected_again": _("correction handed in again"),
    "objection.correction_refused": _("correction refused by the checks"),
    "objection.source_repeats": _("source delivered once more what was corrected"),
    "objection.source_replaced": _("corrected record replaced by its source"),
    "objection.source_dropped": _("corrected record left the list of its source"),
    "objection.source_agrees": _("source put right what was corrected"),
    "record.mark": _("record marked"),
    "record.unmark": _("mark taken off a record"),
    "record.tell_holder": _("holder of a stale record told"),
    "repair.apply": _("repair applied for"),
    "repair.withdraw": _("application for repair withdrawn"),
    "repair.accept": _("application for repair accepted"),
    "repair.grant": _("repair granted"),
    "repair.refuse": _("repair refused"),
    "repair.end_publicity": _("publicity ended by itself"),
    "repair.overdue": _("day of a repair missed"),
    "appeal.ask": _("person asked"),
    "appeal.answer": _("person answered"),
    "appeal.overdue": _("day of a question missed"),
    "notice.acknowledge": _("notice read"),
    "document.attach": _("file added to a case"),
    "document.expire": _("file of a case deleted after its keeping"),
    "document.open": _("file of a case opened"),
}
"""What was done, by the act the ledger names."""

ACTED_ON: dict[str, Promise | str] = {
    "record": _("record"),
    "objection": _("objection"),
    "repair": _("application for repair"),
    "appeal": _("question to a person"),
    "document": _("file of a case"),
}

_STATES: dict[str, Promise | str] = {
    "received": _("received"),
    "marked": _("marked as contested"),
    "own_check": _("being checked"),
    "forwarded": _("with the department"),
    "decided": _("decided"),
    "notified": _("enterprise told"),
    "review_requested": _("review asked for"),
    "reviewed": _("reviewed"),
    "closed": _("closed"),
}

VOCABULARIES: dict[str, dict[str, Promise | str]] = {
    "objection_state": _STATES,
    "objection_step": {
        **_STATES,
        "answered": _("the department answered"),
        "paused": _("the clock stands still"),
        "resumed": _("the clock goes on"),
        "extended": _("extended"),
        "overdue": _("a day was missed"),
        "corrected": _("the corrected record stands"),
        "corrected_again": _("the correction was handed in again"),
        "correction_refused": _("the correction did not pass the checks"),
        "source_repeats": _("the source delivered once more what was corrected; the correction stands"),
        "source_replaced": _("the source delivered the record anew, which counts instead of the correction"),
        "source_dropped": _("the source took the record off its list"),
        "source_agrees": _("the source put its own record right"),
    },
    "objection_outcome": {
        "correct": _("corrected"),
        "supplement": _("supplemented"),
        "delete": _("deleted"),
        "stop_disclosure": _("not shown any more"),
        "remove_from_list": _("removed from the list"),
        "reject": _("rejected with reason"),
        "unconfirmed": _("cannot be confirmed"),
    },
    "objection_effect": {
        "correct": _("the record gets a new version"),
        "supplement": _("what is missing is added in a new version"),
        "delete": _("neither shown nor used any more"),
        "stop_disclosure": _("neither shown nor used any more"),
        "remove_from_list": _("neither shown nor used any more"),
        "reject": _("the mark is taken off"),
        "unconfirmed": _("both statements are kept, the mark stays"),
    },
    "ground": {
        "wrong": _("The content is wrong"),
        "not_ours": _("It is about somebody else"),
        "incomplete": _("Something is missing"),
        "outdated": _("It is out of date"),
        "annulled": _("The decision behind it was annulled"),
        "other": _("Something else"),
    },
    "cause": {
        "test": _("a test"),
        "appraisal": _("an appraisal"),
        "evaluation": _("an expert evaluation"),
        "hearing": _("a hearing"),
    },
    "repair_state": {
        "received": _("received"),
        "accepted": _("being handled"),
        "granted": _("repaired"),
        "refused": _("refused"),
        "withdrawn": _("withdrawn"),
    },
    "seriousness": {"minor": _("minor"), "general": _("general"), "serious": _("serious")},
    "appeal_state": {"open": _("waits for an answer"), "answered": _("answered")},
    "appeal_about": {
        "evaluation": _("public credit evaluation"),
        "refusal": _("automatic refusal"),
        "repair": _("refused repair"),
    },
    "appeal_answer": {
        "stands": _("the result stands"),
        "changed": _("the result is changed"),
        "data_wrong": _("a record behind it must be corrected first"),
    },
    "case_kind": {
        "objection": _("objection"),
        "repair": _("repair"),
        "appeal": _("question to a person"),
    },
    "side": {
        "enterprise": _("the enterprise"),
        "department": _("the department"),
        "operator": _("the operator"),
    },
    "day_unit": {
        "working_day": _("working days"),
        "calendar_day": _("calendar days"),
        "month": _("months"),
        "year": _("years"),
    },
}
TONES: dict[str, str] = {
    "marked": "warn",
    "own_check": "fair",
    "forwarded": "fair",
    "decided": "good",
    "notified": "good",
    "review_requested": "warn",
    "closed": "outline",
    "accepted": "fair",
    "granted": "good",
    "withdrawn": "outline",
    "disputed": "warn",
    "suspended": "warn",
    "stopped": "outline",
    "correct": "good",
    "supplement": "good",
    "delete": "good",
    "stop_disclosure": "good",
    "remove_from_list": "good",
    "reject": "outline",
    "unconfirmed": "warn",
}
