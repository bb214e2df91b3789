"""All formats, by the name that `testbed export --format` takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module

from reports.exports.base import Content, Files, Format, Given


def _late(module: str, function: str = "files") -> Callable[[Given], Files]:
    """The function of a module that is imported when the format is asked for."""

    def make(given: Given) -> Files:
        found: Files = getattr(import_module(f"reports.exports.{module}"), function)(given)
        return found

    return make


def _facts(given: Given) -> dict[str, Content]:
    from testbed.facts import canonical

    def lines() -> Iterator[str]:
        places: dict[tuple[int, int], int] = {}
        for condition, lineage, record in given.facts.records():
            seq = places[condition, lineage] = places.get((condition, lineage), -1) + 1
            body = record.body()
            yield canonical({"condition": condition, "lineage": lineage, "seq": seq, "record": body})

    return {"facts.jsonl": "".join(f"{line}\n" for line in lines())}


def _summary(given: Given) -> dict[str, Content]:
    from testbed.analysis import dumps

    return {"summary.json": dumps(given.summary)}


def _markdown(given: Given) -> dict[str, Content]:
    from reports.markdown import from_given

    return {"summary.md": from_given(given.summary, given.judged)}


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format("facts", "every fact as a line of canonical JSON", _facts),
        Format("summary", "all numbers with their intervals, as JSON", _summary),
        Format("csv", "tables: faults, generations, ladder and others", _late("frames", "csv"), False),
        Format("parquet", "the same tables, typed", _late("frames", "parquet"), False),
        Format("junit", "gates and families of faults as test cases", _late("junit")),
        Format("sarif", "escaped faults at their lines, SARIF 2.1.0", _late("sarif")),
        Format("markdown", "a summary for a pull request", _markdown),
        Format("mutation", "mutation-testing-report-schema: a file for each generation", _late("mutation")),
        Format("openmetrics", "every number for a dashboard", _late("openmetrics")),
        Format("inspect", "a log for Inspect's viewer: lineages as samples", _late("inspect_log"), False),
    )
}
