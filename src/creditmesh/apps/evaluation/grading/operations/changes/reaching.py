"""Decide what a run of changes looks at: whom anything that came since the run before reaches, or everyone after all."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

import duckdb

from creditmesh.apps.evaluation.grading.models import Run, RunChange, RunPart
from creditmesh.apps.evaluation.grading.operations import evaluating
from creditmesh.apps.evaluation.grading.queries import adjustments, inputs, runs, systems
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.catalogue import rule_packs
from creditmesh.lake.marks import TABLE as MARKS
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.evaluate import show_units
from creditmesh.scoring.records import touching
from creditmesh.scoring.records.units import belongs

LARGEST_SHARE = "grading.changes.largest-share"  # of a full run, in per cent


class Whole(StrEnum):
    """Why a run of changes looks at everyone."""

    FIRST = "first"
    OTHER_FILE = "other-file"
    OTHER_PROGRAM = "other-program"
    OTHER_CATALOGUE = "other-catalogue"
    LATER_DAY = "later-day"
    UNITS = "units"
    NEWLY_COLLECTED = "newly-collected"
    TOO_MANY = "too-many"


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What a run of changes is put on, and whom it looks at and whom it carries over; or why it is a full one."""

    amends: Run | None = None
    fresh: frozenset[str] = frozenset()
    carried: frozenset[str] = frozenset()
    whole_because: Whole | None = None


def reach(*, run: Run, node: ThisNode, folder: Path) -> Reach:
    """Return whom a run of changes looks at, from what it has frozen and what the latest run had frozen."""
    system = systems.archived(run.file_id, home=node.home, catalogue=node.catalogue)
    before = runs.done(system=run.system).select_related("base").first()
    if before is None:
        return Reach(whole_because=Whole.FIRST)
    why = _differs(run, before, system)
    if why is not None:
        return Reach(whole_because=why)
    changed = _changed(run, before, system, node, folder)
    most = _most(before, run.as_of)
    if len(changed) > most:
        return Reach(whole_because=Whole.TOO_MANY)
    fresh = _reached(run, before, system, node, folder, changed)
    carried = frozenset(RunChange.objects.filter(run=before).values_list("subject", flat=True)) - fresh
    if len(fresh) + len(carried) > most:
        return Reach(whole_because=Whole.TOO_MANY)
    return Reach(amends=before, fresh=fresh, carried=carried)


def keep(run: Run, found: Reach) -> None:
    """Write down what a run of changes looks at, in the caller's transaction."""
    run.changes_only = found.whole_because is None
    run.whole_because = "" if found.whole_because is None else found.whole_because.value
    run.amends = found.amends
    run.base = None if found.amends is None else found.amends.base or found.amends
    run.save(update_fields=["changes_only", "whole_because", "amends", "base"])
    RunChange.objects.bulk_create(
        (
            RunChange(run=run, subject=subject, fresh=fresh)
            for subjects, fresh in ((found.fresh, True), (found.carried, False))
            for subject in sorted(subjects)
        ),
        batch_size=1000,
    )


def _differs(run: Run, before: Run, system: System) -> Whole | None:
    """Return what tells everyone's result anew, whatever the records say."""
    read = set(touching.items_of(system))
    now = inputs.versions(run)
    collected = [{pair for pair in inputs.collected(one) if pair[0] in read} for one in (run, before)]
    same = {
        Whole.OTHER_FILE: run.file_id == before.file_id,
        Whole.OTHER_PROGRAM: run.engine.split(",")[0] == before.engine.split(",")[0],
        Whole.OTHER_CATALOGUE: run.catalogue == before.catalogue,
        Whole.LATER_DAY: before.as_of <= run.as_of
        and all(version <= now.get(item, 0) for item, version in inputs.versions(before).items()),
        Whole.UNITS: system.definition.unit is None,
        Whole.NEWLY_COLLECTED: collected[0] == collected[1],
    }
    return next((why for why, holds in same.items() if not holds), None)


def _most(before: Run, on: date) -> int:
    everyone = (before.base or before).subjects or 0
    share = int(rule_packs.load().rule(LARGEST_SHARE, on=on).value)
    return max(1, everyone * share // 100)


def _changed(run: Run, before: Run, system: System, node: ThisNode, folder: Path) -> frozenset[str]:
    """Return the subjects with other records, marks, results of parts, or steps by people than before."""
    then, now = inputs.versions(before), inputs.versions(run)
    found: set[str] = set()
    for code in touching.items_of(system):
        if all(then.get(one) == now.get(one) for one in (code, MARKS)):
            continue
        found |= node.lake.changed(system.items[code], before=then, now=now)
    steps = adjustments.counted(before), adjustments.counted(run)
    found |= {subject for subject in {*steps[0], *steps[1]} if steps[0].get(subject) != steps[1].get(subject)}
    combination = system.definition.combination
    for name, sources in _sources(before, run).items():
        through = None if combination is None else combination.parts[name].through
        found |= _moved(*sources, through=through, node=node, folder=folder)
    return frozenset(found)


def _sources(before: Run, run: Run) -> dict[str, tuple[Run, Run]]:
    """Return the runs of each part, before and now, where they are not the same."""
    then, now = (
        {one.name: one.source for one in RunPart.objects.filter(run=of).select_related("source__base")}
        for of in (before, run)
    )
    return {name: (then[name], source) for name, source in now.items() if then[name].pk != source.pk}


def _moved(before: Run, now: Run, *, through: str | None, node: ThisNode, folder: Path) -> set[str]:
    """Return the subjects of whom two runs of a part say something else; of devices, whom they belong or belonged to."""
    files = [str(evaluating.graded_file(run=one, node=node, folder=folder)) for one in (before, now)]
    owner = "subject" if through is None else f'"{belongs(through)}"'
    with duckdb.connect() as connection:
        said = f"SELECT subject, {owner} AS owner, score, grade FROM read_parquet(?)"  # noqa: S608 - a checked name
        rows = connection.execute(
            f"SELECT DISTINCT owner FROM (({said} EXCEPT {said}) UNION ALL ({said} EXCEPT {said}))"  # noqa: S608 - fixed
            " WHERE owner IS NOT NULL",
            [files[0], files[1], files[1], files[0]],
        ).fetchall()
    return {subject for (subject,) in rows}


def _reached(
    run: Run, before: Run, system: System, node: ThisNode, folder: Path, changed: frozenset[str]
) -> frozenset[str]:
    """Return the changed subjects and those whose inputs hang on them, by the ties of both times."""
    queries = touching.ties(system, run.as_of)
    if not queries or not changed:
        return changed
    now = _ties(run, system, queries, node=node, folder=folder, prefix=evaluating.TIES)
    same = all(
        inputs.versions(before).get(one) == inputs.versions(run).get(one) for one in (*_tying(system), MARKS)
    )
    then = now if same else _ties(before, system, queries, node=node, folder=folder, prefix="before_")
    with duckdb.connect(
        config={"memory_limit": "1GB", "threads": 2, "temp_directory": str(folder)}
    ) as engine:
        for name, file in now.items():
            engine.execute(f"CREATE TEMP TABLE ties_{name} AS FROM read_parquet('{_escaped(file)}')")
        return touching.reached(engine, system, changed=changed, before=then)


def _ties(
    of: Run, system: System, queries: dict[str, str], *, node: ThisNode, folder: Path, prefix: str
) -> dict[str, str]:
    """Write who shares what with whom, as a run reads it, and return the files by relation; evaluating takes them up."""
    items = _tying(system)
    files = {name: str(folder / f"{prefix}{name}.parquet") for name in queries}
    with inputs.connection(of, node=node, items=items) as engine:
        show_units(engine, system=system, items=items)
        for name, query in queries.items():
            engine.execute(f"COPY ({query}) TO '{_escaped(files[name])}' (FORMAT parquet)")
    return files


def _tying(system: System) -> list[str]:
    return sorted({relation.item for relation in system.definition.relations.values()})


def _escaped(text: str) -> str:
    return text.replace("'", "''")
