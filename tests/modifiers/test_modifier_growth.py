"""New public functions come with tests and with what they must do in terms of older ones."""

import random

import pytest

from testbed.conditions import ModifierFactor, TargetFactor
from testbed.evaluator import ProcessEvaluator
from testbed.evaluator.growth import MODULE, entries, extended, files
from testbed.modifiers import make
from testbed.modifiers.harvest import harvest
from testbed.modifiers.refactorings import ALL
from testbed.protocols import Grown
from testbed.seeds import stream
from testbed.soundness import Asked, lineage
from testbed.soundness.run import examined

CODE = '''"""Text."""


def shorten(text, most=5):
    """Cut."""
    if len(text) > most:
        return text[:most]
    return text


def shout(text):
    """Loud."""
    return text.upper()


def total(values):
    return sum(values)


def first(values):
    return next(iter(values))


def doubler(value):
    return lambda: value * 2
'''
TESTS = """import pytest

from pkg import doubler, first, shorten, shout, total


@pytest.mark.parametrize(("given", "wanted"), [("ab", "AB"), ("c", "C")])
def test_shout(given, wanted):
    assert shout(given) == wanted


def test_shorten():
    assert shorten("abcdefg") == "abcde"
    assert shorten("abc", 2) == "ab"
    with pytest.raises(TypeError):
        shorten(3)


def test_total():
    assert total([1, 2]) == 3


def test_first():
    assert first([1, 2]) == 1
    with pytest.raises(StopIteration):
        first([])


def test_doubler():
    assert doubler(2)() == 4
"""
GROWTH = tuple(each.name for each in ALL if each.group == "growth")


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    folder = tmp_path_factory.mktemp("target")
    (folder / "pkg.py").write_text(CODE)
    (folder / "tests").mkdir()
    (folder / "tests" / "test_pkg.py").write_text(TESTS)
    return examined(TargetFactor(str(folder)), 0)


def test_examples_are_read_from_calls_and_from_parametrized_tests():
    found = harvest(
        {"tests/test_pkg.py": TESTS.encode(), "notes.txt": b"f(1)", "bad.py": b"f(", "b.py": b"\xff"}
    )
    assert found["shout"] == ("('ab',)", "('c',)")
    assert found["shorten"] == ("('abcdefg',)", "('abc', 2)", "(3,)")
    assert found["total"] == ("([1, 2],)",)


def test_examples_that_are_no_literals_are_left_out():
    text = b"f(x)\nf(1, key=2)\nf()\nf(g(1))\nf(*[1])\n"
    assert "f" not in harvest({"t.py": text})


def test_a_function_grows_only_where_tests_say_how_it_is_called():
    factor = ModifierFactor(refactorings=GROWTH)
    without = make(factor, frozenset()).propose({"pkg.py": CODE}, stream(0, "g"), int)
    assert without.edits == ()
    grown = make(factor, frozenset(), {"t.py": TESTS.encode()}).propose({"pkg.py": CODE}, stream(0, "g"), int)
    assert len(grown.grown) == len(grown.edits) == factor.edits
    assert {one.address.partition(":")[0] for one in grown.grown} == {"pkg"}


def test_a_new_name_is_none_that_the_tests_or_the_code_mention():
    frozen = frozenset(["shout_all", "shout_each", "shout_many"])
    factor = ModifierFactor(edits=1, refactorings=("grow_batch",))
    for seed in range(20):
        modifier = make(factor, frozen, {"t.py": TESTS.encode()})
        for one in modifier.propose({"pkg.py": CODE}, stream(seed, "g"), int).grown:
            assert one.address.partition(":")[2] not in frozen


def test_every_new_function_does_what_its_definition_says_over_a_lineage(target):
    mix = (*GROWTH, "rename_local", "invert_if", "guard_clause")
    factor = ModifierFactor(edits=4, profile="feature-work", refactorings=mix)
    with ProcessEvaluator(target.spec) as evaluator:
        tally = lineage(target, 0, Asked(factor, generations=4, seed=3), evaluator)
    assert tally.deviations == []
    assert tally.grown > 3
    assert sum(tally.applied.values()) > tally.grown


@pytest.mark.parametrize("name", GROWTH)
def test_errors_that_mean_something_else_in_a_generator_and_functions_that_are_given_are_no_deviation(
    target, name
):
    factor = ModifierFactor(edits=8, profile="feature-work", refactorings=(name,))
    with ProcessEvaluator(target.spec) as evaluator:
        tally = lineage(target, 1, Asked(factor, generations=2, seed=3, inputs=12), evaluator)
    assert tally.deviations == []
    assert tally.grown


RIGHT = Grown("pkg:shout_all", "items", "[old('pkg:shout')(item) for item in items]", ("(['a'],)",))
NEW = CODE + "\n\ndef shout_all(items):\n    return [shout(item) for item in items]\n"


def _outcomes(target, grown, faulty=CODE):
    """(verdicts of the new tests, outcomes on the reference, outcomes on the new program)."""
    spec = extended(target.spec, grown)
    beside = files(grown, target.spec.tests)
    inputs = [f"diff:{entry.name}#{seed}" for entry in entries(grown) for seed in range(4)]
    with ProcessEvaluator(spec) as evaluator:
        evaluator.load("reference", {"pkg.py": CODE, **beside})
        loaded = evaluator.load("new", {"pkg.py": NEW.replace(CODE, faulty), **beside})
        assert not loaded.error
        ids = [info.id for info in loaded.tests if f"test_{MODULE}.py" in info.id]
        tests = {outcome.verdict for outcome in evaluator.run("new", frozenset(), ids)}
        both = [[o.digest for o in evaluator.run(n, frozenset(), inputs)] for n in ("reference", "new")]
    return tests, *both


def test_the_reference_does_by_definition_what_the_new_function_does(target):
    tests, reference, new = _outcomes(target, [RIGHT])
    assert tests == {"pass"}
    assert reference == new


def test_a_definition_that_does_not_hold_shows_in_tests_and_comparison(target):
    wrong = Grown("pkg:shout_all", "items", "[old('pkg:shout')(item) + '!' for item in items]", ("(['a'],)",))
    tests, reference, new = _outcomes(target, [wrong])
    assert tests == {"fail"}
    assert reference != new


def test_a_fault_in_what_it_is_built_on_shows_through_a_new_function(target):
    tests, reference, new = _outcomes(target, [RIGHT], CODE.replace("text.upper()", "text.lower()"))
    assert tests == {"pass"}  # the test compares with what is there
    assert reference != new


def test_inputs_vary_and_depend_on_their_seed_alone():
    space = {}
    exec(compile(files([RIGHT], ["tests"])[f"{MODULE}.py"], "grown", "exec"), space)
    found = [space["generate_0"](random.Random(seed)) for seed in range(40)]
    assert found == [space["generate_0"](random.Random(seed)) for seed in range(40)]
    assert len({str(arguments) for arguments in found}) > 3


def test_the_tests_go_where_pytest_looks(target):
    assert set(files([RIGHT], ["tests"])) == {f"{MODULE}.py", f"tests/test_{MODULE}.py"}
    assert set(files([RIGHT], ["test_pkg.py"])) == {f"{MODULE}.py", f"test_{MODULE}.py"}
    assert extended(target.spec, []) is target.spec
    assert files([], ["tests"]) == {}
