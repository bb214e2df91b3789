"""The command watch: follows a run from another terminal, without touching it."""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import click

from testbed.cli.progress import spoken
from testbed.ledger import Ledger
from testbed.ledger.store import LOCK

_REMEMBERED = 60  # looks that the pace is taken from


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one condition is: lineages that ended, generations made, of how many."""

    condition: int
    label: str
    lineages: int
    ended: int
    generations: int
    planned: int


@dataclass(frozen=True, slots=True)
class Look:
    """How far a run is. `running` tells whether a process writes to it."""

    running: bool
    conditions: tuple[Standing, ...]

    @property
    def done(self) -> int:
        """Generations made, those that ended lineages will not make included."""
        return sum(one.generations for one in self.conditions)

    @property
    def planned(self) -> int:
        """Generations in all."""
        return sum(one.planned for one in self.conditions)

    @property
    def finished(self) -> bool:
        """Whether every lineage has ended."""
        return all(one.ended == one.lineages for one in self.conditions)


def look(ledger: Ledger) -> Look:
    """Looks once."""
    from testbed.analysis.labels import labels

    reached, manifest = ledger.reached(), ledger.manifest
    found = []
    for one, label in zip(manifest["conditions"], labels(manifest["conditions"]), strict=True):
        index, cycles = one["index"], one["generations"]
        known = [reached.get((index, lineage)) for lineage in range(one["lineages"])]
        ended = sum(each is not None and each.ended for each in known)
        made = sum(cycles if each.ended else each.generation for each in known if each is not None)
        found.append(Standing(index, label, one["lineages"], ended, made, one["lineages"] * cycles))
    return Look(_written_to(ledger.folder), tuple(found))


def _written_to(folder: Path) -> bool:
    """Whether another process holds the run's lock."""
    try:
        handle = os.open(folder / LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


class Pace:
    """How long the rest takes at the pace of the last looks."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque(maxlen=_REMEMBERED)

    def left(self, now: float, one: Look) -> float:
        """Seconds; 0 while nothing is known."""
        self._seen.append((now, one.done))
        (begun, before), made = self._seen[0], one.done - self._seen[0][1]
        return (now - begun) / made * (one.planned - before - made) if made else 0.0


def lines(one: Look, left: float) -> Iterator[str]:
    """A look as plain lines."""
    width = max(len(each.label) for each in one.conditions)
    for each in one.conditions:
        share = each.generations / each.planned
        bar = f"{'#' * round(20 * share):.<20}"
        lineages = f"{each.ended} of {each.lineages} lineages ended"
        counts = f"{each.generations} of {each.planned} generations, {lineages}"
        yield f"c{each.condition}  {each.label:<{width}}  {bar}  {counts}"
    yield summary(one, left)


def summary(one: Look, left: float) -> str:
    """A look as one line."""
    told = f"{one.done} of {one.planned} generations"
    if one.finished:
        return f"{told}; finished"
    if not one.running:
        return f"{told}; nothing is running: go on with `testbed resume`"
    return f"{told}; about {spoken(left)} left" if left else told


class Shown(Protocol):
    """Where looks are shown."""

    def show(self, one: Look, left: float) -> None:
        """Shows a look."""
        ...

    def close(self) -> None:
        """No look follows."""
        ...


class Log:
    """A line where something has changed; nothing but text, so that a log can hold it."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._before: Look | None = None

    def show(self, one: Look, left: float) -> None:
        """A line, unless all is as it was."""
        if one == self._before:
            return
        self._before = one
        if self.as_json:
            body = {"done": one.done, "planned": one.planned, "finished": one.finished, **asdict(one)}
            click.echo(json.dumps(body, ensure_ascii=False))
        else:
            click.echo(summary(one, left))
        sys.stdout.flush()

    def close(self) -> None:
        """Nothing is open."""


class Screen:
    """The lines of a look, drawn over those of the one before."""

    def __init__(self) -> None:
        from rich.live import Live

        self._live = Live(auto_refresh=False)
        self._live.start()

    def show(self, one: Look, left: float) -> None:
        """Draws the look."""
        from rich.text import Text

        self._live.update(Text("\n".join(lines(one, left)), no_wrap=True, overflow="ellipsis"), refresh=True)

    def close(self) -> None:
        """Leaves the last look on the screen."""
        self._live.stop()


@click.command(epilog="Example: testbed watch runs/quickstart/latest")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--every", type=click.FloatRange(0.1, 3600), default=2.0, show_default=True, help="Seconds.")
@click.option("--once", is_flag=True, help="Look once, and end.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON whenever something has changed.")
@click.option("--quiet", is_flag=True, help="Only wait until it ends, and say how.")
def watch(folder: Path, every: float, once: bool, as_json: bool, quiet: bool) -> None:
    """Follow the run in DIR from another terminal until it ends or stops."""
    if once:
        _once(_looked(folder), as_json=as_json, quiet=quiet)
        return
    one = _looked(folder)  # a folder that is none is said before the screen is taken
    shown: Shown = Screen() if sys.stdout.isatty() and not as_json and not quiet else Log(as_json=as_json)
    pace = Pace()
    try:
        while True:
            over = one.finished or not one.running
            if over or not quiet:
                shown.show(one, pace.left(time.monotonic(), one))
            if over:
                return
            time.sleep(every)
            one = _looked(folder)
    except KeyboardInterrupt:
        return
    finally:
        shown.close()


def _looked(folder: Path) -> Look:
    """A look at the ledger as it is now; the plan may have grown since the last one."""
    ledger = Ledger.open(folder)
    try:
        return look(ledger)
    finally:
        ledger.close()


def _once(one: Look, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        Log(as_json=True).show(one, 0.0)
        return
    told = list(lines(one, 0.0))
    for line in told[-1:] if quiet else told:
        click.echo(line)
