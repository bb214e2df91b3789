"""Files that an earlier version wrote: a summary.json to compare with, tables to look at beside new ones.

Within one number of a schema things are only added, so an older file lacks some of what a newer one has.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from reports.exports.base import EXPORT_SCHEMA
from testbed.analysis import SUMMARY_SCHEMA
from testbed.analysis.frames import COLUMNS
from testbed.errors import UserError


def read_summary(file: Path) -> dict[str, Any]:
    """A summary as it was written. Raises UserError for what is none, or of another schema."""
    try:
        body: Any = json.loads(file.read_text(encoding="utf-8"))
        schema = body["schema"]
        complete = {"campaign", "k", "conditions", "families"} <= body.keys()
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise UserError(f"is no summary ({problem})", where=str(file), remedy=_WANTED) from None
    _same_schema("summary", schema, SUMMARY_SCHEMA, file)
    if not complete:
        raise UserError("is no summary", where=str(file), remedy=_WANTED)
    found: dict[str, Any] = body
    return found


_WANTED = "give a run's folder, or the summary.json that it left"


def read_table(file: Path) -> pd.DataFrame:
    """An exported table (NAME.parquet) with all columns that a new one has: what it lacks is not known."""
    try:
        import pyarrow.parquet as written
    except ImportError:
        raise UserError(
            "Parquet needs pyarrow", remedy="pip install 'compounding-flaw-testbed[parquet]'"
        ) from None
    try:
        table = written.read_table(file)
    except (OSError, ValueError) as problem:
        raise UserError(f"is no Parquet file ({problem})", where=str(file)) from None
    schema = (table.schema.metadata or {}).get(b"testbed.schema", b"none").decode()
    _same_schema("tables", int(schema) if schema.isdigit() else schema, EXPORT_SCHEMA, file)
    frame: pd.DataFrame = table.to_pandas()
    for name in COLUMNS.get(file.stem, ()):
        if name not in frame:
            frame[name] = pd.NA
    return frame


def _same_schema(what: str, found: Any, known: int, file: Path) -> None:
    if found == known:
        return
    remedy = "make it again with `testbed export`"
    if isinstance(found, int) and found > known:
        remedy = "read it with the testbed that wrote it, or a newer one"
    said = f"its schema of {what} is {found}, this testbed reads {known}"
    raise UserError(said, where=str(file), remedy=remedy)
