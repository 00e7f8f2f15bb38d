"""The words for codes that pages show: states, roles, outcomes, measures, statuses."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from creditmesh.web.portals.frame.vocabulary import all_together

Words = str | Promise

STATUS: dict[str, tuple[Words, Words]] = {
    "official": (_("official"), _("Taken from the official text.")),
    "reconstructed": (
        _("reconstructed"),
        _(
            "Rebuilt from public descriptions; the official annex could not be read. Not to be cited as official."
        ),
    ),
    "recalled": (_("recalled"), _("From memory of the field, not checked against a source.")),
    "default": (_("default"), _("Our own starting value, to be replaced by the owner's decision.")),
    "local": (_("local"), _("Set by this locality.")),
    "fictitious": (_("fictitious"), _("Made up for the sample region.")),
}

BATCH_STATES: dict[str, Words] = {
    "received": _("received"),
    "validated": _("checked"),
    "landing": _("being stored"),
    "landed": _("stored"),
    "refused": _("refused"),
}
RUN_STATES: dict[str, Words] = {
    "requested": _("waiting"),
    "queued": _("waiting"),
    "running": _("running"),
    "finished": _("finished"),
    "done": _("finished"),
    "failed": _("failed"),
    "abandoned": _("given up"),
}
RUN_STAGES: dict[str, Words] = {
    "waiting": _("waiting for a worker"),
    "opening": _("opening the tables"),
    "evaluating": _("evaluating every enterprise"),
    "keeping": _("keeping the result"),
    "writing": _("writing the lists"),
    "finished": _("finished"),
}
BATCH_STAGES: dict[str, Words] = {
    "waiting": _("waiting for a worker"),
    "reading": _("reading and checking every row"),
    "checked": _("every row is checked"),
    "lake": _("storing the accepted rows"),
    "index": _("making them findable"),
    "subjects": _("updating the register of enterprises"),
    "finished": _("finished"),
}
CASE_STATES: dict[str, Words] = {
    "open": _("open"),
    "tied": _("tied to an enterprise"),
    "refused": _("refused"),
}
ACTS: dict[str, Words] = {
    "access.refuse": _("access refused"),
    "batch.receive": _("file handed in"),
    "batch.continue": _("work on a batch taken up again"),
    "batch.take_refused": _("refused rows taken"),
    "batch.land": _("batch stored"),
    "batch.refuse": _("file refused"),
    "records.reindex": _("records made findable again"),
    "key.issue": _("API key made"),
    "key.revoke": _("API key revoked"),
    "membership.add": _("role given"),
    "membership.end": _("role taken away"),
    "organisation.create": _("organisation added"),
    "review.refuse": _("unclear row refused"),
    "review.tie": _("unclear row tied"),
    "run.abandon": _("run given up"),
    "run.request": _("run asked for"),
    "run.execute": _("run carried out"),
    "run.replay": _("run computed again"),
    "standing.export": _("list of enterprises exported"),
    "standing.view": _("enterprise looked at"),
    "node.establish": _("node established"),
    "node.rename": _("node renamed"),
    "people.lock_out": _("locked out after wrong passwords"),
    "people.sign_in": _("signed in"),
    "people.sign_out": _("signed out"),
    "task.give_up": _("background work given up"),
    "user.activate": _("user let in again"),
    "user.create": _("user added"),
    "user.deactivate": _("user locked out"),
    "user.password": _("password set"),
    **all_together.ACTS,
}
ACTED_ON: dict[str, Words] = {
    "api": _("API request"),
    "batch": _("batch"),
    "delivery": _("delivery"),
    "index": _("inquiry index"),
    "key": _("API key"),
    "membership": _("membership"),
    "node": _("node"),
    "organisation": _("organisation"),
    "page": _("page"),
    "review": _("unclear row"),
    "run": _("run"),
    "subject": _("enterprise"),
    "task": _("background task"),
    "user": _("user"),
    **all_together.ACTED_ON,
}
# Who acts without being a person; `audit.rules` and `parties.rules` name them so in the ledger.
NOT_PEOPLE: dict[str, Words] = {
    "command line": _("command line"),
    "worker": _("background worker"),
    "anonymous": _("somebody not signed in"),
    "supervision": _("supervision of this node"),
}
LEDGER_OUTCOMES: dict[str, Words] = {
    "allowed": _("allowed"),
    "refused": _("refused"),
    "done": _("done"),
    "failed": _("failed"),
}
OUTCOMES: dict[str, Words] = {
    "graded": _("classified"),
    "insufficient": _("insufficient data"),
    "excluded": _("outside the system"),
}
GRADES: dict[str, Words] = {
    "A": _("low risk"),
    "B": _("fairly low risk"),
    "C": _("fairly high risk"),
    "D": _("high risk"),
}
ROLES: dict[str, Words] = {
    "operator": _("platform operator"),
    "auditor": _("auditor"),
    "data_officer": _("data officer"),
    "regulator": _("regulator"),
    "system_editor": _("editor of index systems"),
    "system_approver": _("approver of index systems"),
    "supervision_officer": _("supervision officer"),
    "supervision_head": _("head of supervision"),
    "inspector": _("inspector"),
    "bank_staff": _("bank staff"),
    "guarantor_staff": _("guarantor staff"),
    "insurer_staff": _("insurer staff"),
    "enterprise_owner": _("enterprise owner"),
    "enterprise_viewer": _("enterprise viewer"),
    "enterprise_user": _("enterprise user"),
}
ORGANISATION_KINDS: dict[str, Words] = {
    "operator": _("platform operator"),
    "department": _("department"),
    "regulator": _("regulator"),
    "bank": _("bank"),
    "guarantor": _("guarantor"),
    "insurer": _("insurer"),
    "enterprise": _("enterprise"),
}
MEASURES: dict[str, Words] = {
    "accuracy": _("accuracy"),
    "completeness": _("completeness"),
    "continuity": _("continuity"),
    "timeliness": _("timeliness"),
}
MODES: dict[str, Words] = {
    "OPEN": _("open to the public"),
    "AUTH": _("with authorisation"),
    "VERIFY": _("verification only"),
    "RAW": _("raw detail"),
    "GOV": _("government use"),
}
SENSITIVITIES: dict[str, Words] = {
    "L1": _("public"),
    "L2": _("internal"),
    "L3": _("commercially sensitive"),
    "L4": _("personal, sensitive"),
}
LEVELS: dict[str, Words] = {
    "national": _("national"),
    "local": _("local level"),
    "national+local": _("national and local"),
}
UPDATES: dict[str, Words] = {
    "append": _("only added to: the same record again is a duplicate"),
    "upsert": _("a later record with the same key replaces the earlier"),
    "replace": _("each batch is the whole list and replaces the one before"),
}
CADENCES: dict[str, Words] = {
    "daily": _("every day"),
    "weekly": _("every week"),
    "monthly": _("every month"),
    "quarterly": _("every quarter"),
    "yearly": _("every year"),
    "on_request": _("on request"),
}
KINDS: dict[str, Words] = {
    "text": _("text"),
    "integer": _("whole number"),
    "money": _("amount of money"),
    "percent": _("percentage"),
    "date": _("date"),
    "boolean": _("yes or no"),
    "choice": _("one of a list"),
    "uscc": _("unified social credit code"),
    "registration_number": _("registration number"),
    "region": _("region code"),
    "industry": _("industry code"),
}

INDICATOR_STATES: dict[str, Words] = {
    "present": _("known"),
    "not_collected": _("not collected"),
    "missing": _("not stated"),
    "not_applicable": _("does not apply"),
}
DECIDED: dict[str, Words] = {
    "exclusion": _("outside the system"),
    "trigger": _("direct trigger"),
    "cap": _("cap"),
}

VOCABULARIES: dict[str, dict[str, Words]] = {
    "act": ACTS,
    "acted_on": ACTED_ON,
    "not_people": NOT_PEOPLE,
    "batch": BATCH_STATES,
    "batch_stage": BATCH_STAGES,
    "case": CASE_STATES,
    "ledger": LEDGER_OUTCOMES,
    "run": RUN_STATES,
    "run_stage": RUN_STAGES,
    "decided": DECIDED,
    "indicator_state": INDICATOR_STATES,
    "outcome": OUTCOMES,
    "grade": GRADES,
    "role": ROLES,
    "organisation": ORGANISATION_KINDS,
    "measure": MEASURES,
    "mode": MODES,
    "sensitivity": SENSITIVITIES,
    "level": LEVELS,
    "update": UPDATES,
    "cadence": CADENCES,
    "kind": KINDS,
    **all_together.VOCABULARIES,
}

TONES: dict[str, str] = {
    "landed": "good",
    "landing": "fair",
    "validated": "fair",
    "received": "fair",
    "refused": "bad",
    "finished": "good",
    "done": "good",
    "running": "fair",
    "requested": "fair",
    "queued": "fair",
    "failed": "bad",
    "abandoned": "outline",
    "allowed": "good",
    "open": "warn",
    "tied": "good",
    "official": "good",
    "reconstructed": "warn",
    "recalled": "warn",
    "default": "outline",
    "local": "outline",
    "fictitious": "warn",
    "graded": "",
    "insufficient": "warn",
    "excluded": "",
    **all_together.TONES,
}
