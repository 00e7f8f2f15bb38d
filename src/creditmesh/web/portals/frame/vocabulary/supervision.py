"""Words about inspections: items, plans, draws, visits, results."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise | str] = {
    "wrong-supervision-step": _("That step cannot follow from where this stands; load the page again."),
    "four-eyes": _("Whoever proposed or asked for this cannot decide on it: a colleague must."),
    "bad-visit-window": _(
        "The days of the visits must not end before they begin, nor lie in the past or outside the year of the plan."
    ),
    "bad-inspection-result": _(
        "The result cannot be kept as it is stated: look at the item, the day, the code and the words."
    ),
    "too-few-officers": _("The team has too few officers; find a whole team first."),
    "bad-draw-ratios": _("The ratios are not allowed: none may be 0, and none may fall as grades get worse."),
    "bad-draw-secret": _("The secret half of the seed is not of the right form."),
    "draw-commitment-broken": _(
        "The secret half does not belong to the published commitment; the draw is void."
    ),
    "frozen-changed": _(
        "Something that was frozen for this draw was changed in the database; tell the auditor."
    ),
    "bad-draw-id": _("A number in the pool is empty or holds a vertical bar."),
    "draw-pool-changed": _(
        "A pool was changed after it was committed to; give the task up and make a new one."
    ),
    "bad-pool": _("The pool has an object twice, or a grade the task does not know."),
    "bad-draw-terms": _("The terms of the draw cannot be meant; look at quota, budget and reserve."),
    "bad-draw-need": _("A team has at least two officers, and one of each department."),
    "draw-public-half-refused": _(
        "The public value is not acceptable: it must come from the source announced, be fixed after the moment announced, and not lie ahead."
    ),
    "bad-task-terms": _("The terms of the task are wrong."),
    "list-refused": _(
        "A row of the list cannot be kept, so nothing of it was. Mend the row and bring the list again."
    ),
    "no-object-pool": _("There is nobody to draw from: widen region, industry or list."),
    "plan-twice": _("There is a plan for that year already."),
    "unknown-plan": _("There is no such plan."),
    "unknown-task": _("There is no such task."),
    "unknown-visit": _("There is no such visit."),
    "unknown-draw": _("There is no such draw, or it has not come that far."),
    "unknown-result": _("There is no such result."),
    "unknown-follow-up": _("There is no such follow-up."),
    "unknown-recusal": _("There is no such open request for recusal."),
    "unknown-inspector": _("There is no such inspector in your department."),
    "unknown-special": _("There is no such key unit or exemption."),
    "unknown-check-item": _("That item is not on your department's list."),
    "unknown-object-list": _("There is no such list of objects in your department."),
    "not-in-the-team": _("That inspector is not in the team of this visit."),
    "no-reserve-left": _("Nothing is left in reserve for that grade; record the reason as the result."),
    "nobody-eligible": _("No whole team can be found, even far away; add inspectors first."),
    "result-recorded-already": _("This item has a result already; correct that one."),
}
ACTS: dict[str, Promise | str] = {
    "draw.commit": _("pools frozen, commitment of a draw published"),
    "draw.conduct": _("objects and inspectors drawn"),
    "draw.open-tickets": _("tickets of a draw opened"),
    "supervision.disclose": _("inspection results published"),
    "supervision.withhold": _("inspection result kept back"),
    "supervision.done": _("inspection task completed"),
    "supervision.join": _("visits of departments joined"),
    "supervision.send": _("teams sent"),
    "supervision.staff": _("team found anew"),
    "supervision.substitute": _("object replaced by one in reserve"),
    "supervision.task.draft": _("inspection task drafted"),
    "supervision.task.abandon": _("inspection task given up"),
    "supervision.result": _("inspection result recorded"),
    "supervision.correct": _("inspection result corrected"),
    "supervision.follow-up": _("follow-up begun"),
    "supervision.settle": _("follow-up settled"),
    "supervision.recusal.ask": _("recusal asked for"),
    "supervision.recusal.granted": _("recusal granted"),
    "supervision.recusal.refused": _("recusal refused"),
    "supervision.plan.draft": _("inspection plan begun"),
    "supervision.plan.batch": _("batch added to an inspection plan"),
    "supervision.plan.propose": _("inspection plan proposed"),
    "supervision.plan.approve": _("inspection plan approved"),
    "supervision.plan.return": _("inspection plan returned"),
    "supervision.plan.file": _("inspection plan filed"),
    "supervision.items.keep": _("list of check items kept"),
    "supervision.objects.keep": _("list of objects kept"),
    "supervision.object.key": _("key unit marked"),
    "supervision.object.exempt": _("object exempted until a day"),
    "supervision.object.unmark": _("mark of an object ended"),
    "supervision.inspectors.keep": _("inspector pool kept"),
    "supervision.inspector.state": _("state of an inspector changed"),
    "supervision.inspector.declare": _("tie of an inspector declared"),
}
ACTED_ON: dict[str, Promise | str] = {
    "inspector": _("inspector"),
    "inspectors": _("inspector pool"),
    "object": _("object of inspection"),
    "visit": _("visit"),
    "supervision-task": _("inspection task"),
    "supervision-plan": _("inspection plan"),
    "inspection-result": _("inspection result"),
    "follow-up": _("follow-up"),
    "check-items": _("check items"),
    "object-list": _("list of objects"),
}
VOCABULARIES: dict[str, dict[str, Promise | str]] = {
    "inspection_result": {
        "1": _("No problem found"),
        "2": _("Required publicity missing"),
        "3": _("Published information concealed or false"),
        "4": _("Cannot be contacted at the registered address"),
        "5": _("Problem found, correction ordered"),
        "6": _("Refuses the inspection, serious"),
        "7": _("The inspected activity is not carried on"),
        "8": _("Problem found, to be handled"),
    },
    "task_state": {
        "draft": _("Draft"),
        "committed": _("Commitment published"),
        "drawn": _("Drawn"),
        "assigned": _("Inspections under way"),
        "done": _("Completed"),
        "abandoned": _("Given up"),
    },
    "visit_state": {
        "planned": _("Planned"),
        "unstaffed": _("No team found"),
        "done": _("Inspected"),
        "replaced": _("Replaced"),
    },
    "plan_state": {
        "draft": _("Draft"),
        "proposed": _("Waits for approval"),
        "approved": _("Approved"),
    },
    "left_out": {
        "out_of_scope": _("Out of scope"),
        "exempt": _("Exempt until a day"),
        "cool_down": _("Inspected a short while ago"),
        "visits": _("Inspected often enough this year"),
    },
    "follow_up": {
        "abnormal_listing": _("Listing as abnormal"),
        "case_filing": _("Case filed"),
        "rectification": _("Correction ordered"),
        "transfer": _("Transfer to another department"),
    },
    "substitution": {
        "deregistered": _("Deregistered"),
        "moved": _("Moved away"),
        "not_in_business": _("Not in business"),
        "double": _("The same object under another number"),
    },
    "item_kind": {
        "general": _("General"),
        "key": _("Priority"),
    },
    "object_kind": {
        "enterprise": _("Enterprises"),
        "device": _("Devices"),
        "product": _("Products"),
        "project": _("Projects"),
        "act": _("Acts"),
    },
    "check_method": {
        "on_site": _("On site"),
        "documents": _("By documents"),
        "online": _("Online"),
        "entrusted": _("By an entrusted institution"),
    },
    "duty": {
        "officer": _("Officer"),
        "expert": _("Expert"),
    },
    "team_role": {
        "lead": _("leads"),
        "assistant": _("assists"),
        "expert": _("expert"),
    },
    "inspector_state": {
        "active": _("Can be drawn"),
        "away": _("Away"),
        "left": _("Left"),
    },
    "tie": {
        "relative": _("Relative"),
        "shareholder": _("Shareholder"),
        "employee": _("Employee, now or before"),
        "declared": _("Another interest"),
    },
    "recusal_reason": {
        "relative": _("Relative"),
        "shareholder": _("Shareholder"),
        "employee": _("Employee, now or before"),
        "declared": _("Another interest"),
        "same_as_last_time": _("Inspected there the last time"),
        "granted": _("Recusal granted"),
    },
    "recusal_state": {
        "open": _("Waits for a decision"),
        "granted": _("Granted"),
        "refused": _("Refused"),
    },
    "follow_up_state": {
        "open": _("Open"),
        "settled": _("Settled"),
    },
    "supervision_late": {
        "visit": _("Visit overdue"),
        "disclosure": _("Publication overdue"),
        "follow_up": _("Follow-up overdue"),
        "filing": _("Filing of the plan overdue"),
        "unattended": _("Finding without follow-up"),
    },
}
TONES: dict[str, str] = {
    "drawn": "fair",
    "committed": "warn",
    "assigned": "fair",
    "planned": "fair",
    "unstaffed": "bad",
    "replaced": "outline",
    "proposed": "warn",
    "approved": "good",
    "settled": "good",
    "granted": "good",
}
