"""Words about drafts, versions and trials of index systems."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise | str] = {
    "same-eyes": _("You wrote, changed or proposed this version yourself; somebody else must approve it."),
    "no-longer-open": _("This is no longer open. Load the page again to see what became of it."),
    "draft-changed-meanwhile": _(
        "Somebody else saved this draft after you opened it, so yours was not saved over it. Your text is still on"
        " this page: copy what you need, load the draft again and put it in."
    ),
    "reason-missing": _("Say why, in a sentence: it stands in the ledger for whoever asks later."),
    "validity-refused": _(
        "A version can be valid on no such days: not in the past, the end after the start, and inside the days the"
        " file itself states."
    ),
    "two-valid-at-once": _(
        "Another version is approved for later days already; two versions are never valid at once. Let this one end"
        " before it."
    ),
    "not-simulated": _(
        "There is no finished simulation of exactly this file. Simulate it as it stands, look at the result, then"
        " propose it."
    ),
    "system-not-sound": _("The draft does not load, or a case beside it does not come out. Mend it first."),
    "version-name-taken": _("Another file of this system carries the same version name. Choose another one."),
    "unknown-version": _("There is no such version. Look it up in the list of versions."),
    "unknown-draft": _("There is no such draft. Look it up in the list of drafts."),
    "draft-too-large": _("The file is too large."),
    "no-version-valid": _("No version of this system is valid on that day."),
    "unknown-trial": _("There is no such trial. Look it up in the list of trials."),
    "trial-refused": _("This cannot be tried: the day is too near, or what is looked for is not understood."),
    "trial-taken": _("Another worker has the trial, or it has ended."),
    "inputs-differ": _(
        "The draft takes other records or counts them in another way than the latest run did. Simulate it: that"
        " gathers what it needs."
    ),
    "nothing-run-yet": _(
        "No run of this system has ended, so there is nothing to score again. Simulate the draft."
    ),
    "cannot-edit-in-place": _(
        "This cannot be changed in the form any more. Load the page again, or edit the text."
    ),
}
"""What was refused, by the code of the error, for Chinese pages."""

ACTS: dict[str, Promise | str] = {
    "system.draft": _("draft of an index system made"),
    "system.edit": _("draft of an index system changed"),
    "system.discard": _("draft of an index system put away"),
    "system.propose": _("version of an index system proposed"),
    "system.withdraw": _("proposal of an index system taken back"),
    "system.approve": _("version of an index system approved"),
    "system.decline": _("version of an index system declined"),
    "system.rollback": _("going back to an earlier version proposed"),
    "trial.request": _("trial of an index system asked for"),
    "trial.execute": _("trial of an index system carried out"),
}
"""What was done, by the act the ledger names."""

ACTED_ON: dict[str, Promise | str] = {
    "system-draft": _("draft of an index system"),
    "system-version": _("version of an index system"),
    "trial": _("trial"),
}

STANDINGS: dict[str, Promise | str] = {
    "proposed": _("waits for approval"),
    "declined": _("not approved"),
    "withdrawn": _("taken back"),
    "scheduled": _("approved, not yet valid"),
    "live": _("valid now"),
    "shadow": _("runs in the shadow"),
    "retired": _("retired"),
    "open": _("being written"),
    "discarded": _("put away"),
}
TRIALS: dict[str, Promise | str] = {
    "simulation": _("Simulation"),
    "backtest": _("Back-test"),
    "shadow": _("Shadow run"),
}
STAGES: dict[str, Promise | str] = {
    "waiting": _("waits for a worker"),
    "opening": _("notes what it reads"),
    "evaluating": _("grades every enterprise"),
    "comparing": _("compares both results"),
    "weighing": _("tries every weight"),
    "finished": _("finished"),
}
KNOWN: dict[str, Promise | str] = {
    "as_known": _("The tables were read as they were known on that day."),
    "as_valid": _(
        "The lake does not go back to that day: today's records dated by then were read. Records delivered later and"
        " corrections since are in, so the result may look better than it could have been."
    ),
}
DIRECTIONS: dict[str, Promise | str] = {
    "worse": _("to a worse grade"),
    "better": _("to a better grade"),
    "other": _("in or out of the grades"),
}
BLOCKS: dict[str, Promise | str] = {
    "head": _("Name, dates, source"),
    "grade": _("Grade"),
    "triggers": _("Direct trigger"),
    "caps": _("Cap"),
    "exclusions": _("Left out"),
    "group": _("Group"),
    "sub_group": _("Sub-group"),
    "indicator": _("Indicator"),
}
CUTS: dict[str, Promise | str] = {
    "region": _("Region"),
    "industry": _("Industry"),
    "size": _("Size of the enterprise"),
    "age": _("Years since it was established"),
    "ownership": _("Ownership"),
}
CELLS: dict[str, Promise | str] = {
    "large": _("large enterprise"),
    "medium": _("medium enterprise"),
    "small": _("small enterprise"),
    "micro": _("micro enterprise"),
    "limited_company": _("limited company"),
    "joint_stock_company": _("joint-stock company"),
    "state_owned": _("state-owned"),
    "collective": _("collective"),
    "joint_stock_cooperative": _("joint-stock cooperative"),
    "sole_proprietorship": _("sole proprietorship"),
    "partnership": _("partnership"),
    "foreign_invested": _("foreign-invested"),
    "farmer_cooperative": _("farmers' cooperative"),
    "individual_business": _("individual business"),
    "branch": _("branch office"),
    "other": _("other form"),
}
UNGRADED: dict[str, Promise | str] = {
    "insufficient": _("too little data"),
    "excluded": _("left out"),
    "absent": _("not in scope"),
}
REASONS: dict[str, Promise | str] = {
    "rule": _("rule: "),
    "indicator": _("points: "),
    "cut_offs": _("other cut-offs, the same score"),
    "weights": _("other weights"),
    "scope": _("other scope or data"),
}
FIELDS: dict[str, Promise | str] = {
    "head": _("Name, dates, source"),
    "grades": _("Grades and cut-offs"),
    "rules": _("Triggers, caps, exclusions"),
    "triggers": _("direct triggers"),
    "caps": _("caps"),
    "exclusions": _("exclusions"),
    "groups": _("groups"),
    "sub_groups": _("sub-groups"),
    "indicators": _("indicators"),
    "version": _("version"),
    "label": _("name"),
    "owner": _("owner"),
    "source": _("source"),
    "effective_from": _("in force from"),
    "effective_until": _("in force until"),
    "minimum_coverage": _("least coverage (of 10000)"),
    "symbol": _("symbol"),
    "up_to": _("up to"),
    "at_least": _("at least"),
    "weight": _("weight (of 10000)"),
    "value": _("what is measured"),
    "formula": _("formula"),
    "bands": _("bands"),
    "linear": _("corners of the line"),
    "points": _("points"),
    "at": _("at"),
    "lookup": _("table"),
    "otherwise": _("anything else"),
    "boolean": _("condition"),
    "yes": _("points if yes"),
    "no": _("points if no"),
    "per_event": _("for each event"),
    "cap": _("points at most"),
    "per": _("for every"),
    "when": _("holds when"),
    "grade": _("grade"),
    "not_better_than": _("not better than"),
    "repair": _("how it is lifted"),
    "reason": _("words of the reason"),
    "improve": _("what would help"),
    "missing": _("when missing"),
    "features": _("inputs"),
    "zh": _("Chinese"),
    "en": _("English"),
}
"""Fields of an index-system file, for the form and for differences in words."""

PURPOSES: dict[str, Promise | str] = {
    "risk_classification": _("risk classification, for supervision"),
    "public_credit_evaluation": _("public credit evaluation"),
    "quality_score": _("quality of the data"),
    "merchant_rating": _("rating of merchants"),
    "bank_rating": _("rating by a bank"),
}
CARD_NUMBERS: dict[str, Promise | str] = {
    "weights": _("weights"),
    "points": _("points and bands"),
    "cut_offs": _("limits of the classes"),
    "rules": _("triggers, caps, exclusions"),
    "windows": _("windows and weighings of inputs"),
    "combination": _("combination"),
}

FILE_RULES: dict[str, Promise | str] = {
    "shape": _("This is not of the form that belongs here."),
    "shape-missing": _("Something that must be stated is missing."),
    "shape-extra-forbidden": _("A key that is not known stands here."),
    "shape-int-type": _("A whole number belongs here."),
    "shape-string-type": _("Words belong here."),
    "shape-greater-than-equal": _("The number is too small."),
    "shape-less-than-equal": _("The number is too large."),
    "shape-date-from-datetime-parsing": _("A day belongs here, such as 2026-12-31."),
    "shape-date-type": _("A day belongs here, such as 2026-12-31."),
    "shape-enum": _("Only certain words may stand here."),
    "shape-literal-error": _("Only certain words may stand here."),
    "shape-value-error": _("Two things said here do not go together."),
    "yaml-syntax": _("The text cannot be read as YAML."),
    "yaml-empty": _("The file is empty."),
    "yaml-duplicate-key": _("A key stands twice."),
    "weights": _("The weights do not sum to 10000."),
    "weights-differ": _("The weights are not those they are said to come from."),
    "bands": _("The bands leave values without points."),
    "order": _("The values must rise."),
    "points": _("The points lie outside the scale."),
    "lookup": _("Some values have no points."),
    "monotone": _("The points run the wrong way."),
    "cut-offs": _("The cut-offs leave scores without a grade."),
    "grades": _("The grades do not fit."),
    "unknown-grade": _("There is no such grade."),
    "unreachable": _("This never holds, or changes nothing."),
    "expression": _("The expression is not understood."),
    "overflow": _("The numbers could become too large."),
    "unit": _("The unit does not fit."),
    "placeholder": _("Nothing fills this place for a value."),
    "words": _("Words are missing."),
    "duplicate-id": _("An id stands twice."),
    "reserved-name": _("The name is reserved."),
    "unknown-item": _("There is no such information item."),
    "unknown-field": _("The item has no such field."),
    "unknown-choice": _("The field has no such choice."),
    "unknown-relation": _("There is no such relation."),
    "unknown-part": _("There is no such part here."),
    "unknown-system": _("There is no such index system."),
    "part-differs": _("The part is described otherwise than its own file says."),
    "cycle": _("Things refer to each other in a circle."),
    "not-total": _("Not everything has a value in this table."),
    "two-valid": _("Two files state the same system for the same days."),
    "based-on-version": _("The system this is based on has another version by now."),
    "case": _("A case cannot be read."),
    "id": _("The file must keep its id."),
}
"""What is wrong in an index-system file, by the rule it breaks, for Chinese pages; the details stand beside it."""

VOCABULARIES: dict[str, dict[str, Promise | str]] = {
    "system_purpose": PURPOSES,
    "card_numbers": CARD_NUMBERS,
    "version_standing": STANDINGS,
    "trial_kind": TRIALS,
    "trial_stage": STAGES,
    "trial_known": KNOWN,
    "move_direction": DIRECTIONS,
    "system_block": BLOCKS,
}
TONES: dict[str, str] = {
    "proposed": "warn",
    "declined": "bad",
    "scheduled": "fair",
    "live": "good",
    "shadow": "fair",
    "retired": "outline",
    "worse": "bad",
    "better": "good",
    "other": "outline",
}
