"""Runs the examples that a refactoring carries."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from testbed.modifiers.harvest import harvest
from testbed.modifiers.project import Project
from testbed.modifiers.refactor import checked
from testbed.modifiers.refactorings import Kit, Refactoring
from testbed.modifiers.view import view_of
from testbed.seeds import stream

_MARK, _TEST = "#: ", "test_"
DRAWS = 40
"""Ways in which a refactoring is tried on an example: names and the like are drawn."""


def results(refactoring: Refactoring, before: str, wanted: str | None = None) -> frozenset[str]:
    """What the refactoring makes of an example, over all places and some draws, up to `wanted`."""
    written = split(before)
    files = {path: text for path, text in written.items() if not path.startswith(_TEST)}
    tests = {path: text.encode() for path, text in written.items() if path not in files}
    project = Project(files, examples=harvest(tests))
    views = {path: view_of(text) for path, text in files.items()}
    places = [(path, site) for path, view in views.items() for site in refactoring.sites(view, project)]
    found: set[str] = set()
    for draw in range(DRAWS if places else 0):
        rng = stream(draw, "example")
        for path, site in places:
            edit = refactoring.apply(views[path], site, Kit(project, rng, path))
            texts = edit and checked(files, path, edit, refactoring.renames)
            if texts:
                found.add(join({**written, **texts}))
        if wanted in found:
            break
    return frozenset(found)


def split(example: str) -> dict[str, str]:
    """The files of an example: `#: path` stands above each, unless there is one alone."""
    if not example.startswith(_MARK):
        return {"m.py": example}
    parts = [part.partition("\n") for part in f"\n{example}".split(f"\n{_MARK}")[1:]]
    return {path: f"{text}\n" if text and not text.endswith("\n") else text for path, _, text in parts}


def join(files: Mapping[str, str]) -> str:
    """What `split` reads."""
    if list(files) == ["m.py"]:
        return files["m.py"]
    return "".join(f"{_MARK}{path}\n{text}" for path, text in sorted(files.items()))


def broken(refactoring: Refactoring) -> list[str]:
    """What is wrong with the refactoring's examples."""
    wrong = []
    for number, (before, after) in enumerate(getattr(refactoring, "examples", ()), 1):
        try:
            found = results(refactoring, before, after)
        except cst.ParserSyntaxError:
            wrong.append(f"example {number} is not Python")
            continue
        if after is None and found:
            wrong.append(f"example {number} should be refused")
        if after is not None and after not in found:
            wrong.append(f"example {number} does not give what it says")
    return wrong
