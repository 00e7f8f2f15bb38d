"""Rows of a list file: YAML, CSV in the usual encodings, or Excel."""

import csv
from io import BytesIO, StringIO
from pathlib import PurePath
from typing import Any

import yaml
from python_calamine import CalamineError, load_workbook

from creditmesh.apps.evaluation.supervision.rules.importing import ListRefused

MOST_BYTES = 64 * 1024**2
ENCODINGS = ("utf-8-sig", "gb18030")


def rows(content: bytes, *, filename: str) -> list[dict[str, Any]]:
    """Return the rows of a file, each by the names of its columns; raise `ListRefused`."""
    if len(content) > MOST_BYTES:
        raise ListRefused(f"The file is larger than {MOST_BYTES // 1024**2} MB: split it.")
    match PurePath(filename).suffix.lower():
        case ".yml" | ".yaml":
            return _yaml(content)
        case ".csv" | ".txt":
            return _csv(content)
        case ".xlsx" | ".xls":
            return _excel(content)
        case other:
            raise ListRefused(f"A list is a .yml, .csv or .xlsx file, not '{other[:20]}'.")


def _yaml(content: bytes) -> list[dict[str, Any]]:
    try:
        found = yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as wrong:
        raise ListRefused(
            "The YAML cannot be read; look for tabs, missing quotes and wrong indents."
        ) from wrong
    listed = found.get("rows") if isinstance(found, dict) else found
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise ListRefused(
            "The YAML must be a list of rows, each with its columns, or have such a list as 'rows'."
        )
    return [{str(name): value for name, value in one.items()} for one in listed]


def _csv(content: bytes) -> list[dict[str, Any]]:
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ListRefused("The file is neither UTF-8 nor GB18030: save it anew.")
    try:
        read = csv.DictReader(StringIO(text, newline=""), strict=True)
        return [_named(one) for one in read]
    except csv.Error as wrong:
        raise ListRefused(f"The CSV cannot be read: {wrong}.") from wrong


def _excel(content: bytes) -> list[dict[str, Any]]:
    try:
        sheet = load_workbook(BytesIO(content)).get_sheet_by_index(0).to_python()
    except (CalamineError, ValueError, IndexError) as wrong:
        raise ListRefused("The workbook cannot be read: save it anew as .xlsx.") from wrong
    if not sheet:
        return []
    heads = [str(one).strip() for one in sheet[0]]
    return [_named(dict(zip(heads, map(_cell, line), strict=False))) for line in sheet[1:] if any(line)]


def _cell(value: object) -> object:
    # Workbooks hold every number as a fraction; codes and ratios are whole.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _named(row: dict[Any, Any]) -> dict[str, Any]:
    if None in row or any(value is None for value in row.values()):
        raise ListRefused("A row has more or fewer cells than the header: look for stray commas.")
    return {str(name).strip(): value for name, value in row.items() if str(name).strip()}
