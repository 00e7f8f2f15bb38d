"""A regulator, an operator, a bank, and finished runs with standings to look at."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from creditmesh.apps.evaluation.grading.models import Run, RunCell, SystemFile
from creditmesh.apps.evaluation.grading.operations import results, writing
from creditmesh.apps.evaluation.grading.queries import standings
from creditmesh.apps.evaluation.grading.rules import Stage, State
from creditmesh.apps.ground.parties.rules import Actor, Role

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
GRADES = ("A", "B", "C", "D")
KINDS: dict[str, pa.DataType] = {
    "subject": pa.string(),
    "name": pa.string(),
    "region": pa.string(),
    "industry": pa.string(),
    "score": pa.int64(),
    "grade": pa.string(),
    "outcome": pa.string(),
    "exclusions": pa.string(),
    "triggers": pa.string(),
    "caps": pa.string(),
    "coverage_bp": pa.int64(),
    "reason1": pa.string(),
    "reason2": pa.string(),
    "reason3": pa.string(),
}
USUAL = {
    "region": "990121001",
    "industry": "C1441",
    "outcome": "graded",
    "coverage_bp": 9000,
    "reason1": "penalties",
}


def actor(*roles: Role) -> Actor:
    return Actor(user_id=7, label="林监管", organisation="reg", roles=frozenset(roles))


@pytest.fixture
def regulator() -> Actor:
    return actor(Role.REGULATOR)


@pytest.fixture
def operator() -> Actor:
    return actor(Role.OPERATOR)


@pytest.fixture
def bank() -> Actor:
    return actor(Role.BANK_STAFF)


def result_file(path: Path, *rows: dict[str, Any]) -> Path:
    table = {name: pa.array([(USUAL | row).get(name) for row in rows], kind) for name, kind in KINDS.items()}
    pq.write_table(pa.table(table), path)
    return path


KeepRun = Callable[..., Run]


@pytest.fixture
def keep_run(db: None, tmp_path: Path) -> KeepRun:
    """Put a finished run with these results into the database, as `execute_run` would."""

    def keep(
        *rows: dict[str, Any], as_of: date = date(2026, 3, 1), system: str = "example", **other: Any
    ) -> Run:
        file, _ = SystemFile.objects.get_or_create(
            sha256="0" * 64, defaults={"name": system, "version": "1", "content": b"", "kept_at": NOON}
        )
        previous = Run.objects.filter(system=system).order_by("-as_of").first()
        run = Run.objects.create(
            **{
                "uuid": uuid4(),
                "system": system,
                "version": "1",
                "file": file,
                "purpose": "risk_classification",
                "as_of": as_of,
                "requested_by": "test",
                "requested_at": NOON,
                "finished_at": NOON,
                "state": State.DONE,
                "stage": Stage.FINISHED,
                "progress": 100,
                "grades": "\n".join(GRADES),
                "subjects": len(rows),
                "previous": previous,
                **other,
            }
        )
        path = result_file(tmp_path / f"{run.uuid}.parquet", *rows)
        before = [str(tmp_path / f"{previous.uuid}.parquet")] if previous else []
        with results.connection(folder=str(tmp_path)) as engine:
            results.prepare_standings(
                engine=engine, files=[str(path)], before=before, grades=GRADES, higher_is_worse=True
            )
            for chunk in results.standings(engine=engine):
                writing.insert(table=standings.table_of(run), run=run.pk, rows=chunk)
            for region, section, outcome, grade, previous_grade, subjects in results.cells(engine=engine):
                RunCell.objects.create(
                    run=run,
                    region_group=region,
                    section=section,
                    outcome=outcome,
                    grade=grade,
                    previous_grade=previous_grade,
                    subjects=subjects,
                )
        return run

    return keep
