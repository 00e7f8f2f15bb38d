"""Who may do what: organisations, roles, permissions, and the one table that joins them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache

from creditmesh.apps.ground.audit.rules import Who
from creditmesh.kernel.errors import CreditmeshError


class OrganisationKind(StrEnum):
    """What an organisation is to the platform."""

    OPERATOR = "operator"
    DEPARTMENT = "department"
    REGULATOR = "regulator"
    BANK = "bank"
    GUARANTOR = "guarantor"
    INSURER = "insurer"
    ENTERPRISE = "enterprise"


class Role(StrEnum):
    """What a person does for an organisation."""

    OPERATOR = "operator"
    AUDITOR = "auditor"
    DATA_OFFICER = "data_officer"
    REGULATOR = "regulator"
    SYSTEM_EDITOR = "system_editor"  # writes index systems and proposes them
    SYSTEM_APPROVER = "system_approver"  # approves what others wrote
    SUPERVISION_OFFICER = "supervision_officer"  # plans inspections, conducts draws, publishes
    SUPERVISION_HEAD = "supervision_head"  # approves plans, decides on recusals
    INSPECTOR = "inspector"  # goes there, and says what was found
    BANK_STAFF = "bank_staff"
    GUARANTOR_STAFF = "guarantor_staff"
    INSURER_STAFF = "insurer_staff"
    ENTERPRISE_OWNER = "enterprise_owner"  # legal representative or proven agent: signs, withdraws, admits
    ENTERPRISE_USER = "enterprise_user"  # prepares, objects, withdraws; does not sign
    ENTERPRISE_VIEWER = "enterprise_viewer"  # reads


class Permission(StrEnum):
    """One thing a person may do or see."""

    SEE_CATALOGUE = "see_catalogue"  # sharing lists, items, fields; Excel templates
    SEE_SYSTEMS = "see_systems"  # index systems: groups, indicators, sources of every number
    EDIT_SYSTEMS = "edit_systems"  # drafts of index systems, simulations, proposals
    APPROVE_SYSTEMS = "approve_systems"  # decide on proposals of others
    SEE_TRIALS = "see_trials"  # drafts, versions, and what simulations and back-tests found
    SEARCH_SUBJECTS = "search_subjects"  # the register of enterprises: code, name, region, industry
    SEE_RECORDS = "see_records"  # what is held on one enterprise
    DELIVER = "deliver"  # hand in batches for the sources of one's own organisation
    DELIVER_FOR_ANY = "deliver_for_any"  # hand in batches for every source
    SEE_BATCHES = "see_batches"  # batches, refused rows and quality of one's own sources
    SEE_ALL_BATCHES = "see_all_batches"  # batches, refused rows and quality of every source
    DECIDE_REVIEWS = "decide_reviews"  # say which enterprise an unclear row is about
    REINDEX = "reindex"  # rebuild the inquiry index from the lake
    SEE_RISK_CLASSES = "see_risk_classes"  # grades, scores, reasons, lists, distribution, exports
    PROPOSE_ADJUSTMENTS = "propose_adjustments"  # move a grade by hand, with evidence; end such a move
    DECIDE_ADJUSTMENTS = "decide_adjustments"  # approve or refuse what a colleague proposed
    REQUEST_RUNS = "request_runs"  # classify now; states of runs, without any grade
    MANAGE_PEOPLE = "manage_people"  # organisations, users, memberships
    MANAGE_KEYS = "manage_keys"  # one's own API keys
    SEE_LEDGER = "see_ledger"  # who did what and why
    SEE_TREE_HEADS = "see_tree_heads"  # what the node signed about its ledger, and that it only grew
    SEE_NODE = "see_node"  # the node's state: versions, background work
    SEE_API_DOCS = "see_api_docs"  # the page that documents the API
    # -- institutions: banks, guarantors, insurers --
    INQUIRE = "inquire"  # ask about an enterprise: open, authorised, verification, raw detail
    REQUEST_AUTHORISATIONS = "request_authorisations"  # ask an enterprise for an authorisation
    SEE_OWN_INQUIRIES = "see_own_inquiries"  # what one's institution asked, and what it got
    DECLARE_OUTCOMES = "declare_outcomes"  # say what followed an inquiry
    MANAGE_OWN_CLIENTS = "manage_own_clients"  # programs and signing keys of one's institution
    SEE_NOTICES = "see_notices"  # news for one's institution: corrected, withdrawn, suspended
    # -- enterprises --
    SEE_OWN_RECORD = "see_own_record"  # everything held on one's enterprise, and its evaluation
    SEE_WHO_ASKED = "see_who_asked"  # inquiries about one's enterprise, with proofs
    SEE_OWN_AUTHORISATIONS = "see_own_authorisations"  # requests and authorisations of one's enterprise
    PREPARE_AUTHORISATIONS = "prepare_authorisations"  # draft and decline for one's enterprise
    SIGN_AUTHORISATIONS = "sign_authorisations"  # sign for one's enterprise, with a second factor or a key
    WITHDRAW_AUTHORISATIONS = "withdraw_authorisations"  # end an authorisation of one's enterprise at once
    OBJECT = "object"  # contest a record or a result, ask for repair, ask for a person
    MANAGE_OWN_PEOPLE = "manage_own_people"  # who else acts for one's enterprise, and in which role
    # -- the public side --
    INQUIRE_FOR_DUTY = "inquire_for_duty"  # departments for their duties, with legal basis (mode GOV)
    REVIEW_CLAIMS = "review_claims"  # decide who may act for an enterprise
    MANAGE_INSTITUTIONS = "manage_institutions"  # admit, limit, suspend institutions
    HANDLE_OBJECTIONS = "handle_objections"  # receive, forward, decide objections and repairs
    ANSWER_OBJECTIONS = "answer_objections"  # answer what was forwarded to one's own sources
    SEE_OVERSIGHT = "see_oversight"  # inquiries with nothing behind them, by institution and user
    SEE_EVALUATIONS = "see_evaluations"  # public credit evaluations of all enterprises
    # -- inspections --
    SEE_SUPERVISION = "see_supervision"  # plans, tasks, teams, results, deadlines
    SUPERVISION_PLAN = "supervision_plan"  # items, pools, plans and tasks
    SUPERVISION_APPROVE = "supervision_approve"  # plans of others; recusals
    SUPERVISION_DRAW = "supervision_draw"  # commit to a draw, conduct it, replace what cannot be inspected
    SUPERVISION_INSPECT = "supervision_inspect"  # one's own visits and what was found there
    SUPERVISION_DISCLOSE = "supervision_disclose"  # publish results, and what follows from them
    SUPERVISION_AUDIT = "supervision_audit"  # open the tickets of a draw and compute it again


_R = Role
_INSTITUTIONS = frozenset({_R.BANK_STAFF, _R.GUARANTOR_STAFF, _R.INSURER_STAFF})
_PUBLIC_SIDE = frozenset({_R.OPERATOR, _R.AUDITOR, _R.DATA_OFFICER, _R.REGULATOR})
_SYSTEMS = frozenset({_R.SYSTEM_EDITOR, _R.SYSTEM_APPROVER})
_SUPERVISION = frozenset({_R.SUPERVISION_OFFICER, _R.SUPERVISION_HEAD})
_ENTERPRISE = frozenset({_R.ENTERPRISE_OWNER, _R.ENTERPRISE_USER, _R.ENTERPRISE_VIEWER})
_ENTERPRISE_ACTIVE = frozenset({_R.ENTERPRISE_OWNER, _R.ENTERPRISE_USER})

GRANTS: dict[Permission, frozenset[Role]] = {
    Permission.SEE_SUPERVISION: _SUPERVISION | {_R.REGULATOR, _R.AUDITOR},
    Permission.SUPERVISION_PLAN: frozenset({_R.SUPERVISION_OFFICER}),
    Permission.SUPERVISION_APPROVE: frozenset({_R.SUPERVISION_HEAD}),
    Permission.SUPERVISION_DRAW: _SUPERVISION,
    Permission.SUPERVISION_INSPECT: frozenset({_R.INSPECTOR}),
    Permission.SUPERVISION_DISCLOSE: _SUPERVISION,
    Permission.SUPERVISION_AUDIT: frozenset({_R.AUDITOR}),
    Permission.SEE_CATALOGUE: _PUBLIC_SIDE | _INSTITUTIONS | _ENTERPRISE | _SYSTEMS,
    Permission.SEE_SYSTEMS: _PUBLIC_SIDE | _SYSTEMS,
    Permission.EDIT_SYSTEMS: frozenset({_R.SYSTEM_EDITOR}),
    Permission.APPROVE_SYSTEMS: frozenset({_R.SYSTEM_APPROVER}),
    Permission.SEE_TRIALS: _SYSTEMS,
    Permission.SEARCH_SUBJECTS: frozenset({_R.OPERATOR, _R.REGULATOR}),
    Permission.SEE_RECORDS: frozenset({_R.REGULATOR}),
    Permission.DELIVER: frozenset({_R.DATA_OFFICER, _R.OPERATOR}),
    Permission.DELIVER_FOR_ANY: frozenset({_R.OPERATOR}),
    Permission.SEE_BATCHES: frozenset({_R.DATA_OFFICER, _R.OPERATOR, _R.AUDITOR}),
    Permission.SEE_ALL_BATCHES: frozenset({_R.OPERATOR, _R.AUDITOR}),
    Permission.DECIDE_REVIEWS: frozenset({_R.OPERATOR}),
    Permission.REINDEX: frozenset({_R.OPERATOR}),
    # The risk class is for supervision only: never public, never to banks, not even to the operator.
    # Source: domain.md section 2 (the 2022 opinions on classification); design.md section 1, point 4.
    # Who writes or approves index systems works for the regulator and has to see whom a change would hit.
    Permission.SEE_RISK_CLASSES: frozenset({_R.REGULATOR}) | _SYSTEMS,
    Permission.PROPOSE_ADJUSTMENTS: frozenset({_R.REGULATOR}),
    Permission.DECIDE_ADJUSTMENTS: frozenset({_R.REGULATOR}),
    Permission.REQUEST_RUNS: frozenset({_R.OPERATOR, _R.REGULATOR}),
    Permission.MANAGE_PEOPLE: frozenset({_R.OPERATOR}),
    Permission.MANAGE_KEYS: _PUBLIC_SIDE | _INSTITUTIONS | _ENTERPRISE | _SYSTEMS | _SUPERVISION,
    Permission.SEE_LEDGER: frozenset({_R.OPERATOR, _R.AUDITOR}),
    Permission.SEE_TREE_HEADS: frozenset(Role),
    Permission.SEE_NODE: frozenset({_R.OPERATOR, _R.AUDITOR}),
    Permission.SEE_API_DOCS: _PUBLIC_SIDE | _INSTITUTIONS,
    Permission.INQUIRE: _INSTITUTIONS,
    Permission.REQUEST_AUTHORISATIONS: _INSTITUTIONS,
    Permission.SEE_OWN_INQUIRIES: _INSTITUTIONS,
    Permission.DECLARE_OUTCOMES: _INSTITUTIONS,
    Permission.MANAGE_OWN_CLIENTS: _INSTITUTIONS,
    Permission.SEE_NOTICES: _INSTITUTIONS,
    Permission.SEE_OWN_RECORD: _ENTERPRISE,
    Permission.SEE_WHO_ASKED: _ENTERPRISE,
    Permission.SEE_OWN_AUTHORISATIONS: _ENTERPRISE,
    Permission.PREPARE_AUTHORISATIONS: _ENTERPRISE_ACTIVE,
    Permission.SIGN_AUTHORISATIONS: frozenset({_R.ENTERPRISE_OWNER}),
    Permission.WITHDRAW_AUTHORISATIONS: _ENTERPRISE_ACTIVE,
    Permission.OBJECT: _ENTERPRISE_ACTIVE,
    Permission.MANAGE_OWN_PEOPLE: frozenset({_R.ENTERPRISE_OWNER}),
    Permission.INQUIRE_FOR_DUTY: frozenset({_R.DATA_OFFICER, _R.REGULATOR}),
    Permission.REVIEW_CLAIMS: frozenset({_R.OPERATOR}),
    Permission.MANAGE_INSTITUTIONS: frozenset({_R.OPERATOR}),
    Permission.HANDLE_OBJECTIONS: frozenset({_R.OPERATOR}),
    Permission.ANSWER_OBJECTIONS: frozenset({_R.DATA_OFFICER}),
    Permission.SEE_OVERSIGHT: frozenset({_R.OPERATOR, _R.AUDITOR}),
    Permission.SEE_EVALUATIONS: frozenset({_R.REGULATOR}) | _SYSTEMS,
}
"""Which roles hold a permission. This is the only place that says so; a permission missing here is a bug."""

ROLES_OF: dict[OrganisationKind, frozenset[Role]] = {
    OrganisationKind.OPERATOR: frozenset({_R.OPERATOR, _R.AUDITOR}),
    OrganisationKind.DEPARTMENT: frozenset({_R.DATA_OFFICER, _R.INSPECTOR}),
    OrganisationKind.REGULATOR: frozenset({_R.REGULATOR, _R.DATA_OFFICER, _R.INSPECTOR})
    | _SYSTEMS
    | _SUPERVISION,
    OrganisationKind.BANK: frozenset({_R.BANK_STAFF}),
    OrganisationKind.GUARANTOR: frozenset({_R.GUARANTOR_STAFF}),
    OrganisationKind.INSURER: frozenset({_R.INSURER_STAFF}),
    OrganisationKind.ENTERPRISE: _ENTERPRISE,
}
"""Which roles a member of an organisation can have: so nobody at a bank can be made a regulator."""


def roles_for_kind(kind: OrganisationKind) -> frozenset[Role]:
    """Return the roles a member of such an organisation can have."""
    return ROLES_OF[kind]


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Return everything the roles grant together."""
    return _granted(frozenset(roles))


@lru_cache(maxsize=256)
def _granted(held: frozenset[Role]) -> frozenset[Permission]:
    return frozenset(one for one, granted in GRANTS.items() if granted & held)


class NotPermitted(CreditmeshError):
    """None of the roles someone holds grants what was asked for."""

    code = "not-permitted"

    def __init__(self, permission: Permission) -> None:
        super().__init__(
            f"Your role does not include “{permission}”: ask the operator of the node if you need it."
        )
        self.permission = permission


@dataclass(frozen=True)
class Actor:
    """A person, program or the node itself, with everything that follows from the roles held."""

    user_id: int | None
    label: str
    organisation: str = ""  # code; empty when the user is a member of none
    organisation_name: str = ""
    roles: frozenset[Role] = frozenset()
    sources: frozenset[str] = frozenset()  # codes of the sources the organisation delivers for
    subject: str = ""  # key of the enterprise an enterprise user speaks for
    key_name: str = ""  # name of the API key used, empty when a person signed in
    client: str = ""  # id of the institution's program that asks, empty when a person does
    sandbox: bool = False  # an institution that tries things out: sees synthetic subjects only
    request: str = ""  # id of the request the acts belong to
    permissions: frozenset[Permission] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "permissions", permissions_of(self.roles))

    def may(self, permission: Permission) -> bool:
        """Return whether one of the roles grants the permission."""
        return permission in self.permissions

    def demand(self, permission: Permission) -> None:
        """Refuse with `NotPermitted` unless one of the roles grants the permission."""
        if not self.may(permission):
            raise NotPermitted(permission)

    def may_deliver(self, source: str) -> bool:
        """Return whether the actor may hand in batches of a source."""
        if self.may(Permission.DELIVER_FOR_ANY):
            return True
        return self.may(Permission.DELIVER) and source in self.sources

    def may_see_batches_of(self, source: str) -> bool:
        """Return whether the actor may see batches and quality of a source."""
        if self.may(Permission.SEE_ALL_BATCHES):
            return True
        return self.may(Permission.SEE_BATCHES) and source in self.sources

    def who(self) -> Who:
        """Return the actor as the ledger writes it down."""
        label = f"{self.label} (key {self.key_name})" if self.key_name else self.label
        # A program is told apart from a person of the same name.
        label = f"{label} [{self.client}]" if self.client else label
        return Who(
            label=label,
            user_id=self.user_id,
            organisation=self.organisation,
            role=", ".join(sorted(self.roles)),
            request=self.request,
        )


COMMAND_LINE = Actor(user_id=None, label="command line", roles=frozenset({Role.OPERATOR, Role.REGULATOR}))
"""Whoever has a shell on the node's machine, and so its files: may do what operators and regulators may."""

ANONYMOUS = Actor(user_id=None, label="anonymous")


@dataclass(frozen=True)
class SubjectRow:
    """What an item says about a subject itself; what is empty leaves what is known as it is."""

    key: str
    name: str = ""
    registration_number: str | None = None
    region: str = ""
    industry: str = ""
    entity_type: str = ""
    established_date: date | None = None
    status: str = ""


def scheme_of(key: str) -> str:
    """Return by which kind of identifier a subject is known: uscc, registration or pseudonym."""
    return {"R:": "registration", "P:": "pseudonym"}.get(key[:2], "uscc")
