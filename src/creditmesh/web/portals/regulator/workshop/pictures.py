"""What trials found, as pictures and tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from creditmesh.apps.evaluation.grading.queries.distribution import region_label, section_label
from creditmesh.apps.evaluation.trials.operations.previewing import Preview
from creditmesh.apps.evaluation.trials.queries import trials
from creditmesh.apps.evaluation.trials.queries.trials import TrialRow
from creditmesh.apps.evaluation.trials.rules.trial import UNKNOWN, may_see_names
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.catalogue.reading import CatalogueRefused, parse
from creditmesh.web.portals.frame.charts import Chart, Series, tone_of
from creditmesh.web.portals.frame.charts import Kind as Drawn
from creditmesh.web.portals.frame.vocabulary import systems as words
from creditmesh.web.portals.regulator.workshop.heat import Curve, HeatMap, Line, heat_map

MOST_WEIGHTS = 20
MOST_REASONS = 12


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why some moved, in words, with how many."""

    direction: str
    text: str
    subjects: int


@dataclass(frozen=True, kw_only=True)
class Mover:
    """One enterprise that moves."""

    subject: str
    name: str
    was: str
    now: str
    why: str
    was_score: int | None
    now_score: int | None


@dataclass(frozen=True, kw_only=True)
class CutRow:
    """One cell of a cut: who is in it, how grades are shared out, what was missed; hidden where too few."""

    label: str
    cell: str
    subjects: int
    before: tuple[float, ...]
    after: tuple[float, ...]
    worse: int
    better: int


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A cut as a table and a picture."""

    key: str
    title: str
    rows: tuple[CutRow, ...]
    chart: Chart | None

    @property
    def hidden(self) -> tuple[str, ...]:
        """Return the names of the cells that are too small to show."""
        return tuple(row.label for row in self.rows if row.cell == "hidden")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A finished trial as its page shows it."""

    matrix: HeatMap
    grades: Chart
    moved: Mapping[str, int]
    reasons: tuple[Reason, ...]
    movers: tuple[Mover, ...]
    newly_worst: tuple[Mover, ...]
    newly_worst_total: int
    names_hidden: bool
    cuts: tuple[Cut, ...]
    weights: Chart | None
    sensitivity: Mapping[str, Any]
    curve: Curve | None
    lift: Chart | None
    foresight: Mapping[str, Any]
    numbers: tuple[tuple[str, Mapping[str, str]], ...]
    grades_after: tuple[Mapping[str, Any], ...]
    found: tuple[tuple[str, int | None, int | None], ...]
    errors: tuple[tuple[str, tuple[Mapping[str, Any], ...]], ...]


def of_preview(preview: Preview | None) -> HeatMap | None:
    """Return the matrix of a preview, None where there is none."""
    if preview is None or not preview.result:
        return None
    return _matrix(preview.result)


def of_trial(found: TrialRow | None, *, viewer: Actor) -> Shown | None:
    """Return what a finished trial shows to somebody; None for one that has not ended well."""
    if found is None or not found.result:
        return None
    told = found.result
    labels = _labels(found)
    open_ = may_see_names(viewer=viewer, purpose=found.purpose)
    worst = told.get("newly_worst", {"total": 0, "rows": []})
    return Shown(
        matrix=_matrix(told),
        grades=_grades(told),
        moved=told["moved"],
        reasons=tuple(
            Reason(
                direction=one["direction"],
                text=_why(one["kind"], one["id"], labels),
                subjects=one["subjects"],
            )
            for one in told["reasons"][:MOST_REASONS]
        ),
        movers=_movers(told.get("movers", ()), labels) if open_ else (),
        newly_worst=_movers(worst["rows"], labels) if open_ else (),
        newly_worst_total=worst["total"],
        names_hidden=not open_,
        cuts=tuple(_cut(name, rows, told["grades_after"]) for name, rows in told["cuts"].items()),
        weights=_weights(told.get("sensitivity"), labels),
        sensitivity=told.get("sensitivity", {}),
        curve=_curve(told.get("foresight")),
        lift=_lift(told.get("foresight")),
        foresight=told.get("foresight", {}),
        numbers=_numbers(told.get("foresight")),
        grades_after=_grades_after(told.get("foresight")),
        found=_found(told.get("foresight")),
        errors=tuple(
            (str(words.CUTS[name]), tuple({**one, "label": _cell_label(name, one["key"])} for one in rows))
            for name, rows in told.get("errors", {}).items()
        ),
    )


def state_words(code: str) -> str:
    """Return a grade as it is, and what stands for none in words."""
    return str(words.UNGRADED.get(code, code))


def _matrix(told: Mapping[str, Any]) -> HeatMap:
    return heat_map(
        cells=[(was, now, number) for was, now, number in told["matrix"]],
        rows=told["grades_before"],
        columns=told["grades_after"],
        words=state_words,
    )


def _grades(told: Mapping[str, Any]) -> Chart:
    symbols = list(dict.fromkeys([*told["grades_before"], *told["grades_after"]]))
    others = [one for one in words.UNGRADED if any(one in row[:2] for row in told["matrix"])]
    codes = [*symbols, *others]
    before = {code: sum(n for was, _now, n in told["matrix"] if was == code) for code in codes}
    after = {code: sum(n for _was, now, n in told["matrix"] if now == code) for code in codes}
    return Chart(
        key="grade-counts",
        title=_("Grades before and after"),
        category_label=_("Grade"),
        categories=tuple(state_words(one) for one in codes),
        series=(
            Series(name=_("before"), values=tuple(before[one] for one in codes), tone="n"),
            Series(name=_("after"), values=tuple(after[one] for one in codes), tone="1"),
        ),
    )


def _movers(rows: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> tuple[Mover, ...]:
    return tuple(
        Mover(
            subject=one["subject"],
            name=one["name"] or "",
            was=state_words(one["was"]),
            now=state_words(one["is"]),
            why=_why(one["kind"], one["reason"], labels),
            was_score=one["was_score"],
            now_score=one["is_score"],
        )
        for one in rows
    )


def _why(kind: str, id_: str, labels: Mapping[str, str]) -> str:
    said = str(words.REASONS.get(kind, kind))
    return f"{said}{labels.get(id_, id_)}" if id_ else said


def _labels(found: TrialRow) -> dict[str, str]:
    """Return what groups, indicators and rules of both files are called, by id."""
    labels: dict[str, str] = {}
    stored = trials.stored(found.uuid)
    for content in (bytes(stored.against_content), bytes(stored.content)):
        try:
            _note(parse(content.decode("utf-8", errors="replace"), file=found.system).data, labels)
        except CatalogueRefused:
            continue
    return labels


def _note(value: Any, labels: dict[str, str]) -> None:
    if isinstance(value, dict):
        label = value.get("label")
        if isinstance(label, dict) and "id" in value:
            zh = (get_language() or "zh").startswith("zh")
            labels[str(value["id"])] = str(label.get("zh" if zh else "en") or value["id"])
        for one in value.values():
            _note(one, labels)
    elif isinstance(value, list):
        for one in value:
            _note(one, labels)


def _cut(name: str, rows: Sequence[Mapping[str, Any]], grades: Sequence[str]) -> Cut:
    shown = tuple(_cut_row(name, one, grades) for one in rows)
    told = [one for one in shown if one.cell != "hidden"][:15]
    title = str(words.CUTS[name])
    chart = None
    if len(told) > 1:
        chart = Chart(
            key=f"cut-{name}",
            title=_("Grades after, by %(cut)s") % {"cut": title},
            category_label=title,
            kind=Drawn.STACKED,
            across=True,
            maximum=100,
            unit="%",
            categories=tuple(one.label for one in told),
            series=tuple(
                Series(name=grade, values=tuple(one.after[place] for one in told), tone=tone_of(grade))
                for place, grade in enumerate(grades)
            ),
        )
    return Cut(key=name, title=title, rows=shown, chart=chart)


def _cut_row(name: str, one: Mapping[str, Any], grades: Sequence[str]) -> CutRow:
    size = one.get("subjects", 0)

    def shares(counts: Mapping[str, int]) -> tuple[float, ...]:
        graded = sum(counts.get(grade, 0) for grade in grades)
        return tuple(round(100 * counts.get(grade, 0) / graded, 1) if graded else 0.0 for grade in grades)

    return CutRow(
        label=_cell_label(name, one["key"]),
        cell=one["cell"],
        subjects=size,
        before=shares(one.get("before", {})),
        after=shares(one.get("after", {})),
        worse=one.get("worse", 0),
        better=one.get("better", 0),
    )


def _cell_label(cut: str, key: str) -> str:
    language = get_language() or "zh-hans"
    if key == UNKNOWN:
        return _("unknown")
    if cut == "region":
        return region_label(key, language=language)
    if cut == "industry":
        return section_label(key, language=language)
    return str(words.CELLS.get(key, key))


def _weights(told: Mapping[str, Any] | None, labels: Mapping[str, str]) -> Chart | None:
    if not told or not any(one["up"] or one["down"] for one in told["weights"]):
        return None
    first = told["weights"][:MOST_WEIGHTS]
    return Chart(
        key="weights",
        title=_("Grades that change when a weight changes"),
        note=_(
            "Each weight by %(percent)d %% up and down, the others sharing the rest; %(sample)d enterprises."
        )
        % {"percent": told["percent"], "sample": told["sample"]},
        category_label=_("Weight"),
        across=True,
        categories=tuple(labels.get(one["id"], one["id"]) for one in first),
        series=(
            Series(name=_("raised"), values=tuple(one["up"] for one in first), tone="1"),
            Series(name=_("lowered"), values=tuple(one["down"] for one in first), tone="3"),
        ),
    )


def _curve(told: Mapping[str, Any] | None) -> Curve | None:
    if not told or not told["after"]["curve"]:
        return None
    return Curve(
        key="roc",
        title=_("Found against passed over in vain"),
        across=_("share of those nothing befell, %"),
        upward=_("share of those it befell, %"),
        lines=(
            Line(name=_("live"), tone="n", points=tuple(map(tuple, told["before"]["curve"]))),
            Line(name=_("draft"), tone="1", points=tuple(map(tuple, told["after"]["curve"]))),
        ),
    )


def _lift(told: Mapping[str, Any] | None) -> Chart | None:
    if not told:
        return None
    rows = told["after"]["grades"]
    return Chart(
        key="lift",
        title=_("How often it followed, by grade"),
        note=_("Share of the enterprises of a grade that it befell."),
        category_label=_("Grade"),
        unit="%",
        categories=tuple(one["grade"] for one in rows),
        series=(
            Series(
                name=_("draft"),
                values=tuple(None if one["share_bp"] is None else one["share_bp"] / 100 for one in rows),
                tones=tuple(tone_of(one["grade"]) for one in rows),
            ),
        ),
    )


def _numbers(told: Mapping[str, Any] | None) -> tuple[tuple[str, Mapping[str, str]], ...]:
    if not told:
        return ()
    return tuple(
        (name, {word: _ratio(told[word][key]) for word in ("before", "after")})
        for name, key in ((_("AUC"), "auc_bp"), (_("KS"), "ks_bp"))
    )


def _ratio(basis_points: int | None) -> str:
    return "–" if basis_points is None else f"{basis_points / 10_000:.3f}"


def _grades_after(told: Mapping[str, Any] | None) -> tuple[Mapping[str, Any], ...]:
    if not told:
        return ()
    return tuple(
        {**one, "lift": "–" if one["lift_bp"] is None else f"{one['lift_bp'] / 10_000:.2f}"}
        for one in told["after"]["grades"]
    )


def _found(told: Mapping[str, Any] | None) -> tuple[tuple[str, int | None, int | None], ...]:
    if not told:
        return ()
    return tuple(
        (percent, told["before"]["found"].get(percent), share)
        for percent, share in told["after"]["found"].items()
    )
