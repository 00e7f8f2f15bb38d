"""One account per role, for trying the node out; each is marked as a demonstration."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from creditmesh.apps.ground.parties import operations, queries
from creditmesh.apps.ground.parties.models import Organisation, User
from creditmesh.apps.ground.parties.rules import Actor, OrganisationKind, Role

# Role -> the kind of organisation, its code and name, and the person's name. The user name is the role.
PEOPLE: dict[Role, tuple[OrganisationKind, str, str, str]] = {
    Role.OPERATOR: (OrganisationKind.OPERATOR, "demo-operator", "示例运营机构", "示例运营员"),
    Role.AUDITOR: (OrganisationKind.OPERATOR, "demo-operator", "示例运营机构", "示例审计员"),
    Role.REGULATOR: (OrganisationKind.REGULATOR, "demo-regulator", "示例市场监督管理局", "示例监管员"),
    Role.SYSTEM_EDITOR: (
        OrganisationKind.REGULATOR,
        "demo-regulator",
        "示例市场监督管理局",
        "示例指标编制员",
    ),
    Role.SYSTEM_APPROVER: (
        OrganisationKind.REGULATOR,
        "demo-regulator",
        "示例市场监督管理局",
        "示例指标审批员",
    ),
    Role.SUPERVISION_OFFICER: (
        OrganisationKind.REGULATOR,
        "demo-regulator",
        "示例市场监督管理局",
        "示例抽查专员",
    ),
    Role.SUPERVISION_HEAD: (
        OrganisationKind.REGULATOR,
        "demo-regulator",
        "示例市场监督管理局",
        "示例抽查负责人",
    ),
    Role.INSPECTOR: (
        OrganisationKind.REGULATOR,
        "demo-regulator",
        "示例市场监督管理局",
        "示例检查员",
    ),
    Role.DATA_OFFICER: (OrganisationKind.DEPARTMENT, "demo-department", "示例数据部门", "示例数据员"),
    Role.BANK_STAFF: (OrganisationKind.BANK, "demo-bank", "示例银行", "示例信贷员"),
    Role.GUARANTOR_STAFF: (OrganisationKind.GUARANTOR, "demo-guarantor", "示例担保公司", "示例担保员"),
    Role.INSURER_STAFF: (OrganisationKind.INSURER, "demo-insurer", "示例保险公司", "示例核保员"),
    Role.ENTERPRISE_OWNER: (OrganisationKind.ENTERPRISE, "demo-enterprise", "示例企业", "示例法定代表人"),
    Role.ENTERPRISE_USER: (OrganisationKind.ENTERPRISE, "demo-enterprise", "示例企业", "示例企业用户"),
    Role.ENTERPRISE_VIEWER: (OrganisationKind.ENTERPRISE, "demo-enterprise", "示例企业", "示例企业会计"),
}


@dataclass(frozen=True)
class Account:
    """A new account with its password, shown once."""

    username: str
    password: str
    role: Role
    organisation: str


@transaction.atomic
def make(
    *,
    by: Actor,
    region: str,
    sources: tuple[str, ...],
    at: datetime,
    enterprise: str = "",
    new_passwords: bool = False,
) -> tuple[Account, ...]:
    """Make the account of every role that has none yet and return those made.

    With `new_passwords` the existing demo accounts get new ones and are returned too. The demo department
    delivers for `sources`; the demo enterprise is the subject `enterprise`, or the first one on the register.
    """
    made = []
    for role in Role:
        password = operations.fresh_password(username=role.value)
        existing = User.objects.filter(username=role.value).order_by("id").first()
        if existing is None:
            known = enterprise if PEOPLE[role][0] == OrganisationKind.ENTERPRISE else ""
            home = _organisation(by=by, role=role, region=region, sources=sources, at=at, subject=known)
            account = Account(role.value, password, role, home.name)
            _person(by=by, account=account, organisation=home.code, at=at)
            made.append(account)
        elif new_passwords and existing.demo:
            operations.set_password(by=by, username=role.value, password=password, at=at)
            made.append(Account(role.value, password, role, queries.actor(existing).organisation_name))
    return tuple(made)


def _person(*, by: Actor, account: Account, organisation: str, at: datetime) -> None:
    operations.create_user(
        by=by,
        username=account.username,
        password=account.password,
        at=at,
        full_name=PEOPLE[account.role][3],
        demo=True,
    )
    operations.add_membership(
        by=by, username=account.username, organisation=organisation, role=account.role, at=at
    )


def _organisation(
    *, by: Actor, role: Role, region: str, sources: tuple[str, ...], at: datetime, subject: str = ""
) -> Organisation:
    kind, code, name, _ = PEOPLE[role]
    if kind == OrganisationKind.ENTERPRISE:
        first = queries.subject(key=subject) if subject else queries.first_subject()
        code, name = (first.key, first.name) if first else (code, name)
    existing = Organisation.objects.filter(code=code).order_by("id").first()
    if existing is not None:
        return existing
    delivered = sources if kind == OrganisationKind.DEPARTMENT else ()
    new = operations.NewOrganisation(code=code, name=name, kind=kind, region=region, sources=delivered)
    return operations.create_organisation(by=by, new=new, at=at)
