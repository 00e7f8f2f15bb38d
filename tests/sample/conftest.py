"""One county for all stories, and a reader of whatever a department delivered."""

import csv
import json
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from creditmesh.catalogue.headers import columns_of, normalise_header
from creditmesh.catalogue.loading import load
from creditmesh.sample import county

PEOPLE = 3000
SEED = 7


@pytest.fixture(scope="session")
def catalogue():
    """Return the shipped lists."""
    return load()


@pytest.fixture(scope="session")
def deliveries(tmp_path_factory, catalogue):
    """Return the deliveries of a county of three thousand."""
    return county.generate(
        folder=tmp_path_factory.mktemp("county"), catalogue=catalogue, seed=SEED, enterprises=PEOPLE
    )


@pytest.fixture(scope="session")
def world():
    """Return the same county from behind."""
    return county.county(seed=SEED, enterprises=PEOPLE)


def table(delivery):
    """Return headings and rows of a delivery."""
    path: Path = delivery.file
    if delivery.format == "xlsx":
        book = openpyxl.load_workbook(path, read_only=True)
        headings, *rows = book.active.iter_rows(values_only=True)
        book.close()
    elif delivery.format == "parquet":
        found = pq.read_table(path)
        headings, rows = (
            found.column_names,
            list(zip(*(one.to_pylist() for one in found.columns), strict=True)),
        )
    elif delivery.format == "jsonl":
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        headings, rows = list(lines[0]), [list(line.values()) for line in lines]
    else:
        encoding = "gb18030" if delivery.format == "csv-gb18030" else "utf-8-sig"
        with path.open(encoding=encoding, newline="") as file:
            headings, *rows = csv.reader(file)
    return list(headings), rows


def records(delivery, catalogue):
    """Return the rows of a delivery by field name, everything as text."""
    headings, rows = table(delivery)
    names = columns_of(catalogue.items[delivery.item])
    fields = [names[normalise_header(heading)] for heading in headings]
    return [
        dict(zip(fields, ("" if cell is None else str(cell) for cell in row), strict=True)) for row in rows
    ]


@pytest.fixture(scope="session")
def told(deliveries, catalogue):
    """Return every record of every delivery, by item."""
    found = {}
    for delivery in deliveries:
        found.setdefault(delivery.item, []).extend(records(delivery, catalogue))
    return found
