"""Modifiers and refactorings of other distributions: found, checked, named with their version."""

import json
import sys
import textwrap

import pytest
from click.testing import CliRunner

from testbed.cli import cli
from testbed.conditions import Condition, ModifierFactor
from testbed.engine.manifest import versions
from testbed.errors import UserError, UserErrors
from testbed.modifiers import make, names, origins, registry

GOOD = '''
from testbed.modifiers.refactorings import Edit, Refactoring, Site
import libcst as cst
from testbed.modifiers.statements import sole


class DropPass(Refactoring):
    name = "drop_pass"
    contract = "A `pass` beside other statements is removed."
    examples = (
        ("def f(a):\\n    pass\\n    return a\\n", "def f(a):\\n    return a\\n"),
        ("def f(a):\\n    pass\\n    return (a if __fault__(1) else 1)\\n",
         "def f(a):\\n    return (a if __fault__(1) else 1)\\n"),
        ("def f(a):\\n    pass\\n", None),
    )

    def sites(self, view, project):
        for _function, body in view.blocks():
            for line in body:
                if len(body) > 1 and isinstance(sole(line), cst.Pass):
                    yield Site(line)

    def apply(self, view, site, kit):
        return Edit(view.replace({site.node: ()}))


class Still:
    """Leaves everything as it is."""

    name, version = "still", "7"

    def __init__(self, factor, frozen_names):
        pass

    def propose(self, source, rng, offspring):
        from testbed.protocols import Proposal
        return Proposal(source, ())
'''
BAD = """
from testbed.modifiers.refactorings import Edit, Refactoring


class Wrong(Refactoring):
    name = "other"
    contract = "Does something"
    examples = (("def f(a):\\n    return a\\n", "def f(a):\\n    return 2\\n"),)

    def sites(self, view, project):
        return iter(())

    def apply(self, view, site, kit):
        return None


class Half(Refactoring):
    name = "half"


def nothing():
    return None
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts a distribution with a module and entry points on the path."""

    def installed(name, text, points):
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        info = tmp_path / f"{name}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(points)
        monkeypatch.syspath_prepend(str(tmp_path))
        registry.modifier_plugins.cache_clear()
        registry.refactoring_plugins.cache_clear()

    yield installed
    registry.modifier_plugins.cache_clear()
    registry.refactoring_plugins.cache_clear()
    for name in ("acme_good", "acme_bad"):
        sys.modules.pop(name, None)


def _good(install):
    install(
        "acme_good",
        GOOD,
        "[testbed.modifiers]\nstill = acme_good:Still\n"
        "[testbed.refactorings]\ndrop_pass = acme_good:DropPass\n",
    )


def test_a_modifier_of_another_distribution_can_be_named(install):
    _good(install)
    assert "still" in names()
    assert make(ModifierFactor("still"), frozenset()).version == "7"
    assert origins(ModifierFactor("still")) == {"testbed.modifiers still": "acme_good 1.2"}
    assert origins(ModifierFactor("refactor")) == {}


def test_the_manifest_has_the_distributions_of_the_plug_ins_that_a_condition_uses(install):
    _good(install)
    used = Condition(modifier=ModifierFactor(refactorings=("drop_pass", "rename_local")))
    found = versions([used, Condition(modifier=ModifierFactor("still"))])
    assert found["testbed.refactorings drop_pass"] == "acme_good 1.2"
    assert found["testbed.modifiers still"] == "acme_good 1.2"
    assert not [name for name in versions([Condition()]) if name.startswith("testbed.")]


def test_a_refactoring_of_another_distribution_can_be_named(install):
    _good(install)
    assert registry.refactoring("drop_pass").contract.startswith("A `pass`")


def test_the_command_lists_plug_ins_with_their_distribution(install):
    _good(install)
    told = CliRunner().invoke(cli, ["modifiers"])
    assert told.exit_code == 0
    assert "(from acme_good 1.2)" in told.output
    listed = json.loads(CliRunner().invoke(cli, ["modifiers", "--json"]).output)
    assert [one["from"] for one in listed["modifiers"] if one["name"] == "still"] == ["acme_good 1.2"]
    assert {one["name"] for one in listed["refactorings"]} >= {"drop_pass", "rename_local"}


def test_all_problems_of_all_plug_ins_are_told_at_once(install):
    install(
        "acme_bad",
        BAD,
        "[testbed.modifiers]\nnothing = acme_bad:nothing\ngone = acme_bad:gone\nrefactor = acme_bad:Wrong\n"
        "[testbed.refactorings]\nwrong = acme_bad:Wrong\nhalf = acme_bad:Half\n",
    )
    told = CliRunner().invoke(cli, ["modifiers"])
    assert isinstance(told.exception, UserErrors)
    text = "\n".join(told.exception.lines())
    for part in (
        "nothing = acme_bad:nothing: is no callable that takes",
        "gone = acme_bad:gone: cannot be loaded: AttributeError",
        "refactor = acme_bad:Wrong: the name 'refactor' is taken",
        "wrong = acme_bad:Wrong: its name is 'other', not 'wrong'",
        "wrong = acme_bad:Wrong: contract is no sentence",
        "wrong = acme_bad:Wrong: no example says what it refuses",
        "wrong = acme_bad:Wrong: no example has a guard",
        "wrong = acme_bad:Wrong: example 1 does not give what it says",
        "half = acme_bad:Half: lacks apply, sites",
    ):
        assert part in text
    assert "rename_local" in told.output


def test_a_plug_in_with_problems_cannot_be_used(install):
    install("acme_bad", BAD, "[testbed.modifiers]\nnothing = acme_bad:nothing\n")
    with pytest.raises(UserErrors, match="is no callable"):
        make(ModifierFactor("nothing"), frozenset())


def test_a_modifier_that_lacks_what_a_modifier_needs_cannot_be_used(install):
    install(
        "acme_bad", "def maker(factor, names):\n    return 1\n", "[testbed.modifiers]\nm = acme_bad:maker\n"
    )
    with pytest.raises(UserErrors, match=r"(?s)its name is None.*version is no text.*propose is no method"):
        make(ModifierFactor("m"), frozenset())


def test_an_unknown_modifier_is_told_with_the_nearest_one():
    with pytest.raises(UserError, match=r"unknown modifier 'refactr'; did you mean refactor\?"):
        make(ModifierFactor("refactr"), frozenset())
    with pytest.raises(UserError, match="unknown refactoring 'rename_loca'; did you mean rename_local"):
        registry.refactoring("rename_loca")
