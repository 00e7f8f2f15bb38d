"""Cases beside a system: an input, what must come out, and whether it does."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from creditmesh.catalogue.model import Catalogue, Part
from creditmesh.catalogue.reading import CatalogueRefused, Contradiction, Document, read, validated
from creditmesh.scoring.definition.features import Feature, Take
from creditmesh.scoring.definition.given import STEPS, given, known
from creditmesh.scoring.definition.loaded import ABOUT, System, collected_column, items_of, items_read
from creditmesh.scoring.language.tree import Name, Type
from creditmesh.scoring.loading import load
from creditmesh.scoring.plan import MILLI, compile_plan
from creditmesh.scoring.targets import to_python

NOUGHT = {Take.COUNT, Take.SUM, Take.DISTINCT, Take.PEERS, Take.RELATED_COUNT}


def _milli(value: object) -> object:
    """Return points as milli-points; text may have up to three decimals."""
    if isinstance(value, str):
        try:
            exact = Decimal(value) * MILLI
        except InvalidOperation:
            return value
        return int(exact) if exact == exact.to_integral_value() else value
    return value * MILLI if isinstance(value, int) else value


Points = Annotated[int | None, BeforeValidator(_milli)]
Input = str | int | bool | None


class Expected(Part):
    """What a case says must come out; what it does not say is not looked at."""

    outcome: str | None = None
    grade: str | None = None
    score: Points = None
    points: dict[str, Points] = Field(default_factory=dict)
    coverage: int | None = None
    coverages: dict[str, int] = Field(default_factory=dict)
    exclusions: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    caps: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


class Case(Part):
    """One enterprise and what it must get."""

    name: str
    input: dict[str, Input] = Field(default_factory=dict)
    not_collected: tuple[str, ...] = ()
    expect: Expected


class Cases(Part):
    """The file `NAME.cases.yml` beside a system."""

    system: str
    given: dict[str, Input] = Field(default_factory=dict)
    cases: tuple[Case, ...] = Field(min_length=1)


@dataclass(frozen=True)
class CaseResult:
    """Whether a case came out as it must; `problem` says what differs."""

    name: str
    passed: bool
    problem: str


def check(system_path: Path, *, catalogue: Catalogue | None = None) -> list[CaseResult]:
    """Return how every case beside a system comes out, none when there is no file of cases.

    Raises `CatalogueRefused` when the system or its cases cannot be read.
    """
    system = load(system_path, catalogue=catalogue)
    plan = compile_plan(system)
    score = to_python.function(plan)
    results = []
    for case, row in rows(system, system_path.with_suffix(".cases.yml")):
        problem = differences(case.expect, score(row))
        results.append(CaseResult(case.name, not problem, problem))
    return results


def rows(system: System, path: Path) -> list[tuple[Case, dict[str, object]]]:
    """Return every case of a file with its whole input row; raise `CatalogueRefused`."""
    if not path.is_file():
        return []
    document = read(path)
    file = validated(document, Cases)
    problems = (
        []
        if file.system == system.id
        else [_problem(document, ("system",), f"These are cases of {file.system}.")]
    )
    problems += _unknown(system, document, file)
    if problems:
        raise CatalogueRefused(problems)
    return [(case, _row(system, file, case, document, n)) for n, case in enumerate(file.cases)]


def first(system_path: Path) -> str:
    """Return the text of a first case beside a system: an enterprise of which nothing is on record."""
    system = load(system_path)
    name = "nothing on record"
    document = Document(file=system_path.name, data={}, lines={})
    file = Cases(system=system.id, cases=(Case(name=name, expect=Expected()),))
    scored = to_python.function(compile_plan(system))(_row(system, file, file.cases[0], document, 0))
    score = "null" if scored.score is None else f'"{scored.score / MILLI:.3f}"'
    said = f"outcome: {scored.outcome}, grade: {json.dumps(scored.grade, ensure_ascii=False)}, score: {score}"
    return f"system: {system.id}\ncases:\n  - name: {name}\n    expect: {{{said}}}\n"


def _problem(document: Document, path: tuple[str | int, ...], sentence: str) -> Contradiction:
    return Contradiction(document.file, document.line_of(path), "case", sentence)


def _unknown(system: System, document: Document, file: Cases) -> list[Contradiction]:
    definition = system.definition
    names = {*definition.features, *given(system), *ABOUT}
    points = {one.id for one in definition.indicators} | {one.id for one in definition.groups}
    points |= {sub.id for group in definition.groups for sub in group.sub_groups}
    places: list[tuple[tuple[str | int, ...], set[str], set[str]]] = [(("given",), set(file.given), names)]
    for n, case in enumerate(file.cases):
        places += [
            (("cases", n, "input"), set(case.input), names),
            (("cases", n, "not_collected"), set(case.not_collected), set(items_read(system))),
            (("cases", n, "expect", "points"), set(case.expect.points), points),
            (
                ("cases", n, "expect", "coverages"),
                set(case.expect.coverages),
                {one.id for one in definition.groups},
            ),
            (("cases", n, "expect", "reasons"), set(case.expect.reasons), points),
        ]
    return [
        _problem(document, (*path, name), f"'{name}' is not known in {system.id}.")
        for path, said, known in places
        for name in sorted(said - known)
    ]


def _row(system: System, file: Cases, case: Case, document: Document, n: int) -> dict[str, object]:
    flags: dict[str, object] = {
        collected_column(one): one not in case.not_collected for one in items_read(system)
    }
    row = {"as_of": system.definition.effective_from, "region": None, "industry": None, **flags}
    places: list[tuple[tuple[Any, ...], Mapping[str, Input]]] = [
        (("given",), file.given),
        (("cases", n, "input"), case.input),
    ]
    said = {name: ((*path, name), value) for path, values in places for name, value in values.items()}
    for name, feature in system.definition.features.items():
        row[name] = _nothing(system, feature, case.not_collected)
        if name not in case.input and set(items_of(system, feature)) & set(case.not_collected):
            said.pop(name, None)
    row |= {name: 0 if name == STEPS else None for name in given(system)}
    names = known(system) | given(system)
    return row | {name: _typed(document, path, names[name], value) for name, (path, value) in said.items()}


def _nothing(system: System, feature: Feature, not_collected: tuple[str, ...]) -> object:
    """Return what a feature is for an enterprise with no rows."""
    if set(items_of(system, feature)) & set(not_collected):
        return None
    if feature.take is Take.EXISTS:
        return False
    return 0 if feature.take in NOUGHT else None


def _typed(document: Document, path: tuple[Any, ...], name: Name, value: Input) -> object:
    if value is None:
        return None
    found: object = value
    if name.type is Type.DATE and isinstance(value, str):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            found = None
    wanted = {Type.INTEGER: int, Type.TEXT: str, Type.TRUTH: bool, Type.DATE: date}[name.type]
    fits = type(found) is wanted and (not name.choices or found in name.choices)
    if not fits:
        raise CatalogueRefused(
            [_problem(document, path, f"'{value}' does not fit {name.name}, {name.type.value}.")]
        )
    return found


def differences(expected: Expected, scored: to_python.Scored) -> str:
    """Return what differs from what a case expects, '' when nothing does."""
    found: list[str] = []
    said = expected.model_fields_set
    got: Mapping[str, object] = {
        "outcome": scored.outcome,
        "grade": scored.grade,
        "score": scored.score,
        "coverage": scored.coverage,
        "exclusions": scored.exclusions,
        "triggers": scored.triggers,
        "caps": scored.caps,
        "reasons": scored.reasons[: len(expected.reasons)] or scored.reasons,
    }
    for name, value in got.items():
        if name in said and getattr(expected, name) != value:
            found.append(
                f"{name}: {_shown(name, getattr(expected, name))} expected, {_shown(name, value)} found"
            )
    for id_, points in expected.points.items():
        if scored.points[id_] != points:
            found.append(
                f"points of {id_}: {_shown('score', points)} expected, {_shown('score', scored.points[id_])} found"
            )
    for id_, share in expected.coverages.items():
        if scored.coverages[id_] != share:
            found.append(f"coverage of {id_}: {share} expected, {scored.coverages[id_]} found")
    return "; ".join(found)


def _shown(name: str, value: object) -> str:
    if name == "score" and isinstance(value, int):
        return f"{'-' if value < 0 else ''}{abs(value) // MILLI}.{abs(value) % MILLI:03d}"
    return ", ".join(value) or "none" if isinstance(value, tuple) else str(value)
