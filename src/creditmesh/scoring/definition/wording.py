"""What an explanation says in words, in both languages."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from creditmesh.catalogue.model import Text
from creditmesh.kernel import money
from creditmesh.scoring.definition.combination import Step
from creditmesh.scoring.definition.indicators import Indicator
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import Sourced, State
from creditmesh.scoring.definition.system import Definition

MILLI = 1_000
WITHOUT: Mapping[str, Text] = {
    State.MISSING: Text(zh="无记录", en="nothing on record"),
    State.NOT_COLLECTED: Text(zh="未归集", en="not collected here"),
    State.NOT_APPLICABLE: Text(zh="不适用", en="does not apply"),
}
LEFT_OUT = Text(zh="不计入，权重由其余指标分担", en="left out, its weight carried by the others")


def points(milli: int) -> str:
    """Return milli-points as points.

    >>> points(300000), points(-1500), points(233360)
    ('300', '-1.5', '233.36')
    """
    whole, rest = divmod(abs(milli), MILLI)
    text = f"{whole}.{rest:03d}".rstrip("0").rstrip(".")
    return f"-{text}" if milli < 0 else text


def share(basis_points: int) -> str:
    """Return basis points as a percentage.

    >>> share(1200), share(2450)
    ('12%', '24.5%')
    """
    return f"{points(basis_points * 10)}%"


def value(system: System, one: Indicator, found: object) -> Text:
    """Return a measured value in words."""
    if isinstance(found, bool):
        return Text(zh="是", en="yes") if found else Text(zh="否", en="no")
    if isinstance(found, int):
        return _number(one, found)
    if isinstance(found, date):
        return Text(zh=found.isoformat(), en=found.isoformat())
    if found is None:
        return Text(zh="无", en="none")
    return _choice(system, one, str(found))


def _number(one: Indicator, found: int) -> Text:
    match one.shown_as:
        case "money":
            return Text(zh=money.format(found, language="zh"), en=money.format(found, language="en"))
        case "percent":
            return Text(zh=share(found), en=share(found))
        case "days":
            return Text(zh=f"{found}天", en=f"{found} days")
        case "thousandths":
            return Text(zh=points(found), en=points(found))
        case _:
            return Text(zh=str(found), en=str(found))


def _choice(system: System, one: Indicator, found: str) -> Text:
    feature = system.definition.features.get(str(one.value))
    if feature is not None and feature.item is not None and feature.of is not None:
        choices = system.items[feature.item].field(feature.of).choices
        if found in choices:
            return choices[found]
    return Text(zh=found, en=found)


def how(system: System, one: Indicator, *, value: object, points: int | None, state: str) -> Text:
    """Return how an indicator came to its points: '2 → 300 of 1000, weight 12%'."""
    found = _found(system, one, value, state)
    weight = share(one.weight)
    if points is None:
        return Text(zh=f"{found.zh} → {LEFT_OUT.zh}", en=f"{found.en} → {LEFT_OUT.en}")
    got, scale = _points_text(points), system.definition.scale
    return Text(
        zh=f"{found.zh} → {got}分（满分{scale}），权重 {weight}",
        en=f"{found.en} → {got} of {scale}, weight {weight}",
    )


_points_text = points


def _found(system: System, one: Indicator, found: object, state: str) -> Text:
    return value(system, one, found) if state == State.PRESENT else WITHOUT[state]


def sentence(system: System, one: Indicator, *, value: object, points: int | None, state: str) -> Text:
    """Return the reason of an indicator with its value put in."""
    found = _found(system, one, value, state)
    if state != State.PRESENT:
        return Text(zh=f"{one.label.zh}：{found.zh}", en=f"{one.label.en}: {found.en}")
    return Text(zh=one.reason.zh.replace("{value}", found.zh), en=one.reason.en.replace("{value}", found.en))


def short_of(
    definition: Definition, *, coverages: Mapping[str, int], coverage: int, states: Mapping[str, str]
) -> tuple[Text, ...]:
    """Return where data is too thin: the groups and the whole below their minimum, and what was refused."""
    found = [
        _thin(group.label, coverages[group.id], group.minimum_coverage)
        for group in definition.groups
        if coverages[group.id] < group.minimum_coverage
    ]
    if coverage < definition.minimum_coverage or not coverage:
        found.append(_thin(definition.label, coverage, definition.minimum_coverage))
    for one in definition.indicators:
        state = states[one.id]
        policy = one.missing if state == State.MISSING else one.not_collected or definition.not_collected
        if state in {State.MISSING, State.NOT_COLLECTED} and policy.act == "refuse":
            found.append(
                Text(zh=f"{one.label.zh}：{WITHOUT[state].zh}", en=f"{one.label.en}: {WITHOUT[state].en}")
            )
    return tuple(found)


def _thin(label: Text, has: int, needs: int) -> Text:
    return Text(
        zh=f"{label.zh}：数据覆盖率 {share(has)}，至少需要 {share(needs)}",
        en=f"{label.en}: coverage {share(has)}, at least {share(needs)} is needed",
    )


def row_of(one: Indicator, found: object) -> tuple[Sourced, ...]:
    """Return the row of an indicator's table that gave the points, as the innermost block with a source."""
    if one.bands is not None and isinstance(found, int):
        return (next(band for band in one.bands if band.up_to is None or found <= band.up_to),)
    block = one.lookup or one.boolean or one.per_event
    return (block,) if block is not None else ()


class Told(Protocol):
    """A value that a step of a combination read."""

    @property
    def label(self) -> Text: ...
    @property
    def points(self) -> int | None: ...
    @property
    def grade(self) -> str | None: ...
    @property
    def weight(self) -> int | None: ...
    @property
    def brings(self) -> int | None: ...


def combined(step: Step, terms: Sequence[Told], *, score: int | None, grade: str | None) -> Text:
    """Return a step of a combination in words: 'general 41 × 0.5 + food 60 × 0.5 = 50.5'."""
    if step.matrix is not None:
        return _joined([_graded(one) for one in terms], " × ", _given(" → ", grade))
    if step.floor is not None:
        return _floor(step, [_graded(one) for one in terms], grade)
    there = [one for one in terms if one.points is not None or one.grade is not None]
    write = _weighed if step.weighted is not None else _piece
    words = _joined(
        [write(one) for one in there], " + ", _given(" = ", None if score is None else points(score))
    )
    gone = [one.label for one in terms if one not in there]
    if not gone:
        return words
    return Text(
        zh=f"{words.zh}（无结果：{'、'.join(one.zh for one in gone)}）",
        en=f"{words.en} (no result: {', '.join(one.en for one in gone)})",
    )


def moved(steps: int, before: str, after: str) -> Text:
    """Return in words that people moved a grade."""
    zh, en = ("下调", "worse") if steps > 0 else ("上调", "better")
    number = abs(steps)
    return Text(
        zh=f"人工调整：{zh}{number}级，{before} → {after}",
        en=f"adjusted by people: {number} {'grade' if number == 1 else 'grades'} {en}, {before} → {after}",
    )


def factor(basis_points: int) -> str:
    """Return a weight as a factor.

    >>> factor(5000), factor(3333), factor(10000)
    ('0.5', '0.3333', '1')
    """
    whole, rest = divmod(basis_points, 10_000)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".")


def _given(sign: str, found: str | None) -> Text:
    return (
        Text(zh=f"{sign}无结果", en=f"{sign}no result")
        if found is None
        else Text(zh=sign + found, en=sign + found)
    )


def _joined(words: Sequence[Text], sign: str, end: Text) -> Text:
    return Text(
        zh=sign.join(one.zh for one in words) + end.zh, en=sign.join(one.en for one in words) + end.en
    )


def _said(one: Told, found: str) -> Text:
    return Text(zh=f"{one.label.zh} {found}", en=f"{one.label.en} {found}")


def _weighed(one: Told) -> Text:
    return _said(one, f"{points(one.points or 0)} × {factor(one.weight or 0)}")


def _piece(one: Told) -> Text:
    grade = "" if one.grade is None else f"{one.grade} "
    brings = points(one.brings or 0)
    if one.weight is None:
        return _said(one, grade + brings)
    most = points(one.weight)
    return Text(
        zh=f"{one.label.zh} {grade}{brings}（至多 {most}）", en=f"{one.label.en} {grade}{brings} (of {most})"
    )


def _graded(one: Told) -> Text:
    if one.grade is None:
        return Text(zh=f"{one.label.zh} 无等级", en=f"{one.label.en} no grade")
    return _said(one, one.grade)


def _floor(step: Step, words: Sequence[Text], grade: str | None) -> Text:
    less = 0 if step.floor is None else step.floor.less
    of, *others = words
    end = _given(" → ", grade)
    return Text(
        zh=f"{of.zh}，不优于{'、'.join(one.zh for one in others)}中最差者上调{less}级{end.zh}",
        en=f"{of.en}, not better than the worst of {', '.join(one.en for one in others)} less {less}{end.en}",
    )
