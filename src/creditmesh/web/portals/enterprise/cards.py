"""What waits for the people of an enterprise: the cards of their home page."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.enterprises.queries import acting
from creditmesh.apps.sharing.authorisations import overview
from creditmesh.apps.sharing.disclosure.queries import inquiries
from creditmesh.apps.sharing.rights.queries import cases
from creditmesh.web.portals.frame import asked
from creditmesh.web.portals.frame.cards import Card, Kind, Line

_LATEST = 3


def people(actor: Actor, at: datetime) -> Card:
    """Return who acts for the enterprise."""
    acting_now = acting.people(actor.subject)
    waiting = acting.invitations(actor.subject, at=at)
    unused = ngettext("%(n)s invitation not used yet", "%(n)s invitations not used yet", len(waiting))
    return Card(
        title=_("People of the enterprise"),
        text=_("Who acts for your enterprise here, and in which role."),
        href=reverse("enterprise-people"),
        action=_("See everyone"),
        symbol="people",
        figure=len(acting_now),
        lines=(Line(text=unused % {"n": len(waiting)}),) if waiting else (),
    )


def authorisations(actor: Actor, at: datetime) -> Card:
    """Return what waits for an answer, else how many authorisations are in force."""
    waiting = overview.asked_of(actor.subject, at=at)
    live = [one for one in overview.given(actor.subject, at=at) if one.live]
    return Card(
        title=_("Authorisations"),
        text=_("Institutions wait for your answer.")
        if waiting
        else _("Who may ask about your enterprise now."),
        href=reverse("authorisations"),
        action=_("See all authorisations"),
        symbol="handshake",
        tone="warn" if waiting else "",
        figure=len(waiting) if waiting else len(live),
        lines=tuple(
            Line(
                text=one.institution_name,
                href=reverse("authorisation-request", args=[one.uuid]),
                at=one.requested_at,
            )
            for one in waiting[:3]
        ),
    )


def who_asked(actor: Actor, at: datetime) -> Card:
    """Return who asked about the enterprise lately."""
    del at
    latest = asked.rows(inquiries.about(actor.subject, size=_LATEST).lines)
    return Card(
        title=_("Who asked about us"),
        text=_("The latest inquiries about your enterprise.") if latest else _("Nobody has asked about you"),
        href=reverse("who-asked"),
        action=_("See all inquiries"),
        symbol="shield",
        lines=tuple(
            Line(text=one.institution, href=reverse("who-asked-one", args=[one.line.uuid]), at=one.line.at)
            for one in latest
        ),
    )


def cases_open(actor: Actor, at: datetime) -> Card:
    """Return the objections, repairs and questions of the enterprise that are not decided yet."""
    del at
    number = len(cases.open_on(actor.subject))
    return Card(
        title=_("My cases"),
        text=_("Objections, repairs and questions that are under way."),
        href=reverse("own-cases"),
        action=_("See all cases"),
        symbol="review",
        figure=number,
    )


def evaluation(actor: Actor, at: datetime) -> Card:
    """Return the way to the own evaluation; what it says is told on its page, where every look is written down."""
    del actor, at
    return Card(
        title=_("Your public credit evaluation"),
        text=_("What it says, what it is made of, what would improve it."),
        href=reverse("own-evaluation"),
        action=_("See the evaluation"),
        symbol="chart",
    )


def report(actor: Actor, at: datetime) -> Card:
    """Return the way to a credit report of one's own."""
    del actor, at
    return Card(
        title=_("Credit report"),
        text=_("With a number anybody can check: for a loan, a tender or a partner. Free of charge."),
        href=reverse("enterprise-reports"),
        action=_("Have a report made"),
        symbol="print",
    )


CARDS: tuple[Kind, ...] = (
    (Permission.SEE_OWN_AUTHORISATIONS, authorisations),
    (Permission.SEE_WHO_ASKED, who_asked),
    (Permission.SEE_OWN_RECORD, evaluation),
    (Permission.SEE_OWN_RECORD, report),
    (Permission.SEE_OWN_RECORD, cases_open),
    (Permission.SEE_OWN_RECORD, people),
)
"""The cards in the order of the page, each with the permission that opens it."""
