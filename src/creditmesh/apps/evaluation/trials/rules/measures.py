"""How well an order from worst to best foresaw what followed: AUC, KS, lift, shares found, error rates."""

from collections.abc import Sequence
from dataclasses import dataclass

Z95 = 1.959964
PER_MYRIAD = 10_000


@dataclass(frozen=True, kw_only=True)
class Step:
    """Subjects that stand level in an order: how many with the outcome, how many without."""

    hits: int
    others: int


@dataclass(frozen=True, kw_only=True)
class Ordering:
    """What an order from worst to best is worth; shares in basis points, None where there is nothing to measure."""

    auc_bp: int | None
    ks_bp: int | None
    curve: tuple[tuple[float, float], ...]  # share of others, share of hits, in percent


@dataclass(frozen=True, kw_only=True)
class Share:
    """A share with its count, and the 95 % interval of Wilson in basis points."""

    part: int
    whole: int
    share_bp: int | None
    low_bp: int | None
    high_bp: int | None


def ordering(steps: Sequence[Step], *, points: int = 60) -> Ordering:
    """Return AUC (ties count half), KS and the curve of an order that begins with the worst."""
    hits, others = sum(one.hits for one in steps), sum(one.others for one in steps)
    if not hits or not others:
        return Ordering(auc_bp=None, ks_bp=None, curve=())
    area, apart, found, passed = 0, 0, 0, 0
    curve = [(0.0, 0.0)]
    for one in steps:
        area += 2 * one.others * found + one.others * one.hits
        found, passed = found + one.hits, passed + one.others
        apart = max(apart, abs(found * others - passed * hits))
        curve.append((round(100 * passed / others, 2), round(100 * found / hits, 2)))
    whole = hits * others
    return Ordering(
        auc_bp=_rounded(area * PER_MYRIAD, 2 * whole),
        ks_bp=_rounded(apart * PER_MYRIAD, whole),
        curve=thinned(curve, most=points),
    )


def thinned(curve: Sequence[tuple[float, float]], *, most: int) -> tuple[tuple[float, float], ...]:
    """Return at most so many points of a curve, its ends among them."""
    if len(curve) <= most:
        return tuple(curve)
    return tuple(curve[round(place * (len(curve) - 1) / (most - 1))] for place in range(most))


def found_in_worst(steps: Sequence[Step], *, percent: int) -> int | None:
    """Return which share of the hits (basis points) lies in the worst so many percent; ties are shared out."""
    hits = sum(one.hits for one in steps)
    whole = hits + sum(one.others for one in steps)
    if not hits:
        return None
    left, found = whole * percent, 0  # both in hundredths of a subject
    for one in steps:
        size = 100 * (one.hits + one.others)
        if size > left:
            return _rounded(PER_MYRIAD * (found * size + one.hits * left), hits * size)
        found, left = found + one.hits, left - size
    return PER_MYRIAD


def lift_bp(*, hits: int, size: int, all_hits: int, all_size: int) -> int | None:
    """Return how many times as often the outcome came in a part as in all, in basis points of once."""
    if not size or not all_hits:
        return None
    return _rounded(hits * all_size * PER_MYRIAD, size * all_hits)


def share(*, part: int, whole: int) -> Share:
    """Return a share with the interval of Wilson (95 %); without numbers when there is nothing to share."""
    if not whole:
        return Share(part=part, whole=whole, share_bp=None, low_bp=None, high_bp=None)
    rate, square = part / whole, Z95 * Z95
    middle = (rate + square / (2 * whole)) / (1 + square / whole)
    around = Z95 * (rate * (1 - rate) / whole + square / (4 * whole * whole)) ** 0.5 / (1 + square / whole)
    return Share(
        part=part,
        whole=whole,
        share_bp=_rounded(part * PER_MYRIAD, whole),
        low_bp=round(PER_MYRIAD * max(0.0, middle - around)),
        high_bp=round(PER_MYRIAD * min(1.0, middle + around)),
    )


def _rounded(part: int, whole: int) -> int:
    return (2 * part + whole) // (2 * whole)
