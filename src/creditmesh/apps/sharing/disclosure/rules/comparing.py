"""How a claim is compared with what is held: five words are all that leaves, amounts within tolerance or as bands."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from creditmesh.apps.sharing.disclosure.rules.bodies import digest
from creditmesh.apps.sharing.disclosure.rules.masking import Conventions
from creditmesh.apps.sharing.disclosure.rules.questions import Claim
from creditmesh.catalogue.model import FieldDefinition, Item, Kind, Sensitivity
from creditmesh.exchange.canonical import canonical
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.kernel.names import normalise_name

WHOLE = 10_000  # basis points
_LEAST_PART = 4  # letters: a shorter part of a text says nothing
_BANDS: dict[Kind, str] = {Kind.MONEY: "money", Kind.INTEGER: "count", Kind.PERCENT: "percent"}


class BadClaim(CreditmeshError):
    """A claim cannot be compared as it is stated."""

    code = "bad-claim"


class Verdict(StrEnum):
    """What is answered to a claim."""

    MATCH = "MATCH"
    MISMATCH = "MISMATCH"
    PARTIAL = "PARTIAL"  # some of the records meant agree, or one text holds the other
    NO_DATA = "NO_DATA"
    NOT_AUTHORISED = "NOT_AUTHORISED"


LONGEST = max(len(one) for one in Verdict)


def require_comparable(claim: Claim, *, number: int, item: Item | None, by: Conventions) -> FieldDefinition:
    """Return the field a claim is about; raise `BadClaim` with its number and what to mend."""
    if item is None:
        raise BadClaim(f"Claim {number}: the catalogue has no such item; look up its code there.")
    wrong = _wrong_place(claim, item) or _wrong_value(claim, item.field(claim.field), by)
    if wrong is not None:
        raise BadClaim(f"Claim {number}: {wrong}")
    return item.field(claim.field)


def _wrong_place(claim: Claim, item: Item) -> str | None:
    known = {one.name: one for one in item.fields}
    if claim.field not in known:
        return f"{item.code} has no field of that name; look it up in the catalogue."
    for name in claim.where:
        key = known.get(name)
        if name not in item.record_key or key is None or key.personal or key.sensitivity != Sensitivity.L1:
            return "'where' takes public fields of the record key only; see the catalogue."
    return None


def _wrong_value(claim: Claim, field: FieldDefinition, by: Conventions) -> str | None:
    kind = _BANDS.get(field.kind)
    if claim.total and field.kind not in (Kind.MONEY, Kind.INTEGER):
        return "only amounts and counts can be added up."
    if isinstance(claim.value, tuple):
        allowed = kind is not None and claim.value in bands(by.bands[kind])
        return None if allowed else "a band must be one of the rule pack's bands for this kind of number."
    if kind is not None:
        whole = isinstance(claim.value, int) and not isinstance(claim.value, bool)
        return None if whole else "the field is a number: state a whole number in its stored unit, or a band."
    if not isinstance(claim.value, bool if field.kind is Kind.BOOLEAN else str):
        return "the field is a text: state a text, or true or false for a yes-or-no field."
    if field.kind is Kind.DATE and not _is_day(str(claim.value)):
        return "a date is written like 2026-03-31."
    return None


def bands(bounds: Sequence[int]) -> frozenset[tuple[int | None, int | None]]:
    """Return every band that may be named, with the one below zero.

    >>> sorted(bands([10, 50]), key=str)
    [(0, 10), (11, 50), (51, None), (None, -1)]
    """
    starts = [0, *(one + 1 for one in bounds)]
    ends: list[int | None] = [*bounds, None]
    return frozenset([*zip(starts, ends, strict=True), (None, -1)])


def claim_digest(claim: Claim, *, data_from: date | None = None, data_to: date | None = None) -> str:
    """Return what a claim is counted by: the same claim in other spacing or case is the same.

    Over other days it is another claim: it may be answered otherwise, and would teach something for nothing.
    """
    value = list(claim.value) if isinstance(claim.value, tuple) else claim.value
    return digest(
        canonical(
            {
                "item": claim.item,
                "field": claim.field,
                "value": normalise_name(value) if isinstance(value, str) else value,
                "where": {name: str(held) for name, held in claim.where.items()},
                "total": claim.total,
                "days": [one.isoformat() if one else None for one in (data_from, data_to)],
            }
        )
    )


def verdict(
    claim: Claim, *, field: FieldDefinition, records: Sequence[Mapping[str, object]], tolerance: int
) -> Verdict:
    """Return the answer to a claim from the records that may be used; `tolerance` in basis points.

    Every record that `where` means is compared: all agree, some, or none. The answer depends on claim and
    records alone, so that asking again teaches nothing.
    """
    meant = [one for one in records if all(str(one.get(name)) == str(v) for name, v in claim.where.items())]
    held = [one[claim.field] for one in meant if one.get(claim.field) not in (None, "")]
    if not held:
        return Verdict.NO_DATA
    if claim.total:
        held = [sum(one for one in held if isinstance(one, int))]
    found = [_agrees(claim, field, one, tolerance) for one in held]
    if all(one is Verdict.MATCH for one in found):
        return Verdict.MATCH
    return Verdict.MISMATCH if all(one is Verdict.MISMATCH for one in found) else Verdict.PARTIAL


def padding(verdicts: Sequence[Verdict]) -> str:
    """Return blanks that make all answers to the same claims equally long.

    >>> len(padding([Verdict.MATCH])) + len(Verdict.MATCH) == len(padding([Verdict.NO_DATA])) + len(Verdict.NO_DATA)
    True
    """
    return " " * sum(LONGEST - len(one) for one in verdicts)


def _agrees(claim: Claim, field: FieldDefinition, held: object, tolerance: int) -> Verdict:
    if isinstance(claim.value, tuple):
        low, high = claim.value
        same = isinstance(held, int) and (low is None or held >= low) and (high is None or held <= high)
    elif field.kind in _BANDS:
        same = isinstance(held, int) and _near(int(claim.value), held, tolerance)
    elif field.kind is Kind.TEXT and not field.personal:
        return _texts(str(claim.value), str(held))
    else:
        same = normalise_name(_word(claim.value)) == normalise_name(_word(held))
    return Verdict.MATCH if same else Verdict.MISMATCH


def _near(claimed: int, held: int, tolerance: int) -> bool:
    return abs(claimed - held) * WHOLE <= tolerance * abs(held)


def _texts(claimed: str, held: str) -> Verdict:
    one, other = normalise_name(claimed), normalise_name(held)
    if one == other:
        return Verdict.MATCH
    short, long = sorted((one, other), key=len)
    # A part must be half of the whole, or single letters would feel their way along.
    return (
        Verdict.PARTIAL
        if len(short) >= max(_LEAST_PART, len(long) // 2) and short in long
        else Verdict.MISMATCH
    )


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
