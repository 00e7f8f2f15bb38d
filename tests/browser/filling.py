"""Fill a node for the browser: people, a few real deliveries with their dirt, two runs. Started as a program."""

import json
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from creditmesh.cli import starting

starting.start_django()

from django.utils import timezone  # noqa: E402
from tests.web import town  # noqa: E402

from creditmesh.apps.grading.models import RiskStanding, Run  # noqa: E402
from creditmesh.apps.grading.operations import executing, requesting  # noqa: E402
from creditmesh.apps.nodes.queries import this_node  # noqa: E402
from creditmesh.apps.parties import operations as parties  # noqa: E402
from creditmesh.apps.parties.rules import COMMAND_LINE, Role  # noqa: E402
from creditmesh.apps.records.models import Batch  # noqa: E402
from creditmesh.apps.records.operations import loading  # noqa: E402
from creditmesh.sample import county  # noqa: E402

NEWCOMER = "newcomer"
ENTERPRISES = 120
ITEMS = {"ENT-01", "PEN-01", "ABN-01", "LIC-01"}
DAYS = (date(2026, 3, 31), date(2026, 10, 31))


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
    town.reviews(source=parcels[0].source, item=parcels[0].item)
    for day in DAYS:
        wanted = requesting.request_run(
            system=town.SYSTEM, as_of=day, by=COMMAND_LINE, node=node, at=starting.now()
        )
        executing.execute_run(run=wanted.uuid, node=node, clock=starting.now)
    worst = RiskStanding.objects.filter(run__as_of=DAYS[-1]).order_by("place")[0]
    batch = Batch.objects.order_by("-quarantined", "id")[0]
    return {
        "worst": worst.subject,
        "grade": worst.grade,
        "run": str(Run.objects.order_by("-id")[0].uuid),
        "batch": str(batch.uuid),
        "item": batch.item,
        "source": batch.source,
    }


def newcomer() -> None:
    """Add somebody whom no other test signs in: with a second factor the others could not."""
    parties.create_user(
        by=COMMAND_LINE, username=NEWCOMER, password=town.PASSWORD, full_name="新同事", at=starting.now()
    )
    parties.add_membership(
        by=COMMAND_LINE, username=NEWCOMER, organisation="OPERATOR", role=Role.AUDITOR, at=starting.now()
    )


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()) + timedelta(hours=9))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(fill()), encoding="utf-8")
