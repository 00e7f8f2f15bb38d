"""Changes, proposals and obstacles in plain words, in both languages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from creditmesh.catalogue.model import Text
from creditmesh.kernel import money
from creditmesh.scoring.definition import wording
from creditmesh.scoring.definition.features import Measure
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.improving.levers import Lever

Why = Literal["best", "excluded", "ungraded", "unsettled", "rule", "adjusted", "thin", "nothing", "points"]
WHY: dict[Why, Text] = {
    "best": Text(zh="已是最好等级，无需改进。", en="This is the best grade already."),
    "excluded": Text(zh="不参加评价：{rules}。", en="Left out of the evaluation: {rules}."),
    "ungraded": Text(
        zh="数据不足，未定等级：先要归集到更多数据。",
        en="There is too little data for a grade: more must be collected first.",
    ),
    "unsettled": Text(
        zh="可变因素过多，在限定的计算量内没有找到达到{grade}的办法，也未能证明没有。",
        en="Too many things could change: within the bounds of the search no way to {grade} was found, nor was it shown that there is none.",
    ),
    "rule": Text(
        zh="今天没有任何改变能达到{grade}：{rules}仍然有效。",
        en="No change made today reaches {grade}: still in force: {rules}.",
    ),
    "adjusted": Text(
        zh="评分再好也达不到{grade}：等级已由人工下调，调整到期或撤销后才能提高。",
        en="No score reaches {grade}: people moved the grade down, and only the end of that adjustment moves it up.",
    ),
    "thin": Text(
        zh="今天没有任何改变能达到{grade}：数据不足的企业不能取得更好等级，先要归集到更多数据。",
        en="No change made today reaches {grade}: with so little data a better grade is not given; more must be collected first.",
    ),
    "nothing": Text(
        zh="今天没有任何改变能达到{grade}：没有可由企业改变的扣分项，只能等待旧记录到期。",
        en="No change made today reaches {grade}: nothing that costs points can be changed; old records must run out.",
    ),
    "points": Text(
        zh="即使完成所有可行的改变，仍达不到{grade}：其余扣分项今天无法改变，只能等待旧记录到期。",
        en="Even all feasible changes together do not reach {grade}: what else costs points cannot be changed today; old records must run out.",
    ),
}
SHOWN = {
    Measure.FEN: "money",
    Measure.BASIS_POINTS: "percent",
    Measure.DAYS: "days",
    Measure.THOUSANDTHS: "thousandths",
}


@dataclass(frozen=True)
class Changed:
    """One input that changes, and what that alone brings in thousandths of a point."""

    lever: Lever
    name: str
    before: object
    after: object
    brings: int


def label(system: System, lever: Lever) -> Text:
    """Return what a lever is called."""
    combination = system.definition.combination
    if lever.way == "part" and combination is not None:
        return combination.parts[lever.name].label
    return system.definition.features[lever.name].label


def value(system: System, name: str, found: object) -> Text:
    """Return the value of an input in words."""
    if isinstance(found, bool):
        return Text(zh="是", en="yes") if found else Text(zh="否", en="no")
    if isinstance(found, int):
        return _number(system, name, found)
    feature = system.definition.features.get(name)
    if feature is not None and feature.item is not None and feature.of is not None:
        choices = system.items[feature.item].field(feature.of).choices
        if str(found) in choices:
            return choices[str(found)]
    return Text(zh=str(found), en=str(found))


def _number(system: System, name: str, found: int) -> Text:
    if name.startswith("part_"):
        return _of_part(system, name, found)
    match kind_of(system, name):
        case "money":
            return Text(zh=money.format(found, language="zh"), en=money.format(found, language="en"))
        case "percent":
            return Text(zh=wording.share(found), en=wording.share(found))
        case "days":
            return Text(zh=f"{found}天", en=f"{found} days")
        case "thousandths":
            return Text(zh=wording.points(found), en=wording.points(found))
        case _:
            return Text(zh=str(found), en=str(found))


def _of_part(system: System, name: str, found: int) -> Text:
    combination = system.definition.combination
    part, _, end = name.removeprefix("part_").rpartition("_")
    if end == "rank" and combination is not None:
        grade = combination.parts[part].grades[found]
        return Text(zh=f"{grade}级", en=f"grade {grade}")
    points = wording.points(found)
    return Text(zh=f"{points}分", en=f"{points} points")


def kind_of(system: System, name: str) -> str:
    """Return how the numbers of an input are shown: as the file says, else as its field is kept."""
    feature = system.definition.features[name]
    if feature.unit in SHOWN:
        return SHOWN[feature.unit]
    for one in system.definition.indicators:
        if one.value == name:
            return one.shown_as
    if feature.item is not None and feature.of is not None:
        kind = system.items[feature.item].field(feature.of).kind.value
        return kind if kind in {"money", "percent"} else "number"
    return "number"


def change(system: System, one: Changed, lifted: Sequence[Text]) -> Text:
    """Return one change in words: 'Tax arrears: 12,000 yuan → 0 yuan, 80 points better'."""
    before, after = value(system, one.name, one.before), value(system, one.name, one.after)
    called = label(system, one.lever)
    zh, en = f"{called.zh}：{before.zh} → {after.zh}", f"{called.en}: {before.en} → {after.en}"
    if one.brings:
        points, better = wording.points(abs(one.brings)), one.brings > 0
        zh += f"，{'好' if better else '差'}{points}分"
        en += f", {points} points {'better' if better else 'worse'}"
    if lifted:
        zh += f"，解除“{'、'.join(one.zh for one in lifted)}”"
        en += f", lifts “{', '.join(one.en for one in lifted)}”"
    return Text(zh=zh, en=en)


def proposal(changes: Sequence[Text], grade: str) -> Text:
    """Return all changes of a proposal and where they lead."""
    return Text(
        zh=f"{'；'.join(one.zh for one in changes)}；之后等级为{grade}。",
        en=f"{'; '.join(one.en for one in changes)}; then grade {grade}.",
    )


def why_not(why: Why, grade: str, rules: Sequence[Text]) -> Text:
    """Return why no change reaches a grade."""
    text = WHY[why]
    return Text(
        zh=text.zh.format(grade=grade, rules="、".join(one.zh for one in rules)),
        en=text.en.format(grade=grade, rules=", ".join(one.en for one in rules)),
    )
