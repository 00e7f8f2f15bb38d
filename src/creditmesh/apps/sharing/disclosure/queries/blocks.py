"""The content of an answer: one block for each item, masked, with where every record came from."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from creditmesh.apps.sharing.disclosure.queries.standing import Shown, may_leave, shelf
from creditmesh.apps.sharing.disclosure.rules.bodies import moment, reference
from creditmesh.apps.sharing.disclosure.rules.plans import Consent
from creditmesh.catalogue.model import Mode


def blocks(
    *,
    subject: str,
    items: Sequence[str],
    mode: Mode,
    window: tuple[date, date] | None,
    consents: Sequence[Consent],
    on: date,
) -> tuple[list[dict[str, Any]], list[str], int | None]:
    """Return the blocks of an answer, the references of every record in them, and `Leaving.marks_seen`."""
    rules = shelf()
    most = rules.number("disclosure.rows-per-item", on=on)
    found = may_leave(subject=subject, items=items, mode=mode, window=window, on=on)
    told: list[dict[str, Any]] = []
    references: list[str] = []
    for item in items:
        plan = rules.plan(item, mode=mode, on=on)
        held = found.records[item]
        shown = held[:most]
        records = [_record(one, item, plan.apply(one.held.values, consents=consents)) for one in shown]
        references += [record["ref"] for record in records]
        its_list = rules.catalogue.list_of(item)
        told.append(
            {  # names in order, here and below: what is built so needs no sorting
                "hidden": list(plan.hidden),
                "item": item,
                "list": f"{its_list.id}@{its_list.version}",
                "masked": list(plan.masked),
                "more": len(held) > len(shown),
                "records": records,
                "status": rules.catalogue.items[item].status.value,
            }
        )
    return told, references, found.marks_seen


def _record(one: Shown, item: str, values: dict[str, Any]) -> dict[str, Any]:
    held, origin = one.held, one.held.origin
    return {
        "as_of": moment(origin.landed_at) if origin else None,
        "event_date": held.event_date.isoformat() if held.event_date else None,
        "mark": one.mark and {"kind": one.mark.kind.value, "since": moment(one.mark.since)},
        "ref": reference(item, held.key),
        "source": origin.source if origin else "",
        "values": values,
    }
