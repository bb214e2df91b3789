"""The page on faults says what the catalogue has."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from injectors import catalogue, document
from testbed.cli import cli

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"


def test_the_page_is_what_the_catalogue_says() -> None:
    old = PAGE.read_text()
    assert old == document.merged(document.page(), old), "run: testbed injectors document docs/faults.md"


def test_every_operator_and_family_is_on_the_page() -> None:
    page = document.page()
    for operator in catalogue.built_in():
        assert f"### {operator.family}\n" in page
        assert operator.family == "cosmic-ray" or f"| `{operator.name}` |" in page


def test_writing_the_page_again_keeps_its_calibration(tmp_path: Path) -> None:
    file = tmp_path / "faults.md"
    file.write_text(document.with_calibration("old words\n" + document.page(), "| a table |\n"))
    told = CliRunner().invoke(cli, ["injectors", "document", str(file)])
    assert told.exit_code == 0, told.output
    assert file.read_text() == document.with_calibration(document.page(), "| a table |\n")
