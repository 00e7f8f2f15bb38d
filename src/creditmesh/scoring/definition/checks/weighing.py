"""Whether the weights in a file are those that its judgements and frozen findings give."""

from collections.abc import Iterator, Mapping, Sequence

from creditmesh.scoring.definition.checks.judging import ALL, BadJudgement, Inconsistent, ahp, shares
from creditmesh.scoring.definition.checks.problems import Path, Problem
from creditmesh.scoring.definition.indicators import Indicator
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import WeightsFrom


def in_weights(system: System) -> Iterator[Problem]:
    """Yield every list of weights that differs from what it is said to be made from."""
    definition = system.definition
    yield from _checked((), definition.weights_from, [one.weight for one in definition.groups])
    for g, group in enumerate(definition.groups):
        weights = [one.weight for one in group.sub_groups] or _of(group.indicators)
        yield from _checked(("groups", g), group.weights_from, weights)
        for s, sub in enumerate(group.sub_groups):
            yield from _checked(("groups", g, "sub_groups", s), sub.weights_from, _of(sub.indicators))


def _of(indicators: Sequence[Indicator]) -> list[int]:
    return [one.weight for one in indicators if one.role == "weighted"]


def _checked(path: Path, stated: WeightsFrom | None, weights: list[int]) -> Iterator[Problem]:
    if stated is None:
        return
    place: Path = (*path, "weights_from")
    try:
        found = computed(stated, len(weights))
    except (BadJudgement, Inconsistent) as wrong:
        yield Problem(place, wrong.code, wrong.sentence)
        return
    if list(found) != weights:
        wanted = ", ".join(map(str, found))
        yield Problem(
            place, "weights-differ", f"This gives the weights {wanted}, not those in the file; write them."
        )


def computed(stated: WeightsFrom, number: int) -> tuple[int, ...]:
    """Return the basis points of what is stated for so many weights; raises `BadJudgement` and `Inconsistent`."""
    parts: dict[str, Sequence[float]] = {}
    if stated.ahp is not None:
        parts["ahp"] = ahp(stated.ahp, overruled=stated.overruled).weights
    for kind, found in (("entropy", stated.entropy), ("critic", stated.critic)):
        if found is not None:
            parts[kind] = [one / ALL for one in found]
    for kind, weights in parts.items():
        if len(weights) != number or abs(sum(weights) - 1) > 1e-9:
            raise BadJudgement(
                f"`{kind}` is for {len(weights)} weights; here are {number}, and all sum to {ALL}."
            )
    stated_shares: dict[str, int] = {
        str(kind): share for kind, share in stated.shares.items()
    } or dict.fromkeys(parts, ALL)
    return mixture(parts, stated_shares)


def mixture(parts: Mapping[str, Sequence[float]], shares_of: Mapping[str, int]) -> tuple[int, ...]:
    """Return basis points of several sets of weights mixed by stated shares, which sum to 10000.

    Raises `BadJudgement` for shares that do not sum or parts of different length.
    """
    if sum(shares_of.values()) != ALL or set(parts) != set(shares_of):
        raise BadJudgement(f"The shares of a mixture sum to {ALL}, one for each kind of weights.")
    if len({len(one) for one in parts.values()}) != 1:
        raise BadJudgement("All kinds of weights in a mixture are for the same indicators.")
    mixed = [
        sum(shares_of[name] * one for name, one in zip(parts, row, strict=True))
        for row in zip(*parts.values(), strict=True)
    ]
    return shares(mixed)
