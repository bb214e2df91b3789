"""`testbed evaluate`: every fault of a target with a verdict that plain pytest confirms."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from injectors.catalogue import operators
from testbed.cli import cli
from testbed.errors import UserError
from testbed.evaluate.faults import Fault, every, sample
from testbed.evaluate.layers import DEEPEST, numbers, place
from testbed.evaluate.run import faulty
from testbed.evaluator import confirms
from testbed.schema import TextEdit, guard_numbers, materialise

A = """import os


class Box:
    size = 3

    def full(self, n):
        return n + 1 > self.size and n != 0

    def text(self, n):
        if n > 2:
            n = n - 1
        return 'x' * n
"""
B = """def f(a, b=2):
    for i in range(a):
        if i == b:
            break
    else:
        return None
    return [i, a, b]
"""
SOURCE = {"a.py": A, "b.py": B}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["evaluate", *map(str, arguments)], catch_exceptions=False)


@pytest.mark.parametrize("family", ["logic", "omission", "interface", "mutmut"])
def test_every_fault_has_one_place_and_switched_on_is_the_edited_text(family: str) -> None:
    faults = every(SOURCE, [operator for operator in operators() if operator.family == family])
    made = place(SOURCE, faults)
    assert sorted([*numbers(made.layers), *made.unplaced]) == [fault.number for fault in faults]
    by_number = {fault.number: fault for fault in faults}
    for layer in made.layers:
        for path, text in layer.source.items():
            assert materialise(text, frozenset()) == SOURCE[path]
            for number in guard_numbers(text):
                wanted = faulty(SOURCE, by_number[number])[path]
                assert _program(materialise(text, frozenset({number}))) == _program(wanted)


def test_faults_of_an_expression_and_of_its_parts_share_a_layer() -> None:
    source = {"c.py": "def f(a, b):\n    return g(a + 1, b == 2 or a, [b, 'text'])\n"}
    faults = every(source, [operator for operator in operators() if operator.family == "mutmut"])
    (layer,) = place(source, faults).layers
    assert len(layer.faults) == len(faults) > 10
    deepest = max(_parents(ast.parse(layer.source["c.py"])).values())
    assert 2 < deepest <= DEEPEST


def test_no_more_guards_stand_around_a_place_than_are_allowed() -> None:
    text = "def f(a):\n    return a + 1\n"
    places = [(text.index("a + 1"), len("a + 1")), (text.index("1"), 1)]
    faults = [
        Fault(number, "t", "o", "c.py", 2, "f", TextEdit(start, start + size, str(number)))
        for number in range(2, 2 + 3 * DEEPEST)
        for start, size in [places[number % 2]]
    ]
    made = place({"c.py": text}, faults)
    assert len(made.layers) == 3
    assert sorted(numbers(made.layers)) == [fault.number for fault in faults]
    for layer in made.layers:
        assert max(_parents(ast.parse(layer.source["c.py"])).values()) <= DEEPEST
        for fault in layer.faults:
            assert (
                materialise(layer.source["c.py"], frozenset({fault.number}))
                == faulty({"c.py": text}, fault)["c.py"]
            )


def _parents(tree: ast.AST) -> dict[int, int]:
    """Fault -> how many guards stand around its own, that one included."""
    found: dict[int, int] = {}

    def look(node: ast.AST, above: int) -> None:
        if isinstance(node, ast.IfExp) and isinstance(node.test, ast.Call):
            above += 1
            found[node.test.args[0].value] = above  # type: ignore[attr-defined]
        for child in ast.iter_child_nodes(node):
            look(child, above)

    look(tree, 0)
    return found


def _program(text: str) -> str:
    return ast.dump(ast.parse(text))


def test_a_sample_keeps_the_order_and_is_drawn_by_the_seed() -> None:
    faults = every(SOURCE, operators())
    chosen = sample(faults, 10, 1)
    assert chosen == sorted(chosen, key=lambda fault: fault.number)
    assert len(chosen) == 10
    assert chosen == sample(faults, 10, 1) != sample(faults, 10, 2)


def test_the_verdicts_are_those_of_plain_pytest(small_target: Path, tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    done = run(small_target, "--workers", 1, "--limit", 40, "--json", file, "--verify", 12, "--examples", 10)
    assert done.exit_code == 0
    assert "12 verdicts run again cold: 0 disagree" in done.output
    written = json.loads(file.read_text())
    assert len(written["faults"]) == 40
    assert {fault["verdict"] for fault in written["faults"]} >= {"pass", "fail"}
    for fault in written["faults"]:
        assert fault["tests"] == [] or fault["verdict"] != "pass"
        assert set(fault["tests"]) <= set(written["tests"])
        assert fault["diff"].startswith("--- a/sums.py")


@pytest.mark.slow
def test_a_matrix_has_every_test_that_finds_a_fault_and_the_same_verdicts(
    small_target: Path, tmp_path: Path
) -> None:
    first, matrix = tmp_path / "first.json", tmp_path / "matrix.json"
    arguments = (small_target, "--workers", 1, "--operators", "mutmut", "--examples", 10)
    with (small_target / "test_sums.py").open("a") as more:
        more.write("\ndef test_totals_again():\n    assert totals([4, 5]) == [4, 9]\n")
    assert run(*arguments, "--json", first).exit_code == 0
    assert run(*arguments, "--matrix", "--json", matrix).exit_code == 0
    one, all_ = (json.loads(file.read_text())["faults"] for file in (first, matrix))
    for quick, full in zip(one, all_, strict=True):
        assert (quick["verdict"] == "pass") == (full["verdict"] == "pass")
        assert set(quick["tests"]) <= set(full["tests"])
    assert any(len(fault["tests"]) > 1 for fault in all_)


def test_a_target_whose_tests_fail_is_said_in_one_line(small_target: Path) -> None:
    with (small_target / "test_sums.py").open("a") as file:
        file.write("\ndef test_no():\n    assert False\n")
    with pytest.raises(UserError, match="test_no does not pass"):
        run(small_target)


GOOD = """--- a/sums.py
+++ b/sums.py
@@ -7,5 +7,5 @@
     \"\"\"The nearest value in [low, high].\"\"\"
-    if value < low:
-        return low
+    if value < high:
+        return high
     if value > high:
         return high
"""


def test_a_diff_is_one_fault(small_target: Path, tmp_path: Path) -> None:
    good, file = tmp_path / "good.diff", tmp_path / "out.json"
    good.write_text(GOOD)
    done = run(small_target, "--faults", good, "--json", file, "--workers", 1, "--verify", 1)
    assert done.exit_code == 0, done.output
    (fault,) = json.loads(file.read_text())["faults"]
    assert fault["verdict"] == "fail"
    assert fault["tests"] == ["test_sums.py::test_clamp_keeps_the_middle"]
    assert "+    if value < high:" in fault["diff"]


def test_a_fault_that_only_some_tests_cannot_load_is_an_error(small_target: Path, tmp_path: Path) -> None:
    (small_target / "test_other.py").write_text("def test_nothing():\n    pass\n")
    broken, file = tmp_path / "broken.diff", tmp_path / "out.json"
    broken.write_text("--- a/sums.py\n+++ b/sums.py\n@@ -3,1 +3,1 @@\n-SMALLEST = 0\n+SMALLEST = nothing\n")
    done = run(small_target, "--faults", broken, "--json", file, "--workers", 1, "--verify", 1)
    assert "1 verdicts run again cold: 0 disagree" in done.output
    (fault,) = json.loads(file.read_text())["faults"]
    assert fault["verdict"] == "error"


def test_what_is_stopped_for_its_length_and_later_dies_is_confirmed(
    small_target: Path, tmp_path: Path
) -> None:
    slow = tmp_path / "slow.diff"
    text = (small_target / "sums.py").read_text()
    at = text[: text.index("    if value < low:")].count("\n") + 1
    slow.write_text(
        f"--- a/sums.py\n+++ b/sums.py\n@@ -{at},1 +{at},5 @@\n"
        "+    import os, time\n+    since = time.time()\n"
        "+    while True:\n+        time.time() < since + 6 or os._exit(9)\n     if value < low:\n"
    )
    done = run(small_target, "--faults", slow, "--json", tmp_path / "a.json", "--workers", 1, "--verify", 1)
    (fault,) = json.loads((tmp_path / "a.json").read_text())["faults"]
    assert fault["verdict"] == "timeout"
    assert "1 verdicts run again cold: 0 disagree" in done.output


@pytest.mark.parametrize("cold", ["pass", "fail", "error", "crash", "timeout"])
@pytest.mark.parametrize("recorded", ["pass", "fail", "error", "crash", "timeout"])
def test_only_the_same_verdict_bears_one_out_but_for_a_late_death(recorded: str, cold: str) -> None:
    assert confirms(recorded, cold) == (recorded == cold or (recorded, cold) == ("timeout", "crash"))


def test_what_is_left_out_alone_in_its_block_has_a_guard() -> None:
    text = "def f(a):\n    if a:\n        return 1\n    elif a is None:\n        raise E\n    return g(a)\n"
    left_out = {"missing-return", "missing-branch", "missing-raise"}
    faults = every({"a.py": text}, [operator for operator in operators() if operator.name in left_out])
    assert {fault.operator for fault in faults} == left_out
    assert place({"a.py": text}, faults).unplaced == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("if value < low:", "if value < lower:"), "does not fit at line 7"),
        (("sums.py", "other.py"), "other.py is not a file that may be changed"),
        (("@@ -7,5 +7,5 @@", "@@ -7,9 +7,9 @@"), "a hunk that is cut off"),
        (("@@", "##"), "changes nothing"),
    ],
)
def test_a_diff_that_does_not_fit_is_said(
    small_target: Path, tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    bad = tmp_path / "bad.diff"
    bad.write_text(GOOD.replace(*change))
    with pytest.raises(UserError, match=said):
        run(small_target, "--faults", bad, "--workers", 1)
