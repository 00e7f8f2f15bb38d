"""A learnt system as the text of its file, the same bytes for the same model."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from creditmesh.scoring.definition.features import ColumnType
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.learning.model.binning import MISSING, OTHERWISE, Bins
from creditmesh.scoring.learning.points import SCALE, Points, Single, Strip
from creditmesh.scoring.learning.table.reading import Column

# what an indicator of the same id in the system it is based on would say otherwise
OWN = (
    "        role: weighted",
    "        applies_when: null",
    "        unit: null",
    "        not_collected: null",
)
BRACES = str.maketrans("{}｛｝", "()（）")
SHOWN = {1: "number", 1_000: "thousandths"}


@dataclass(frozen=True)
class Head:
    """What stands above the indicators."""

    id: str
    version: str
    label_zh: str
    label_en: str
    owner_zh: str
    owner_en: str
    purpose: str
    source: str
    effective_from: str
    comment: Sequence[str]
    grades: Sequence[tuple[str, str, str, int | None]]  # symbol, Chinese, English, up to so many points
    base: System | None = None  # whose inputs it reads


def text(head: Head, points: Points, columns: Sequence[Column], bins: Sequence[Bins]) -> str:
    """Return the YAML of a system."""
    lines = [*(f"# {line}".rstrip() for line in head.comment), "", *_head(head), ""]
    used = {one.column for one in points.singles} | {
        n for one in points.strips for n in (one.row, one.column)
    }
    features = {one.id: one for n in sorted(used) for one in columns[n].reads or (columns[n],)}
    if head.base is None:
        lines += ["features:", *(f"  {one.id}: {_feature(one)}" for one in features.values()), ""]
    known = set() if head.base is None else {one.id for one in head.base.definition.indicators}
    lines += ["groups:", "  - id: learnt", "    label: {zh: 指标, en: Indicators}", "    weight: 10000"]
    lines += ["    indicators:"]
    for single in points.singles:
        lines += _single(single, columns[single.column], bins[single.column])
        lines += OWN if columns[single.column].id in known else ()
    for n, strip in enumerate(points.strips, start=1):
        lines += _strip(n, strip, columns, bins)
    lines += ["", "grades:"]
    for symbol, zh, en, up_to in head.grades:
        end = "" if up_to is None else f", up_to: {up_to}"
        lines.append(f"  - {{symbol: {quoted(symbol)}, label: {_label(zh, en)}{end}}}")
    return "\n".join(lines) + "\n"


def _head(head: Head) -> list[str]:
    return [
        f"id: {head.id}",
        f"version: {quoted(head.version)}",
        f"label: {_label(head.label_zh, head.label_en)}",
        f"owner: {_label(head.owner_zh, head.owner_en)}",
        f"purpose: {head.purpose}",
        # one for a node counts from its approval on, and then belongs to the monthly cadence
        f"lifecycle: {'draft' if head.base is None else 'live'}",
        "status: local",
        f"source: {quoted(head.source)}",
        f"effective_from: {head.effective_from}",
        "direction: higher_is_worse",
        f"scale: {SCALE}",
        "rounding: half_up",
        "cut_offs: upper_inclusive",
        "reasons: 3",
        "not_collected: skip",
        *_based(head.base),
    ]


def _based(base: System | None) -> list[str]:
    if base is None:
        return ["insufficient: {}"]
    said = [f"based_on: {{system: {base.id}, version: {quoted(base.version)}}}"]
    return said if base.definition.weights_from is None else [*said, "weights_from: null"]


def quoted(text: str) -> str:
    """Return text as a YAML scalar in double quotes, in one line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in escaped) + '"'


def _label(zh: str, en: str) -> str:
    return f"{{zh: {quoted(zh)}, en: {quoted(en)}}}"


def _reason(zh: str, en: str) -> str:
    """Return the reason with a place for the value; braces in a column's name would be places of their own."""
    zh, en = zh.translate(BRACES), en.translate(BRACES)
    return _label(f"{zh}：{{value}}", f"{en}: {{value}}")


def _feature(column: Column) -> str:
    scale = f", scale: {column.scale}" if column.scale != 1 else ""
    return (
        f"{{label: {_label(column.name, column.name)}, column: {quoted(column.name)}, "
        f"type: {column.type}{scale}}}"
    )


def _single(single: Single, column: Column, bins: Bins) -> list[str]:
    zh, en = column.label_zh, column.label_en
    return [
        f"      - id: {column.id}",
        f"        label: {_label(zh, en)}",
        f"        weight: {single.weight}",
        f"        value: {quoted(column.expression)}",
        *_scored(single.points, bins),
        f"        reason: {_reason(zh, en)}",
        f"        shown_as: {_shown(column)}",
    ]


def _strip(n: int, strip: Strip, columns: Sequence[Column], bins: Sequence[Bins]) -> list[str]:
    row, column = columns[strip.row], columns[strip.column]
    when = condition(row.expression, strip.first, strip.last, bins[strip.row])
    zh = f"{column.label_zh}（当{when}）"
    en = f"{column.label_en} (where {when})"
    return [
        f"      - id: both_{n}",
        f"        label: {_label(zh, en)}",
        "        role: adjustment",
        f"        weight: {strip.weight}",
        f"        applies_when: {quoted(when)}",
        f"        value: {quoted(column.expression)}",
        *_scored(strip.points, bins[strip.column]),
        f"        reason: {_reason(zh, en)}",
        f"        shown_as: {_shown(column)}",
    ]


def _shown(column: Column) -> str:
    return "text" if column.type is ColumnType.TEXT else SHOWN.get(column.scale, "number")


def _scored(points: Sequence[int], bins: Bins) -> list[str]:
    lines = [f"        missing: {{score: {points[MISSING]}}}"]
    if bins.type is ColumnType.TRUTH:
        return [f"        boolean: {{yes: {points[2]}, no: {points[1]}}}", *lines]
    if bins.type is ColumnType.TEXT:
        table = ", ".join(f"{quoted(word)}: {points[n]}" for n, word in enumerate(bins.words, start=2))
        return [f"        lookup: {{points: {{{table}}}, otherwise: {points[OTHERWISE]}}}", *lines]
    ends = [*bins.edges, None]
    kept = [n for n, (here, after) in enumerate(pairwise(points[1:])) if here != after]
    bands = [f"          - {{up_to: {ends[n]}, points: {points[n + 1]}}}" for n in kept]
    return ["        bands:", *bands, f"          - {{points: {points[-1]}}}", *lines]


def condition(expression: str, first: int, last: int, bins: Bins) -> str:
    """Return when a value has one of the codes from first to last."""
    if first == MISSING:
        return f"{expression} is missing"
    low = bins.edges[first - 2] if first > 1 else None
    high = bins.edges[last - 1] if last <= len(bins.edges) else None
    if low is None and high is None:
        return f"{expression} is not missing"
    if low is None:
        return f"{expression} <= {high}"
    if high is None:
        return f"{expression} > {low}"
    return f"{low} < {expression} <= {high}"
