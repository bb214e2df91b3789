"""Fixes of a project's history, as unified diffs, turned into recorded bugs against its present code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from injectors.recorded import Recorded, Site, Unfit, sites
from testbed.errors import UserError
from testbed.evaluate.patches import Hunk, parsed


def imported(file: Path, root: Path) -> Iterator[Recorded | str]:
    """The bug that a fix mended, in all source files that it changed, and why a file has no part in it.

    Tests are passed over. Raises UserError for what is no unified diff.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UserError(f"cannot be read ({problem})", where=str(file)) from None
    changed = [(path, hunks) for path, hunks in parsed(text, file) if hunks]
    if not changed:
        raise UserError("no file is changed in it", where=str(file), remedy="it needs a unified diff")
    wanted = [(path, hunks) for path, hunks in changed if _is_source(path)]
    found: list[Site] = []
    for path, hunks in wanted:
        try:
            fixed = (root / path).read_text(encoding="utf-8")
            found += [replace(site, path=path) for site in sites(fixed, backwards(fixed, hunks))]
        except FileNotFoundError:
            yield f"{file.name}: {path} is not there any more"
        except (Unfit, SyntaxError) as problem:
            yield f"{file.name}: {path}: {problem}"
    if found:
        yield Recorded(f"recorded-{file.stem}", found[0].path, tuple(found))
    if not wanted:
        yield f"{file.name}: it changes no source file but tests"


def _is_source(path: str) -> bool:
    parts = PurePosixPath(path).parts
    test = parts[-1].startswith(("test_", "conftest")) or parts[-1].endswith("_test.py")
    return path.endswith(".py") and not test and not {"tests", "test"} & set(parts[:-1])


def backwards(fixed: str, hunks: Sequence[Hunk]) -> str:
    """The text before a fix. Each hunk is where it says, or at the only place like it. Raises Unfit."""
    lines = fixed.splitlines()
    for hunk in reversed(hunks):
        at = _place(lines, hunk)
        lines[at : at + len(hunk.new)] = hunk.old
    return "\n".join(lines) + "\n"


def _place(lines: list[str], hunk: Hunk) -> int:
    new, size = list(hunk.new), len(hunk.new)
    said = hunk.new_start - 1 if size else hunk.new_start
    if lines[said : said + size] == new:
        return said
    found = [at for at in range(len(lines) - size + 1) if lines[at : at + size] == new] if size else []
    if len(found) != 1:
        raise Unfit(f"the code of its hunk at line {hunk.new_start} is there {len(found)} times")
    return found[0]
