"""Edits as a language model writes them: whole files and unified diffs, in a text with prose around."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_FENCE = re.compile(r"^(`{3,}|~{3,})[ \t]*([^\n]*)\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_PATH = re.compile(r"[\w./-]+\.py\b")


class Malformed(Exception):
    """What the model wrote cannot be read as an edit; the text says why, for the model too."""


@dataclass(frozen=True, slots=True)
class _Hunk:
    near: int  # 0-based line of the old file that the hunk names; -1 where it names none
    old: tuple[str, ...]
    new: tuple[str, ...]


def edited(reply: str, files: Mapping[str, str]) -> dict[str, str]:
    """The files after all edits in a reply. Raises Malformed.

    A fenced block that holds a unified diff is applied; any other is a whole file, whose path stands
    after the fence, in a first comment, or in the line above.
    """
    if reply.count("```") % 2:
        raise Malformed("the last code block is not closed: the reply was cut off")
    made, found = dict(files), False
    for path, body in _blocks(reply, files):
        found = True
        if path is None:
            for name, hunks in _diff(body):
                made[name] = _applied(made.get(name, ""), hunks, name)
        else:
            made[path] = body
    if not found and re.search(r"^--- .*\n\+\+\+ ", reply, re.MULTILINE):
        for name, hunks in _diff(reply):
            found = True
            made[name] = _applied(made.get(name, ""), hunks, name)
    if not found:
        raise Malformed("there is no code block with a path and no unified diff")
    return made


def _blocks(reply: str, files: Mapping[str, str]) -> Iterator[tuple[str | None, str]]:
    """(path, text) of each block that is an edit; no path for a diff."""
    for block in _FENCE.finditer(reply):
        info, body = block[2].strip(), block[3]
        if info.split(" ")[0] in {"diff", "patch"} or re.search(r"^--- .*\n\+\+\+ ", body, re.MULTILINE):
            yield None, body
            continue
        above = reply[: block.start()].rstrip().rpartition("\n")[2]
        first = body.partition("\n")[0] if body.startswith("#") else ""
        for said in (info, first, above):
            path = _PATH.search(said)
            if path:
                yield _known(path[0], files), body
                break


def _known(path: str, files: Mapping[str, str]) -> str:
    """A path as the package has it. Raises Malformed for one that leads elsewhere."""
    name = path.removeprefix("./")
    name = name[2:] if name not in files and name[:2] in {"a/", "b/"} else name
    folders = {known.rpartition("/")[0] for known in files}
    if name not in files and (name.startswith("/") or ".." in name or name.rpartition("/")[0] not in folders):
        raise Malformed(f"{path} is no file of the package: {', '.join(sorted(files))}")
    return name


def _diff(text: str) -> Iterator[tuple[str, list[_Hunk]]]:
    parts = re.split(r"^--- (.*)\n\+\+\+ (.*)\n", text, flags=re.MULTILINE)
    if len(parts) < 4:
        raise Malformed("a diff without its lines `--- a/PATH` and `+++ b/PATH`")
    for old, new, body in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        name = new if new.strip() != "/dev/null" else old
        name = name.split("\t")[0].strip()
        yield name[2:] if name[:2] in {"a/", "b/"} else name, _hunks(body)


def _hunks(body: str) -> list[_Hunk]:
    found: list[_Hunk] = []
    for part in re.split(r"^@@", body, flags=re.MULTILINE)[1:]:
        head, _, lines = part.partition("\n")
        near = re.search(r"-(\d+)", head)
        old: list[str] = []
        new: list[str] = []
        for line in lines.splitlines():
            sign, rest = line[:1] or " ", line[1:]
            if sign in " -":
                old.append(rest)
            if sign in " +":
                new.append(rest)
            if sign not in " +-\\":
                raise Malformed(f"a line of a diff that begins with neither space, + nor -: {line[:60]!r}")
        while old and new and not old[-1].strip() and not new[-1].strip():
            old.pop()
            new.pop()
        found.append(_Hunk(int(near[1]) - 1 if near else -1, tuple(old), tuple(new)))
    if not found:
        raise Malformed("a diff without a hunk")
    return found


def _applied(text: str, hunks: list[_Hunk], path: str) -> str:
    """The text with all hunks, each where its old lines are, nearest to the line that it names."""
    lines = text.splitlines()
    for hunk in hunks:
        size = len(hunk.old)
        fits = [i for i in range(len(lines) - size + 1) if tuple(lines[i : i + size]) == hunk.old]
        if not fits or (not size and text):
            shown = next((line for line in hunk.old if line.strip()), "")
            raise Malformed(
                f"a hunk does not fit {path}: its lines around {shown.strip()[:60]!r} are not there"
            )
        at = min(fits, key=lambda place: abs(place - hunk.near))
        lines[at : at + size] = hunk.new
    return "".join(f"{line}\n" for line in lines)
