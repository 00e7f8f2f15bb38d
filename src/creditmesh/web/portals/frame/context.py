"""What every page knows: the node, who is signed in, and where that person may go."""

from dataclasses import dataclass
from importlib.metadata import version

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creditmesh.apps.nodes.queries import this_node
from creditmesh.apps.parties.rules import Actor, Permission, Role
from creditmesh.kernel import regions
from creditmesh.web.access import actor_of
from creditmesh.web.portals.frame import words

VERSION = version("creditmesh")


@dataclass(frozen=True, kw_only=True)
class Door:
    """An entry of the main menu: where it leads, and which permission opens it."""

    name: str
    permission: Permission
    label: str | Promise
    symbol: str


DOORS = (
    Door(
        name="enterprises",
        permission=Permission.SEE_RISK_CLASSES,
        label=gettext_lazy("Enterprises"),
        symbol="building",
    ),
    Door(
        name="evaluations",
        permission=Permission.SEE_EVALUATIONS,
        label=gettext_lazy("Evaluations"),
        symbol="chart",
    ),
    Door(name="runs", permission=Permission.REQUEST_RUNS, label=gettext_lazy("Runs"), symbol="play"),
    Door(
        name="systems", permission=Permission.SEE_SYSTEMS, label=gettext_lazy("Index systems"), symbol="scale"
    ),
    Door(name="batches", permission=Permission.SEE_BATCHES, label=gettext_lazy("Batches"), symbol="inbox"),
    Door(name="upload", permission=Permission.DELIVER, label=gettext_lazy("Hand in a file"), symbol="upload"),
    Door(name="quality", permission=Permission.SEE_BATCHES, label=gettext_lazy("Quality"), symbol="gauge"),
    Door(
        name="reviews",
        permission=Permission.DECIDE_REVIEWS,
        label=gettext_lazy("Unclear subjects"),
        symbol="review",
    ),
    Door(
        name="catalogue", permission=Permission.SEE_CATALOGUE, label=gettext_lazy("Catalogue"), symbol="book"
    ),
    Door(
        name="outcomes",
        permission=Permission.DECLARE_OUTCOMES,
        label=gettext_lazy("Outcomes"),
        symbol="check",
    ),
    Door(
        name="oversight",
        permission=Permission.SEE_OVERSIGHT,
        label=gettext_lazy("Oversight"),
        symbol="gauge",
    ),
    Door(
        name="claims",
        permission=Permission.REVIEW_CLAIMS,
        label=gettext_lazy("Registrations"),
        symbol="shield",
    ),
    Door(
        name="organisations",
        permission=Permission.MANAGE_PEOPLE,
        label=gettext_lazy("People"),
        symbol="people",
    ),
    Door(
        name="authorisations",
        permission=Permission.SEE_OWN_AUTHORISATIONS,
        label=gettext_lazy("Authorisations"),
        symbol="handshake",
    ),
    Door(
        name="own-record",
        permission=Permission.SEE_OWN_RECORD,
        label=gettext_lazy("Your record"),
        symbol="document",
    ),
    Door(
        name="own-cases",
        permission=Permission.SEE_OWN_RECORD,
        label=gettext_lazy("Your cases"),
        symbol="review",
    ),
    Door(
        name="own-evaluation",
        permission=Permission.SEE_OWN_RECORD,
        label=gettext_lazy("Your evaluation"),
        symbol="chart",
    ),
    Door(
        name="enterprise-reports",
        permission=Permission.SEE_OWN_RECORD,
        label=gettext_lazy("Credit reports"),
        symbol="print",
    ),
    Door(
        name="institution-reports",
        permission=Permission.INQUIRE,
        label=gettext_lazy("Credit reports"),
        symbol="print",
    ),
    Door(
        name="case-queue",
        permission=Permission.HANDLE_OBJECTIONS,
        label=gettext_lazy("Cases"),
        symbol="review",
    ),
    Door(
        name="answer-queue",
        permission=Permission.ANSWER_OBJECTIONS,
        label=gettext_lazy("Objections"),
        symbol="review",
    ),
    Door(
        name="enterprise-people",
        permission=Permission.SEE_OWN_RECORD,
        label=gettext_lazy("People of the enterprise"),
        symbol="people",
    ),
    Door(
        name="institutions",
        permission=Permission.MANAGE_INSTITUTIONS,
        label=gettext_lazy("Institutions"),
        symbol="handshake",
    ),
    Door(name="institution-ask", permission=Permission.INQUIRE, label=gettext_lazy("Ask"), symbol="search"),
    Door(
        name="institution-inquiries",
        permission=Permission.SEE_OWN_INQUIRIES,
        label=gettext_lazy("Inquiries"),
        symbol="document",
    ),
    Door(
        name="institution-lists",
        permission=Permission.INQUIRE,
        label=gettext_lazy("Lists of inquiries"),
        symbol="inbox",
    ),
    Door(
        name="who-asked",
        permission=Permission.SEE_WHO_ASKED,
        label=gettext_lazy("Who asked about us"),
        symbol="shield",
    ),
    Door(
        name="duty-ask",
        permission=Permission.INQUIRE_FOR_DUTY,
        label=gettext_lazy("Ask for a duty"),
        symbol="search",
    ),
    Door(
        name="institution-authorisations",
        permission=Permission.REQUEST_AUTHORISATIONS,
        label=gettext_lazy("Authorisations"),
        symbol="handshake",
    ),
    Door(
        name="programs",
        permission=Permission.MANAGE_OWN_CLIENTS,
        label=gettext_lazy("Programs"),
        symbol="key",
    ),
    Door(name="notices", permission=Permission.SEE_NOTICES, label=gettext_lazy("Notices"), symbol="inbox"),
    Door(
        name="limits",
        permission=Permission.SEE_OWN_INQUIRIES,
        label=gettext_lazy("Limits and use"),
        symbol="gauge",
    ),
    Door(name="ledger", permission=Permission.SEE_LEDGER, label=gettext_lazy("Ledger"), symbol="ledger"),
)

# The first role of this list that a person holds decides on the home page.
HOMES = (
    (Role.REGULATOR, "regulator-home", gettext_lazy("Regulator portal")),
    (Role.OPERATOR, "operator-home", gettext_lazy("Operator portal")),
    (Role.AUDITOR, "operator-home", gettext_lazy("Auditor portal")),
    (Role.DATA_OFFICER, "department-home", gettext_lazy("Department portal")),
    (Role.BANK_STAFF, "institution-home", gettext_lazy("Institution portal")),
    (Role.GUARANTOR_STAFF, "institution-home", gettext_lazy("Institution portal")),
    (Role.INSURER_STAFF, "institution-home", gettext_lazy("Institution portal")),
    (Role.ENTERPRISE_OWNER, "enterprise-home", gettext_lazy("Enterprise portal")),
    (Role.ENTERPRISE_USER, "enterprise-home", gettext_lazy("Enterprise portal")),
    (Role.ENTERPRISE_VIEWER, "enterprise-home", gettext_lazy("Enterprise portal")),
)
OTHER_HOME = ("member-home", gettext_lazy("Member portal"))


@dataclass(frozen=True, kw_only=True)
class Link:
    """An entry of the main menu as one person sees it."""

    href: str
    label: str
    symbol: str
    here: bool
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class Page:
    """What the frame around every page shows."""

    node_name: str
    region_name: str
    version: str
    fictitious: bool
    actor: Actor | None
    home: str
    portal: str
    position: str
    links: tuple[Link, ...]


def home_of(actor: Actor) -> tuple[str, str]:
    """Return the URL name and the title of the portal a person works in."""
    for role, name, title in HOMES:
        if role in actor.roles:
            return name, str(title)
    return OTHER_HOME[0], str(OTHER_HOME[1])


def page(request: HttpRequest) -> dict[str, object]:
    """Hand every template what its frame needs; worked out only when a template asks."""
    return {"page": SimpleLazyObject(lambda: _page(request))}


def _page(request: HttpRequest) -> Page:
    node = this_node()
    actor = actor_of(request)
    signed_in = actor.user_id is not None
    name, title = home_of(actor) if signed_in else ("front", "")
    return Page(
        node_name=node.name,
        region_name=regions.name(node.region) or node.region,
        version=VERSION,
        fictitious=node.fictitious,
        actor=actor if signed_in else None,
        home=reverse(name),
        portal=title,
        position=_position(actor),
        links=_links(request, actor, home=name) if signed_in else (),
    )


def _position(actor: Actor) -> str:
    roles = ", ".join(str(words.ROLES[role]) for role in sorted(actor.roles))
    return " · ".join(part for part in (actor.organisation_name, roles) if part)


def _links(request: HttpRequest, actor: Actor, *, home: str) -> tuple[Link, ...]:
    start = reverse(home)
    links = [Link(href=start, label=_("Overview"), symbol="home", here=request.path == start)]
    for door in DOORS:
        if actor.may(door.permission):
            href = reverse(door.name)
            links.append(
                Link(href=href, label=str(door.label), symbol=door.symbol, here=_here(request.path, href))
            )
    return tuple(links)


def _here(path: str, href: str) -> bool:
    # 'batches/new/' has an entry of its own and must not light up 'batches/' too.
    upload = reverse("upload")
    if path.startswith(upload):
        return href == upload
    return path.startswith(href)
