"""Fault operators of other distributions and of other tools."""

from __future__ import annotations

import ast
import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from injectors import catalogue, cosmic_ray_family
from injectors.operator import applied
from injectors.source import SourceView
from testbed.cli import cli
from testbed.conditions import InjectionFactor
from testbed.errors import UserError, UserErrors
from testbed.schema import insert as guarded
from testbed.schema import materialise

PLUG_INS = """
import ast
from injectors.operator import Example, Operator


class Shout(Operator):
    name, family = "shout", "custom"
    contract = "A text is in capitals."
    examples = (Example("x = 'a'\\n", "x = 'A'\\n"),)

    def rewrites(self, view, node):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.islower():
            yield view.replace(node, repr(node.value.upper()))


class Whisper(Shout):
    name, contract, weight = "hush", "", 0.0
    examples = (Example("x = 'a'\\n", "x = 'b'\\n"),)


def nothing():
    pass
"""
Install = Callable[[str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    def installed(points: str) -> None:
        (tmp_path / "acme_faults.py").write_text(textwrap.dedent(PLUG_INS))
        info = tmp_path / "acme_faults-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme_faults\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[{catalogue.OPERATORS}]\n{points}")
        monkeypatch.syspath_prepend(str(tmp_path))
        catalogue.plugins.cache_clear()

    yield installed
    catalogue.plugins.cache_clear()
    sys.modules.pop("acme_faults", None)


def test_an_operator_of_another_distribution_is_one_of_the_catalogue(install: Install) -> None:
    install("shout = acme_faults:Shout\n")
    assert "custom" in catalogue.families()
    chosen = catalogue.selected(InjectionFactor(families=("custom",)))
    assert [operator.name for operator in chosen] == ["shout"]
    told = CliRunner().invoke(cli, ["injectors", "--family", "custom", "--json"])
    (one,) = json.loads(told.output)
    assert one["contract"] == "A text is in capitals."
    assert one["salience"] == {"lines": 2, "tokens": 2}


def test_all_that_is_wrong_with_all_plug_ins_is_told_at_once(install: Install) -> None:
    install("whisper = acme_faults:Whisper\nnothing = acme_faults:nothing\ngone = acme_faults:gone\n")
    told = CliRunner().invoke(cli, ["injectors"])
    assert isinstance(told.exception, UserErrors)
    text = "\n".join(told.exception.lines())
    for part in (
        "whisper = acme_faults:Whisper: its name is 'hush', not 'whisper'",
        "whisper = acme_faults:Whisper: no contract",
        "whisper = acme_faults:Whisper: weight 0.0 is not positive",
        "whisper = acme_faults:Whisper: example \"x = 'a'\\n\" does not give",
        "nothing = acme_faults:nothing: is no subclass",
        "gone = acme_faults:gone: cannot be loaded: AttributeError",
    ):
        assert part in text
    assert "off-by-one" in told.output


def test_an_operator_with_problems_cannot_be_used(install: Install) -> None:
    install("whisper = acme_faults:Whisper\n")
    with pytest.raises(UserErrors, match="no contract"):
        catalogue.selected(InjectionFactor(families=("logic",), operators=("whisper",)))


def test_the_operators_of_cosmic_ray_make_its_own_mutations() -> None:
    known = {operator.name: operator for operator in cosmic_ray_family.operators()}
    number = known["cosmic-ray-NumberReplacer"]
    text = "class A:\n    def f(self, a):\n        return a + 7\n\n\ndef g(n):\n    return n[3]\n"
    made = applied(number, text)
    assert [changed.count("7") for changed in made] == [0, 0, 1, 1]
    view = SourceView("a.py", text)
    edits = [edit for node in view.nodes for edit in number.rewrites(view, node)]
    switched = [materialise(guarded(text, 1, [edit]), frozenset({1})) for edit in edits]
    assert [ast.dump(ast.parse(one)) for one in switched] == [ast.dump(ast.parse(one)) for one in made]


def test_without_cosmic_ray_its_family_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cosmic_ray_family, "installed", lambda: False)
    with pytest.raises(
        UserError, match=r"not installed; pip install 'compounding-flaw-testbed\[cosmic-ray\]'"
    ):
        catalogue.selected(InjectionFactor(families=("cosmic-ray",)))
