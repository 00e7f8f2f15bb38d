"""Fill a node for the browser: people, real deliveries with their dirt, two runs, a story. Started as a program."""

import json
import sys
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from creditmesh.cli import starting
from creditmesh.cli.examples import journey

starting.start_django()

from django.contrib.auth import base_user, hashers  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402
from tests.browser import workshop  # noqa: E402
from tests.web import inspecting, town  # noqa: E402

from creditmesh.apps.evaluation.grading.models import RiskStanding, Run  # noqa: E402
from creditmesh.apps.evaluation.grading.operations import executing, requesting  # noqa: E402
from creditmesh.apps.ground.nodes.queries import this_node  # noqa: E402
from creditmesh.apps.ground.nodes.rules import ThisNode  # noqa: E402
from creditmesh.apps.ground.parties import operations as parties  # noqa: E402
from creditmesh.apps.ground.parties import queries as people  # noqa: E402
from creditmesh.apps.ground.parties.models import CreditSubject, User  # noqa: E402
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, OrganisationKind, Role  # noqa: E402
from creditmesh.apps.ground.records.models import Batch  # noqa: E402
from creditmesh.apps.ground.records.operations import loading  # noqa: E402
from creditmesh.apps.ground.records.queries import subject_records  # noqa: E402
from creditmesh.apps.members.institutions.operations import admitting  # noqa: E402
from creditmesh.apps.sharing.authorisations import overview  # noqa: E402
from creditmesh.apps.sharing.disclosure.queries import inquiries  # noqa: E402
from creditmesh.apps.sharing.rights.queries import cases  # noqa: E402
from creditmesh.sample import county  # noqa: E402

NEWCOMER = "newcomer"
ENTERPRISES = 120
ITEMS = {"ENT-01", "PEN-01", "ABN-01", "LIC-01", "TAX-02", "SOC-01", "SOC-02"}
INSTITUTIONS = ("BANK", "GUARANTOR", "INSURER")
DAYS = (date(2026, 3, 31), date(2026, 10, 31))
RECENT = date(2026, 1, 1)


def fill() -> dict[str, str]:
    """Fill the node and return what the tests look for."""
    node = this_node()
    town.people(source=node.catalogue.items["PEN-01"].sources[0])
    newcomer()
    with TemporaryDirectory() as folder:
        made = county.generate(
            folder=Path(folder), catalogue=node.catalogue, seed=county.SEED, enterprises=ENTERPRISES
        )
        parcels = [
            loading.Parcel(item=one.item, source=one.source, file=one.file, received_at=_morning(one.on))
            for one in made
            if one.item in ITEMS
        ]
        loading.load(parcels=parcels, by=COMMAND_LINE, node=node, clock=starting.now)
    story = first_chapter(node)
    town.reviews(source=parcels[0].source, item=parcels[0].item)
    for day in DAYS:
        wanted = requesting.request_run(
            system=town.SYSTEM, as_of=day, by=COMMAND_LINE, node=node, at=starting.now()
        )
        executing.execute_run(run=wanted.uuid, node=node, clock=starting.now)
    placed = RiskStanding.objects.filter(run__as_of=DAYS[-1], run__system="general").order_by("place")
    worst = placed[0]
    batch = Batch.objects.order_by("-quarantined", "id")[0]
    return {
        "worst": worst.subject,
        # one that many have: the worst may leave theirs when the story's repairs are evaluated
        "grade": placed.exclude(grade="").order_by("-place")[0].grade,
        "run": str(Run.objects.order_by("-id")[0].uuid),
        "batch": str(batch.uuid),
        "item": batch.item,
        "source": batch.source,
        **story,
        **workshop.open_up(node),
        **inspecting.open_up(node, at=starting.now()),
        **unclaimed(node, but=story["subject"]),
    }


def newcomer() -> None:
    """Add somebody whom no other test signs in: with a second factor the others could not."""
    parties.create_user(
        by=COMMAND_LINE, username=NEWCOMER, password=town.PASSWORD, full_name="新同事", at=starting.now()
    )
    parties.add_membership(
        by=COMMAND_LINE, username=NEWCOMER, organisation="OPERATOR", role=Role.AUDITOR, at=starting.now()
    )


def first_chapter(node: ThisNode) -> dict[str, str]:
    """Let a bank and an enterprise live through the demonstration's story; return what they left behind."""
    at = starting.now()
    for code in INSTITUTIONS:
        admitting.admit(by=COMMAND_LINE, organisation=code, at=at)
    subject = journey.leading_enterprise(node)
    new = parties.NewOrganisation(
        code=subject,
        name=CreditSubject.objects.get(key=subject).name,
        kind=OrganisationKind.ENTERPRISE,
        region="990121",
    )
    parties.create_organisation(by=COMMAND_LINE, new=new, at=at)
    for username, full_name, role in (
        ("owner", "冯所有", Role.ENTERPRISE_OWNER),
        ("clerk", "陈经办", Role.ENTERPRISE_USER),
    ):
        parties.create_user(
            by=COMMAND_LINE, username=username, password=town.PASSWORD, full_name=full_name, at=at
        )
        parties.add_membership(by=COMMAND_LINE, username=username, organisation=subject, role=role, at=at)
    names = {
        Role.GUARANTOR_STAFF: "guarantor",
        Role.DATA_OFFICER: "officer",
        Role.BANK_STAFF: "banker",
        Role.ENTERPRISE_OWNER: "owner",
        Role.ENTERPRISE_USER: "clerk",
    }
    users = {role: User.objects.get(username=name) for role, name in names.items()}
    cast = {role: people.actor(user) for role, user in users.items()}
    journey.tell(cast=cast, owner=users[Role.ENTERPRISE_OWNER])
    asked = next(one for one in overview.asked_by("BANK", at=at) if one.state == "open")
    return {
        "subject": subject,
        "authorisation": str(overview.received("BANK", at=at)[0].uuid),
        "request": str(asked.uuid),
        "inquiry": str(inquiries.own_inquiries("BANK").lines[-1].uuid),
        "objection": str(cases.of_enterprise(cast[Role.ENTERPRISE_OWNER])[0].uuid),
    }


def unclaimed(node: ThisNode, *, but: str) -> dict[str, str]:
    """Return an enterprise for which nobody acts yet, with a late penalty and taxes paid."""
    for row in CreditSubject.objects.filter(scheme="uscc").exclude(key=but).order_by("number"):
        counts = subject_records.item_counts(subject=row.key, catalogue=node.catalogue)
        latest = {one.item: one.latest or date.min for one in counts}
        if min(latest.get("PEN-01", date.min), latest.get("TAX-02", date.min)) < RECENT:
            continue
        told = {
            item: subject_records.records_of(subject=row.key, item=item, catalogue=node.catalogue).records[0]
            for item in ("ENT-01", "TAX-02")
        }
        return {
            "mine": row.key,
            "mine_name": row.name,
            "representative": told["ENT-01"].values["legal_representative"],
            "paid": str(told["TAX-02"].values["paid"]),
        }
    raise LookupError("no enterprise of the sample fits the story")


def signed_in() -> dict[str, str]:
    """Sign everybody in and return their sessions; signing in by hand, which takes long, has tests of its own."""
    sessions = {}
    for user in User.objects.all():
        browser = Client()
        browser.force_login(user)
        sessions[user.username] = browser.cookies["sessionid"].value
    return sessions


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()) + timedelta(hours=9))


if __name__ == "__main__":
    # All have one password, and hashing it is made to take long.
    with mock.patch.object(base_user, "make_password", cache(hashers.make_password)):
        known = fill()
    told = {"known": known, "sessions": signed_in()}
    Path(sys.argv[1]).write_text(json.dumps(told), encoding="utf-8")
