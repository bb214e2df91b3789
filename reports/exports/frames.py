"""The analysis' tables as CSV and as Parquet. Their columns are described in docs/exports.md."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pandas as pd

from reports.exports.base import EXPORT_SCHEMA, Content, Given
from testbed.analysis import frames
from testbed.errors import UserError


def _tables(given: Given) -> Iterator[tuple[str, pd.DataFrame]]:
    yield from given.tables.items()
    yield "ladder", frames.ladder(given.evidence)
    yield "conditions", frames.conditions(given.evidence)


def csv(given: Given) -> dict[str, Content]:
    """One CSV file for each table; lists are joined by blanks, what is not known is empty."""
    return {
        f"{name}.csv": _flat(frame).to_csv(index=False, lineterminator="\n") for name, frame in _tables(given)
    }


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    def joined(value: Any) -> Any:
        return " ".join(map(str, value)) if isinstance(value, list | tuple) else value

    made = frame.copy()
    for name in made.columns:
        if pd.api.types.is_object_dtype(made[name]):
            made[name] = made[name].map(joined)
    return made


def parquet(given: Given) -> dict[str, Content]:
    """One Parquet file for each table, with the number of their schema in its metadata."""
    try:
        import pyarrow as arrow
        import pyarrow.parquet as written
    except ImportError:
        raise UserError(
            "Parquet needs pyarrow", remedy="pip install 'compounding-flaw-testbed[parquet]', or --format csv"
        ) from None
    found: dict[str, Content] = {}
    for name, frame in _tables(given):
        table = arrow.Table.from_pandas(frame, preserve_index=False)
        fields = [_typed(arrow, one) for one in table.schema]
        about = {"testbed.schema": str(EXPORT_SCHEMA), "testbed.campaign": _campaign(given)}
        table = table.cast(arrow.schema(fields)).replace_schema_metadata(about)
        out = io.BytesIO()
        written.write_table(table, out, compression="zstd")
        found[f"{name}.parquet"] = out.getvalue()
    return found


def _typed(arrow: Any, field: Any) -> Any:
    """A column in which nothing is known would have no type of its own: text is what it is given."""
    if arrow.types.is_null(field.type):
        return arrow.field(field.name, arrow.string())
    if arrow.types.is_list(field.type) and arrow.types.is_null(field.type.value_type):
        return arrow.field(field.name, arrow.list_(arrow.string()))
    return field


def _campaign(given: Given) -> str:
    manifest = given.evidence.manifest
    return json.dumps({name: manifest[name] for name in ("name", "seed", "versions")}, sort_keys=True)
