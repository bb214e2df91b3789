"""The modifier chat, against a real server that answers well, slowly, wrongly or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from testbed.conditions import ModifierFactor
from testbed.errors import UserError
from testbed.modifiers.outside import Edited, OpaqueModifier, Unusable
from testbed.modifiers.outside.chat import ChatEditor
from testbed.modifiers.outside.endpoint import Endpoint
from testbed.modifiers.outside.opaque import Where

OLD = "def double(value):\n    return value + value\n"
NEW = "def double(value):\n    return 2 * value\n"
FILES = {"pkg/__init__.py": "", "pkg/sums.py": OLD}
WHOLE = f"```python pkg/sums.py\n{NEW}```"
DIFF = """```diff
--- a/pkg/sums.py
+++ b/pkg/sums.py
@@ -7,2 +7,2 @@
 def double(value):
-    return value + value
+    return 2 * value
```"""
RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")


def editor(model: Any, tmp_path: Path, seconds: float = 5.0) -> ChatEditor:
    factor = ModifierFactor("chat", model="m", endpoint=model.address)
    return ChatEditor(factor, Endpoint("m", model.address, seconds, tmp_path / "answers", pause=0.01))


def ask(model: Any, tmp_path: Path, *replies: Any, seconds: float = 5.0) -> Edited:
    model.replies = list(replies)
    return editor(model, tmp_path, seconds).edit(FILES, Where(), RNG)


@pytest.mark.parametrize(
    "reply",
    [
        WHOLE,
        DIFF,
        f"Of course! Here is the file:\n\n{WHOLE}\n\nIt is simpler now.",
        f"pkg/sums.py:\n```python\n{NEW}```",
        f"```python\n# pkg/sums.py\n{NEW}```",
        DIFF.replace("```diff\n", "").replace("\n```", "\n"),
        DIFF.replace("@@ -7,2 +7,2 @@", "@@ def double(value): @@"),
        f"```\nsome shell output\n```\n{DIFF}",
    ],
)
def test_whole_files_and_diffs_are_read_with_prose_around(model: Any, tmp_path: Path, reply: str) -> None:
    made = ask(model, tmp_path, reply)
    assert made.files["pkg/sums.py"].removeprefix("# pkg/sums.py\n") == NEW
    assert (made.turn.calls, made.turn.tokens_in, made.turn.tokens_out) == (1, 100, 10)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("I would rather not.", "no code block"),
        (DIFF.replace("value + value", "value - value"), "does not fit"),
        (DIFF.replace("--- a/pkg/sums.py\n", ""), "without its lines"),
        (f"```python pkg/sums.py\n{NEW}", "not closed"),
        (WHOLE.replace("pkg/sums.py", "../../etc/passwd.py"), "no file of the package"),
        (WHOLE.replace("return 2", "return return"), "invalid syntax"),
        ({"text": WHOLE, "cut": True}, "cut off"),
    ],
)
def test_what_cannot_be_used_is_said_and_asked_again(
    model: Any, tmp_path: Path, wrong: Any, said: str
) -> None:
    made = ask(model, tmp_path, wrong, WHOLE)
    assert made.files["pkg/sums.py"] == NEW
    assert said in model.asked[1]["messages"][-1]["content"]
    assert made.turn.calls == 2
    assert made.turn.tokens_in == 200


@pytest.mark.parametrize(
    "trouble",
    [429, 500, 503, {"bytes": b"<html>"}, {"bytes": b'{"choices": []}'}, {"text": WHOLE, "short": 99}],
)
def test_a_busy_or_broken_server_is_asked_again(model: Any, tmp_path: Path, trouble: Any) -> None:
    assert ask(model, tmp_path, trouble, WHOLE).files["pkg/sums.py"] == NEW
    assert model.asked[0] == model.asked[1]


@pytest.mark.parametrize("trouble", [429, 500, {"bytes": b"{"}])
def test_a_server_that_stays_broken_gives_no_edit(model: Any, tmp_path: Path, trouble: Any) -> None:
    with pytest.raises(Unusable) as caught:
        ask(model, tmp_path, trouble)
    assert caught.value.kind == "no answer"
    assert len(model.asked) == 4


def test_a_slow_answer_is_given_up(model: Any, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="no answer"):
        ask(model, tmp_path, {"text": WHOLE, "wait": 0.6}, seconds=0.1)


def test_a_model_that_never_gets_it_right_is_given_up_with_what_it_cost(model: Any, tmp_path: Path) -> None:
    with pytest.raises(Unusable) as caught:
        ask(model, tmp_path, "no")
    assert (caught.value.kind, caught.value.turn.calls, caught.value.turn.tokens_in) == ("malformed", 3, 300)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_key_or_a_model_that_is_refused_ends_the_run(model: Any, tmp_path: Path, status: int) -> None:
    with pytest.raises(UserError, match="OPENAI_API_KEY"):
        ask(model, tmp_path, status)


def test_the_same_question_is_answered_without_the_model(model: Any, tmp_path: Path) -> None:
    first = ask(model, tmp_path, WHOLE)
    model.replies = [500]
    assert editor(model, tmp_path).edit(FILES, Where(), RNG) == first
    assert len(model.asked) == 1
    with pytest.raises(Unusable):
        editor(model, tmp_path).edit(FILES, Where(lineage=1), RNG)


def test_the_key_goes_to_the_server_and_nowhere_else(model: Any, tmp_path: Path) -> None:
    made = ask(model, tmp_path, WHOLE)
    assert model.keys == ["Bearer sk-secret"]
    assert "secret" not in repr(made)
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or "secret" not in path.read_text()


def test_faults_are_carried_through_an_answer(model: Any, tmp_path: Path) -> None:
    model.replies = [WHOLE.replace("2 * value", "2 * value + 1")]
    source = {
        "pkg/__init__.py": "",
        "pkg/sums.py": OLD.replace("value + value", "(value + value + 1 if __fault__(3) else value + value)"),
    }
    proposal = OpaqueModifier(editor(model, tmp_path)).propose(source, RNG, lambda parent: 9)
    assert [edit.path for edit in proposal.edits] == ["pkg/sums.py"]
    assert proposal.turn is not None
    assert [trace.status for trace in proposal.turn.traces] == ["carried"]


def test_without_a_model_the_campaign_is_wrong() -> None:
    with pytest.raises(UserError, match=r"modifier\.model"):
        ChatEditor(ModifierFactor("chat"))
