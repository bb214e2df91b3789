"""The smallest pair of sources that shows a difference."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from testbed.protocols import Source
from testbed.soundness.reduce import smallest

LINES = [
    "a = 1",
    "b = 2",
    "if a:\n    b = 3\n    c = 4\nelse:\n    c = 5",
    "def f(x):\n    y = x\n    return y",
]
EDITED = "def g():\n    kept = 1\n    other = 7\n    return {} + kept\n"


@given(st.lists(st.sampled_from(LINES), max_size=6), st.lists(st.sampled_from(LINES), max_size=6))
def test_only_what_shows_it_is_left(above: list[str], below: list[str]) -> None:
    """Here the difference is there as long as both have the line `kept = 1`."""
    before, after = ("\n".join([*above, EDITED.format(name), *below]) + "\n" for name in ("old", "new"))
    asked: list[Source] = []

    def shows(one: Source, other: Source) -> bool:
        asked.extend((one, other))
        return all("kept = 1" in each["m.py"] for each in (one, other))

    first, second = smallest({"m.py": before, "o.py": "x = 1"}, {"m.py": after, "o.py": "x = 1"}, shows)
    assert first["m.py"].split() == ["def", "g():", "kept", "=", "1", "return", "old", "+", "kept"]
    assert second["m.py"].split() == ["def", "g():", "kept", "=", "1", "return", "new", "+", "kept"]
    assert first["o.py"] == second["o.py"] == "x = 1"
    for one in asked:
        compile(one["m.py"], "m", "exec")
