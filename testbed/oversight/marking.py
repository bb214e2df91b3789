"""How a person sees a change and says which lines of it are wrong, whatever shows it to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from testbed.oversight.material import Mark


def numbered(shown: Mapping[str, Any]) -> dict[int, Mark]:
    """A number from 1 on for each line to be read: paths and places would be long to type."""
    places = [
        (file["path"], line["new"])
        for file in shown["files"]
        for hunk in file["hunks"]
        for line in hunk["lines"]
        if line.get("read")
    ]
    return dict(enumerate(places, 1))


def shown_lines(shown: Mapping[str, Any], lines: Mapping[int, Mark]) -> Iterator[tuple[str, int, str]]:
    """(kind, number or 0, text) of everything to be printed; kinds are file, gap, "+", "-" and " "."""
    numbers = {place: number for number, place in lines.items()}
    for file in shown["files"]:
        yield "file", 0, file["path"]
        for index, hunk in enumerate(file["hunks"]):
            if index:
                yield "gap", 0, "..."
            for line in hunk["lines"]:
                number = numbers[file["path"], line["new"]] if line.get("read") else 0
                yield line["kind"], number, line["text"]


def parsed(text: str, known: Collection[int]) -> list[int]:
    """Numbers and ranges such as "7 12-14". Raises ValueError that says what is wrong."""
    found: list[int] = []
    for word in text.replace(",", " ").split():
        first, dash, last = word.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise ValueError(f"{word!r} is no number")
        numbers = range(int(first), int(last or first) + 1)
        if not numbers or numbers[0] not in known or numbers[-1] not in known:
            raise ValueError(f"{word} is not among 1 to {max(known, default=0)}")
        found += numbers
    return list(dict.fromkeys(found))
