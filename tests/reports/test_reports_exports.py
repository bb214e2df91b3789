"""Each format that a campaign is exported in is what its field's own readers take."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pandas as pd
import pytest
from junitparser import JUnitXml
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as SarifLog

from reports.exports import FORMATS, given
from reports.exports.base import EXPORT_SCHEMA, Given
from reports.exports.mutation import report as mutation_report
from reports.exports.sarif import log as sarif_log
from reports.sources import mutants
from testbed.cli.export import NAMES
from testbed.errors import UserError
from testbed.gate import Gate
from testbed.schema import render

DOCS = Path(__file__).parents[2] / "docs" / "exports.md"
BOUNDS = ("R < 0.01", "escaped >= 0", "escaped.nosuch == 0")


@pytest.fixture(scope="module")
def made(facts: Any) -> Given:
    return Given(facts, Gate(BOUNDS, "pass"), root="src")


@pytest.fixture(scope="module")
def sourced(sourced_facts: Any) -> Given:
    return Given(sourced_facts)


def text(made: Given, name: str) -> str:
    (content,) = FORMATS[name].files(made).values()
    assert isinstance(content, str)
    return content


def test_the_command_offers_every_format_and_the_page_tells_of_it() -> None:
    assert tuple(FORMATS) == NAMES
    told = re.findall(r"^\| `(\w+)` \|", DOCS.read_text(), re.MULTILINE)
    assert set(NAMES) <= set(told)


def test_facts_are_the_ledgers_own_lines(facts: Any, tmp_path: Path) -> None:
    from testbed.ledger import Ledger

    ledger = Ledger.create(tmp_path / "run", facts.manifest)
    for condition, lineage, record in facts.records():
        ledger.append(condition, lineage, record.body().get("generation", 0), [record], {}, {})
    assert text(given(ledger), "facts").splitlines() == list(ledger.lines())
    ledger.close()


def test_junit_has_a_case_for_each_bound_and_family_of_each_condition(made: Given) -> None:
    read = JUnitXml.fromstring(text(made, "junit").encode())
    conditions = made.summary["conditions"]
    assert read.tests == len(conditions) * (len(BOUNDS) + len(made.summary["families"]))
    suites = {suite.name: list(suite) for suite in read}
    escaped = [one["escaped"] > 0 for one in conditions[0]["families"]]
    cases = next(found for name, found in suites.items() if name.endswith(conditions[0]["label"]))
    assert [not case.is_passed and not case.is_skipped for case in cases] == escaped
    first = conditions[0]["families"][0]
    assert f"without a witness: {first['unwitnessed']}" in ElementTree.tostring(cases[0]._elem, "unicode")
    gate = next(found for name, found in suites.items() if name.endswith(": gate"))
    assert sum(case.is_skipped for case in gate) >= len(conditions)
    assert read.failures == sum(
        not case.is_passed and not case.is_skipped for suite in read for case in suite
    )


def test_undecided_bounds_fail_where_the_campaign_says_so(facts: Any) -> None:
    read = JUnitXml.fromstring(text(Given(facts, Gate(BOUNDS[2:], "fail")), "junit").encode())
    gate = next(suite for suite in read if suite.name.endswith(": gate"))
    assert gate.failures == gate.tests


def test_what_xml_cannot_hold_is_left_out(facts: Any) -> None:
    odd = replace(facts, manifest={**facts.manifest, "name": "a\x00b\x1b<&>"})
    read = JUnitXml.fromstring(text(Given(odd), "junit").encode())
    assert read.name == "a�b�<&>"


def test_sarif_is_what_its_schema_says(made: Given) -> None:
    SarifLog.model_validate_json(text(made, "sarif"))


def test_sarif_has_each_escaped_fault_once_at_its_line(made: Given) -> None:
    run = sarif_log(made)["runs"][0]
    escaped = made.tables["faults"].query("escaped and witnessed")
    assert {one["properties"]["fault"] for one in run["results"]} == set(escaped["id"])
    prints = [one["partialFingerprints"]["faultIdentity/v1"] for one in run["results"]]
    assert len(set(prints)) == len(prints) == len(escaped)
    for one in run["results"]:
        assert run["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] == one["ruleId"]
        place = one["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "src/kvstore/store.py"
        assert place["region"]["startLine"] >= 1
    levels = [one["level"] for one in run["results"]]
    assert levels == sorted(levels)  # errors, the ones alive at the end, before warnings
    assert levels.count("error") == int(escaped["alive"].sum())
    hidden = made.tables["faults"].query("escaped and not witnessed")
    assert run["properties"]["escapedUnwitnessed"] == len(hidden) > 0


def test_sarif_keeps_to_what_code_scanning_takes(made: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.exports.sarif.MOST", 3)
    run = sarif_log(made)["runs"][0]
    assert len(run["results"]) == 3
    assert run["properties"]["leftOut"] == run["properties"]["escaped"] - 3


def test_openmetrics_can_be_scraped(made: Given) -> None:
    families = {one.name: one for one in text_string_to_metric_families(text(made, "openmetrics"))}
    shares = {f"c{one['index']}": one["persistence"]["share_alive"] for one in made.summary["conditions"]}
    key, share = next((key, one) for key, one in shares.items() if one["low"] is not None)
    for name, part in (("", "value"), ("_low", "low"), ("_high", "high"), ("_observed", "n")):
        samples = families[f"testbed_persistence_share_alive{name}"].samples
        assert next(one.value for one in samples if one.labels["condition"] == key) == share[part]
    assert {one.value for one in families["testbed_gate"].samples} == {-1.0, 0.0, 1.0} & {
        {"kept": 1.0, "broken": -1.0, "undecided": 0.0}[verdict.status]
        for _, found in made.judged.verdicts
        for verdict in found
    }


def test_markdown_begins_with_the_gate(made: Given) -> None:
    assert text(made, "markdown").startswith("**gate not passed: ")
    assert "| broken | R &lt; 0.01 |" in text(made, "markdown")


def test_csv_and_parquet_have_the_same_rows(made: Given) -> None:
    tables = FORMATS["parquet"].files(made)
    for name, content in FORMATS["csv"].files(made).items():
        assert isinstance(content, str)
        rows = list(csv.DictReader(io.StringIO(content)))
        frame = pd.read_parquet(io.BytesIO(tables[name.replace(".csv", ".parquet")]))  # type: ignore[arg-type]
        assert len(rows) == len(frame)
        if rows:
            assert list(rows[0]) == list(frame.columns)


def test_parquet_is_typed_and_numbered(made: Given, empty: Any) -> None:
    import pyarrow.parquet as parquet

    full, bare = FORMATS["parquet"].files(made), FORMATS["parquet"].files(Given(empty))
    table = parquet.read_table(io.BytesIO(full["faults.parquet"]))  # type: ignore[arg-type]
    assert table.schema.metadata[b"testbed.schema"] == str(EXPORT_SCHEMA).encode()
    types = {field.name: str(field.type) for field in table.schema}
    assert (types["fault"], types["alive"], types["family"], types["parent"]) == (
        "int64",
        "bool",
        next(iter({"string", "large_string"} & {types["family"]})),
        "int64",
    )
    assert parquet.read_table(io.BytesIO(bare["faults.parquet"])).num_rows == 0  # type: ignore[arg-type]


def test_every_column_is_described(made: Given) -> None:
    page = DOCS.read_text()
    for name, content in FORMATS["csv"].files(made).items():
        if name == "conditions.csv":
            continue  # its columns are the campaign's factors
        for column in str(content).splitlines()[0].split(","):
            assert f"`{column}`" in page, f"{name}: {column}"


def check_mutation(data: dict[str, Any]) -> None:
    """The constraints of mutation-testing-report-schema 2, written down by us: the schema is only on npm."""
    assert re.fullmatch(r"[12](\.\d+){0,2}", data["schemaVersion"])
    assert 0 <= data["thresholds"]["low"] <= data["thresholds"]["high"] <= 100
    tests = [test["id"] for file in data["testFiles"].values() for test in file["tests"]]
    assert len(set(tests)) == len(tests)
    ids = [mutant["id"] for file in data["files"].values() for mutant in file["mutants"]]
    assert len(set(ids)) == len(ids) > 0
    for file in data["files"].values():
        assert file["language"]
        lines = file["source"].splitlines()
        for mutant in file["mutants"]:
            assert {"id", "mutatorName", "location", "status"} <= mutant.keys()
            assert mutant["status"] in {"Killed", "Survived", "NoCoverage", "Ignored", "Pending"}
            start, end = mutant["location"]["start"], mutant["location"]["end"]
            assert 1 <= start["line"] <= end["line"] <= len(lines)
            assert 1 <= start["column"] <= end["column"] <= len(lines[end["line"] - 1]) + 1
            assert set(mutant.get("killedBy", ())) <= set(tests)


def test_the_mutation_report_keeps_to_its_schema(sourced: Given) -> None:
    data = json.loads(text(sourced, "mutation"))
    check_mutation(data)
    published = os.environ.get("MUTATION_REPORT_SCHEMA")
    if published:
        jsonschema.validate(data, json.loads(Path(published).read_text()))


def test_a_mutant_is_the_change_that_the_fault_is(sourced: Given) -> None:
    data = mutation_report(sourced)
    for file in data["files"].values():
        lines = file["source"].splitlines()
        for mutant in file["mutants"]:
            number = int(re.match(r"c0\.l\d\.f(\d+)\.g", mutant["id"])[1])  # type: ignore[index]
            assert lines[mutant["location"]["start"]["line"] - 1] == "    return x"
            assert mutant["replacement"] == f"    return x + {number}"
    names = {name.rsplit("/", 2)[0] for name in data["files"]}
    assert "c0/l1/gen-03" in names


def test_a_fault_that_leaves_a_statement_out_is_an_empty_replacement() -> None:
    source = "def f(x):\n    if __fault__(3):\n        pass\n    else:\n        x.sort()\n    return x\n"
    (one,) = mutants(source, "a.py", render(source, frozenset()))
    assert (one.fault, one.first, one.last, one.replacement) == (3, 2, 2, "")


def test_facts_without_sources_have_no_mutation_report(made: Given) -> None:
    with pytest.raises(UserError, match="no sources"):
        FORMATS["mutation"].files(made)


def test_inspect_reads_its_log(made: Given, tmp_path: Path) -> None:
    logs = pytest.importorskip("inspect_ai.log", reason="the extra inspect is not installed")
    (tmp_path / "lineages.eval").write_bytes(FORMATS["inspect"].files(made)["lineages.eval"])  # type: ignore[arg-type]
    log = logs.read_eval_log(str(tmp_path / "lineages.eval"))
    begun = [one for one in made.evidence.lineages if one.begun]
    assert [one.id for one in log.samples] == [f"c{one.condition}.l{one.lineage}" for one in begun]
    spans = [one.name for one in log.samples[0].events if one.event == "span_begin"]
    assert spans == [f"generation {one.generation}" for one in begun[0].generations]
