"""Faults are found again in text that somebody else edited."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

import pytest

from testbed.conditions import ModifierFactor
from testbed.modifiers import make
from testbed.schema import find_guards, materialise
from testbed.tracing import Said, Traced, healed_sites, problem, trace
from testbed.tracing.score import Asked, estimate, lineage

BASE = '''"""Sums."""


def clamp(value, low, high):
    """The nearest value in [low, high]."""
    if (value <= low if __fault__(1) else value < low):
        return low
    return min(value, high)


def totals(values):
    out = []
    total = 0
    for value in values:
        total = total + value
        if __fault__(2):
            pass
        else:
            out.append(total)
    return out
'''
LIVE = frozenset({1, 2})
PLAIN = materialise(BASE, LIVE)


def traced(edited: str, **others: str) -> Traced:
    files = {"m.py": edited, **{f"{name}.py": text for name, text in others.items()}}
    return trace({"m.py": BASE}, LIVE, files, lambda parent: 10 * parent)


def off(made: Traced, *faults: int) -> str:
    """The traced text with these faults off, all others on."""
    text = made.source["m.py"]
    return materialise(text, frozenset(guard.number for guard in find_guards(text)) - set(faults))


def edit(*pairs: tuple[str, str]) -> str:
    text = PLAIN
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


RENAMED = (("value", "number"), ("low", "least"))
WRAPPED = (
    ("    if value <= low", "    if True:\n      if value <= low"),
    ("        return low", "         return low"),
)


@pytest.mark.parametrize(
    ("pairs", "healed"),
    [
        ((), "value < low"),
        (RENAMED, "number < least"),
        (WRAPPED, "value < low"),
        ((("min(value, high)", "high if value > high else value"),), "value < low"),
        ((('    """The nearest value in [low, high]."""\n', "    # nearest\n\n"),), "value < low"),
        ((("if value <= low:", "if (value <= low) is True:"),), "value < low"),
    ],
)
def test_a_fault_is_carried_through_an_edit_around_it(
    pairs: tuple[tuple[str, str], ...], healed: str
) -> None:
    text = edit(*pairs)
    made = traced(text)
    assert made.of(1).status == "carried"
    assert off(made) == text
    assert healed in off(made, 1)
    assert "<=" in off(made, 2)


def test_a_statement_left_out_is_put_back_where_it_belongs() -> None:
    text = edit(("total = total + value", "total += value\n        assert total is not None"))
    made = traced(text)
    assert made.of(2).status == "carried"
    assert "    out.append(total)\n" in off(made, 2)
    assert off(made) == text


def test_a_function_moved_to_another_file_takes_its_fault_along() -> None:
    start, end = PLAIN.index("def clamp"), PLAIN.index("def totals")
    rest = PLAIN[:start] + "from other import clamp\n\n\n" + PLAIN[end:]
    made = traced(rest, other=PLAIN[start:end])
    assert (made.of(1).status, made.of(1).path, made.of(1).line) == ("moved", "other.py", 3)
    assert made.of(2).status == "carried"
    assert "value < low" in materialise(made.source["other.py"], frozenset())


def test_functions_that_change_places_keep_their_faults() -> None:
    start, end = PLAIN.index("def clamp"), PLAIN.index("def totals")
    made = traced(PLAIN[:start] + PLAIN[end:] + "\n\n" + PLAIN[start:end])
    assert {made.of(1).status, made.of(2).status} == {"carried"}


def test_a_copied_function_has_an_offspring() -> None:
    start, end = PLAIN.index("def clamp"), PLAIN.index("def totals")
    copy = PLAIN[start:end].replace("def clamp", "def clamped")
    made = traced(PLAIN + "\n\n" + copy)
    assert [(t.fault, t.parent) for t in made.traces] == [(1, None), (2, None), (10, 1)]
    assert made.of(10).line > made.of(2).line


METHODS = """class W:
    def emit(self, op):
        self.code.append(op)
        return (len(self.code) + 1 if __fault__(3) else len(self.code) - 1)

    def land(self, jump):
        self.code[jump] = 3
"""


@pytest.mark.parametrize("name", ["emit_inner", "an_emit"])
@pytest.mark.parametrize("after", [True, False])
def test_a_copy_beside_the_original_is_not_taken_for_it(name: str, after: bool) -> None:
    plain = materialise(METHODS, frozenset({3}))
    start, end = plain.index("    def emit"), plain.index("    def land")
    original = plain[start:end]
    copy = original.replace("emit", name)
    both = original + copy if after else copy + original
    made = trace({"m.py": METHODS}, frozenset({3}), {"m.py": plain[:start] + both + plain[end:]}, lambda p: 9)
    assert [(t.fault, t.parent, t.line) for t in made.traces] == [
        (3, None, 4 if after else 8),
        (9, 3, 8 if after else 4),
    ]
    assert made.of(3).status == "carried"


def test_a_copy_of_a_copy_is_one_more_and_the_nearest_is_its_parent() -> None:
    second = METHODS[METHODS.index("    def emit") : METHODS.index("    def land")]
    second = second.replace("emit", "plain_emit").replace("__fault__(3)", "__fault__(4)")
    base = METHODS.replace("    def land", second + "    def land")
    live = frozenset({3, 4})
    plain = materialise(base, live)
    third = plain[plain.index("    def plain_emit") : plain.index("    def land")].replace("plain", "do")
    fourth = third.replace("do_emit", "my_emit")
    edited = plain.replace("    def land", third + fourth + "    def land")
    numbers = itertools.count(10)
    made = trace({"m.py": base}, live, {"m.py": edited}, lambda p: next(numbers))
    assert [(t.fault, t.parent, t.line) for t in made.traces] == [
        (3, None, 4),
        (4, None, 8),
        (10, 4, 12),
        (11, 4, 16),
    ]


def test_a_fault_cut_out_with_its_statements_goes_with_them() -> None:
    """The function is still there, without what was around the fault."""
    plain = materialise(METHODS, frozenset({3}))
    cut = plain.replace("        return len(self.code) + 1\n", "        return self.end()\n")
    cut = cut.replace("    def land", "    def end(self):\n        return len(self.code) + 1\n\n    def land")
    made = trace({"m.py": METHODS}, frozenset({3}), {"m.py": cut}, lambda p: 9)
    assert [(t.fault, t.status, t.line) for t in made.traces] == [(3, "moved", 7)]


@pytest.mark.parametrize(
    ("pair", "fault"),
    [
        (("value <= low", "value < low"), 1),
        (("total + value\n", "total + value\n        out.append(total)\n"), 2),
    ],
)
def test_an_edit_that_is_the_fix_overwrites_the_fault(pair: tuple[str, str], fault: int) -> None:
    made = traced(edit(pair))
    assert made.of(fault).status == "overwritten"
    assert made.of(3 - fault).status == "carried"


REWRITTEN = (
    (
        "    if value <= low:\n        return low\n    return min(value, high)",
        "    return low if not value > low else min(value, high)",
    ),
)


@pytest.mark.parametrize(
    ("said", "status"), [("faulty", "entangled"), ("clean", "overwritten"), ("other", "unattributed")]
)
def test_witnesses_decide_where_the_merge_conflicts(said: str, status: str) -> None:
    text = edit(*REWRITTEN)
    witnesses: Callable[[int, object], object] = lambda fault, text: said  # noqa: E731
    made = trace({"m.py": BASE}, LIVE, {"m.py": text}, lambda parent: 9, witnesses)  # type: ignore[arg-type]
    assert made.of(1).status == status
    assert off(made) == text
    if status == "entangled":
        assert "value < low" in off(made, 1)


CLEAN = materialise(BASE, frozenset())
AGAIN = CLEAN.replace(
    "    if value < low:\n        return low\n    return min(value, high)",
    "    return low if not value >= low else min(value, high)",
)


@pytest.mark.parametrize(("said", "status"), [("faulty", "entangled"), ("other", "overwritten")])
def test_a_history_that_rewrites_a_fault_s_function_is_asked_with_the_function_as_it_was(
    said: str, status: str
) -> None:
    assert AGAIN != CLEAN
    asked: list[str] = []

    def witnesses(_fault: int, text: Mapping[str, str]) -> Said:
        asked.append(text["m.py"])
        return said  # type: ignore[return-value]

    made = trace({"m.py": BASE}, LIVE, {"m.py": AGAIN}, lambda parent: 9, witnesses, clean=True)
    assert (made.of(1).status, made.of(2).status) == (status, "carried")
    assert materialise(made.source["m.py"], frozenset()) == AGAIN
    (text,) = asked
    assert "if value <= low:\n        return low\n    return min(value, high)" in text
    on = materialise(made.source["m.py"], frozenset({1}))
    assert (on == text) is (status == "entangled")


def test_a_function_that_was_renamed_and_rewritten_is_entangled_under_its_new_name() -> None:
    text = edit(("def clamp", "def clamped"), *REWRITTEN)
    made = trace({"m.py": BASE}, LIVE, {"m.py": text}, lambda parent: 9, lambda fault, text: "faulty")
    assert made.of(1).status == "entangled"
    assert off(made) == text
    healed = off(made, 1)
    assert "def clamped(value, low, high):" in healed
    assert "value < low" in healed


def test_without_witnesses_a_conflict_is_not_attributed() -> None:
    assert traced(edit(*REWRITTEN)).of(1).status == "unattributed"


def test_a_healed_fault_that_an_edit_brings_back_is_reintroduced() -> None:
    gone = healed_sites({"m.py": BASE}, LIVE, frozenset({1}))
    healed = {"m.py": BASE.replace("(value <= low if __fault__(1) else value < low)", "value < low")}
    live = frozenset({2})
    same = materialise(healed["m.py"], live)
    again = trace(healed, live, {"m.py": same.replace("<", "<=")}, lambda parent: 9, gone=gone)
    assert again.of(1).status == "reintroduced"
    assert [t.fault for t in trace(healed, live, {"m.py": same}, lambda parent: 9, gone=gone).traces] == [2]


@pytest.mark.parametrize("text", ["def f(:\n", "x = '\n", "x = 1\r\n", "__fault__(3)\n"])
def test_what_cannot_be_a_generation_is_said(text: str) -> None:
    assert problem({"a.py": "x = 1\n", "b.py": text}).startswith("b.py: ")


def test_the_tracer_is_right_on_histories_with_known_truth() -> None:
    modifier = make(ModifierFactor(edits=4), frozenset())
    source = {"m.py": materialise(BASE, frozenset())}
    found = [lineage(source, modifier, "sums", number, Asked(6, 1.0, 3), lambda: None) for number in range(4)]
    for question in ("persistence", "place"):
        made = estimate(question, found)
        assert made is not None
        assert made.n > 20
        assert made.value is not None
        assert made.value >= 0.9
