"""What waits for the people of an institution: the cards of their home page."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions import queries
from creditmesh.apps.sharing.authorisations import overview
from creditmesh.apps.sharing.oversight.queries import counting
from creditmesh.web.portals.frame.cards import Card, Kind, Line
from creditmesh.web.portals.frame.vocabulary.institutions import NOTICES

LATEST = 3


def notices(actor: Actor, at: datetime) -> Card:
    """Return the news that nobody has read yet."""
    del at
    page = queries.inbox(institution=actor.organisation, size=LATEST, open_only=True)
    lines = [
        Line(text=str(NOTICES.get(one.kind, one.kind)), href=reverse("notices"), at=one.made_at)
        for one in page.notices
    ]
    return Card(
        title=_("Notices"),
        text=_("Corrected records, withdrawn authorisations and other news for your institution."),
        href=reverse("notices"),
        action=_("See all notices"),
        symbol="inbox",
        tone="warn" if page.waiting else "",
        figure=page.waiting,
        lines=tuple(lines),
    )


def programs(actor: Actor, at: datetime) -> Card:
    """Return the programs of the institution, and the keys that want attention."""
    held = [one for one in queries.programs(institution=actor.organisation) if one.ended_at is None]
    waiting = queries.waiting_confirmations(institution=actor.organisation, besides=actor.user_id)
    bare = [one for one in held if not any(key.in_force(at) for key in one.keys)]
    lines = [
        Line(text=_("%(name)s has no key in force") % {"name": one.name}, href=_of(one.client))
        for one in bare[:LATEST]
    ]
    if waiting:
        told = ngettext(
            "%(n)s key waits for a second person: that may be you",
            "%(n)s keys wait for a second person: that may be you",
            waiting,
        ) % {"n": waiting}
        lines.insert(0, Line(text=told, href=reverse("programs")))
    return Card(
        title=_("Programs"),
        text=_("Your systems that ask this node, with their secrets and signing keys."),
        href=reverse("programs"),
        action=_("Manage programs and keys"),
        symbol="key",
        tone="warn" if lines else "",
        figure=len(held),
        lines=tuple(lines),
    )


def outcomes(actor: Actor, at: datetime) -> Card:
    """Return how many inquiries wait for an outcome."""
    limits = counting.limits_of(this_node(), at=at)
    home = queries.institution(actor.organisation)
    tally = counting.standing(home, limits=limits, at=at).tally
    late = [Line(text=_("%(n)s overdue") % {"n": tally.overdue})] if tally.overdue else []
    return Card(
        title=_("Outcomes of inquiries"),
        text=_("Say what followed each inquiry: it shows that you asked for the purpose you stated."),
        href=reverse("outcomes"),
        action=_("Declare outcomes"),
        symbol="check",
        tone="warn" if tally.overdue else "",
        figure=tally.waiting + tally.overdue,
        lines=tuple(late),
    )


def authorisations(actor: Actor, at: datetime) -> Card:
    """Return the authorisations the institution may use now, the latest first."""
    live = [one for one in overview.received(actor.organisation, at=at) if one.live]
    return Card(
        title=_("Authorisations"),
        text=_("Enterprises that let you ask about them now."),
        href=reverse("institution-authorisations"),
        action=_("See all authorisations"),
        symbol="handshake",
        figure=len(live),
        lines=tuple(
            Line(
                text=one.terms.authoriser.name,
                href=reverse("institution-ask-authorised", args=[one.uuid]),
                at=one.signed_at,
            )
            for one in live[:LATEST]
        ),
    )


def _of(client: str) -> str:
    return reverse("program", args=[client])


CARDS: tuple[Kind, ...] = (
    (Permission.REQUEST_AUTHORISATIONS, authorisations),
    (Permission.SEE_NOTICES, notices),
    (Permission.DECLARE_OUTCOMES, outcomes),
    (Permission.MANAGE_OWN_CLIENTS, programs),
)
"""The cards in the order of the page, each with the permission that opens it."""
