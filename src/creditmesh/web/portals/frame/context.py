"""What every page knows: the node, who is signed in, and where that person may go."""

from dataclasses import dataclass
from importlib.metadata import version

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Actor, Permission, Role
from creditmesh.kernel import regions
from creditmesh.web.access import actor_of
from creditmesh.web.portals.frame import words

VERSION = version("creditmesh")


@dataclass(frozen=True)
class Door:
    """An entry of the main menu: where it leads, and which permission opens it."""

    name: str
    permission: Permission
    label: str | Promise
    symbol: str


# One list for everybody: each role finds what it needs first at the top of its own part.
DOORS = (
    Door("enterprises", Permission.SEE_RISK_CLASSES, gettext_lazy("Enterprises"), "building"),
    Door("devices", Permission.SEE_RISK_CLASSES, gettext_lazy("Devices"), "gauge"),
    Door("adjustments", Permission.PROPOSE_ADJUSTMENTS, gettext_lazy("Adjustments"), "scale"),
    Door("supervision", Permission.SEE_SUPERVISION, gettext_lazy("Inspections"), "check"),
    Door("own-visits", Permission.SUPERVISION_INSPECT, gettext_lazy("My visits"), "check"),
    Door("evaluations", Permission.SEE_EVALUATIONS, gettext_lazy("Evaluations"), "chart"),
    Door("batches", Permission.SEE_BATCHES, gettext_lazy("Batches"), "inbox"),
    Door("upload", Permission.DELIVER, gettext_lazy("Hand in a file"), "upload"),
    Door("quality", Permission.SEE_BATCHES, gettext_lazy("Quality"), "gauge"),
    Door("reviews", Permission.DECIDE_REVIEWS, gettext_lazy("Unclear subjects"), "review"),
    Door("answer-queue", Permission.ANSWER_OBJECTIONS, gettext_lazy("Objections"), "review"),
    Door("duty-ask", Permission.INQUIRE_FOR_DUTY, gettext_lazy("Ask for a duty"), "search"),
    Door("case-queue", Permission.HANDLE_OBJECTIONS, gettext_lazy("Cases"), "review"),
    Door("reports-issued", Permission.HANDLE_OBJECTIONS, gettext_lazy("Credit reports"), "print"),
    Door("claims", Permission.REVIEW_CLAIMS, gettext_lazy("Registrations"), "shield"),
    Door("institutions", Permission.MANAGE_INSTITUTIONS, gettext_lazy("Institutions"), "handshake"),
    Door("organisations", Permission.MANAGE_PEOPLE, gettext_lazy("People"), "people"),
    Door("oversight", Permission.SEE_OVERSIGHT, gettext_lazy("Oversight"), "gauge"),
    Door("ledger", Permission.SEE_LEDGER, gettext_lazy("Ledger"), "ledger"),
    Door("runs", Permission.REQUEST_RUNS, gettext_lazy("Runs"), "play"),
    Door("workshop", Permission.SEE_TRIALS, gettext_lazy("Workshop"), "scale"),
    Door("systems", Permission.SEE_SYSTEMS, gettext_lazy("Index systems"), "scale"),
    Door("authorisations", Permission.SEE_OWN_AUTHORISATIONS, gettext_lazy("Authorisations"), "handshake"),
    Door("who-asked", Permission.SEE_WHO_ASKED, gettext_lazy("Who asked about us"), "shield"),
    Door("own-record", Permission.SEE_OWN_RECORD, gettext_lazy("Your record"), "document"),
    Door("own-cases", Permission.SEE_OWN_RECORD, gettext_lazy("Your cases"), "review"),
    Door("own-evaluation", Permission.SEE_OWN_RECORD, gettext_lazy("Your evaluation"), "chart"),
    Door("enterprise-reports", Permission.SEE_OWN_RECORD, gettext_lazy("Credit reports"), "print"),
    Door("enterprise-people", Permission.SEE_OWN_RECORD, gettext_lazy("People of the enterprise"), "people"),
    Door("institution-ask", Permission.INQUIRE, gettext_lazy("Ask"), "search"),
    Door(
        "institution-authorisations",
        Permission.REQUEST_AUTHORISATIONS,
        gettext_lazy("Authorisations"),
        "handshake",
    ),
    Door("institution-inquiries", Permission.SEE_OWN_INQUIRIES, gettext_lazy("Inquiries"), "document"),
    Door("institution-lists", Permission.INQUIRE, gettext_lazy("Lists of inquiries"), "inbox"),
    Door("outcomes", Permission.DECLARE_OUTCOMES, gettext_lazy("Outcomes"), "check"),
    Door("institution-reports", Permission.INQUIRE, gettext_lazy("Credit reports"), "print"),
    Door("notices", Permission.SEE_NOTICES, gettext_lazy("Notices"), "inbox"),
    Door("programs", Permission.MANAGE_OWN_CLIENTS, gettext_lazy("Programs"), "key"),
    Door("limits", Permission.SEE_OWN_INQUIRIES, gettext_lazy("Limits and use"), "gauge"),
    Door("catalogue", Permission.SEE_CATALOGUE, gettext_lazy("Catalogue"), "book"),
)

# The first role of this list that a person holds decides on the home page.
HOMES = (
    (Role.REGULATOR, "regulator-home", gettext_lazy("Regulator portal")),
    (Role.SYSTEM_EDITOR, "workshop", gettext_lazy("Workshop of index systems")),
    (Role.SYSTEM_APPROVER, "workshop", gettext_lazy("Workshop of index systems")),
    (Role.SUPERVISION_OFFICER, "supervision", gettext_lazy("Supervision portal")),
    (Role.SUPERVISION_HEAD, "supervision", gettext_lazy("Supervision portal")),
    (Role.INSPECTOR, "own-visits", gettext_lazy("Supervision portal")),
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
    links = []
    for door in DOORS:
        # Whose home is a door's page sees it once, as the overview.
        if actor.may(door.permission) and door.name != home:
            href = reverse(door.name)
            links.append(
                Link(href=href, label=str(door.label), symbol=door.symbol, here=_here(request.path, href))
            )
    # What lies below the home without a door of its own belongs to the overview.
    at_home = request.path == start or (
        request.path.startswith(start) and not any(link.here for link in links)
    )
    return (Link(href=start, label=_("Overview"), symbol="home", here=at_home), *links)


def _here(path: str, href: str) -> bool:
    # 'batches/new/' has an entry of its own and must not light up 'batches/' too.
    upload = reverse("upload")
    if path.startswith(upload):
        return href == upload
    return path.startswith(href)
