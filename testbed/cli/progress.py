"""How a run shows itself: a bar on a terminal, plain lines elsewhere, nothing when quiet. All on stderr."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, TextIO

from testbed.engine.watcher import Watcher

if TYPE_CHECKING:
    from testbed.engine.work import Job
    from testbed.lineage import Batch

_EVERY = 10.0  # seconds between two plain lines


class Display(Watcher, Protocol):
    """A watcher that is opened and closed."""

    def __enter__(self) -> Display: ...

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def display(*, quiet: bool, as_json: bool = False) -> Display:
    """The display for where stderr goes."""
    if quiet:
        return Quiet()
    if as_json:
        return Json(sys.stderr)
    return Bar() if sys.stderr.isatty() else Lines(sys.stderr)


def spoken(seconds: float) -> str:
    """A length of time as a person says it: 8 s, 3 min, 2.5 h."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class _Pace:
    """Counts generations, and how long the rest will take at the pace so far."""

    def __init__(self) -> None:
        self.total = self.done = self._before = 0
        self._begun = time.monotonic()
        self._counted: dict[tuple[int, int], int] = {}

    def begin(self, total: int, done: int) -> None:
        self.total, self.done, self._before = total, done, done
        self._begun = time.monotonic()

    def advance(self, job: Job, batch: Batch, generations: int) -> int:
        """How much to count for a batch: a lineage that ended early counts with all its generations."""
        step = generations - batch.generation + 1 if batch.ended else 1
        self.done += step
        return step

    def left(self) -> float:
        """Seconds until the end, 0 while nothing is known."""
        made = self.done - self._before
        return (time.monotonic() - self._begun) / made * (self.total - self.done) if made else 0.0


class Quiet:
    """Says only what changes how results must be read."""

    def __enter__(self) -> Quiet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing was opened."""

    def examining(self, target: str) -> None:
        """Says nothing."""

    def began(self, folder: Path, generations: int, done: int) -> None:
        """Says nothing."""

    def advanced(self, job: Job, batch: Batch, generations: int) -> None:
        """Says nothing."""

    def warned(self, text: str) -> None:
        """One line."""
        print(f"testbed: {text}", file=sys.stderr)


class Lines(Quiet):
    """A line every ten seconds, without control characters: for logs."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.pace = _Pace()
        self._said = 0.0

    def examining(self, target: str) -> None:
        """One line."""
        self._say(f"examining {target} with nothing seeded")

    def began(self, folder: Path, generations: int, done: int) -> None:
        """One line."""
        self.pace.begin(generations, done)
        self._said = time.monotonic()
        more = f", {done} of them made before" if done else ""
        self._say(f"{generations} generations to make{more}; facts go to {folder}")

    def advanced(self, job: Job, batch: Batch, generations: int) -> None:
        """At most one line in ten seconds, and one at the end."""
        self.pace.advance(job, batch, generations)
        now = time.monotonic()
        if now - self._said < _EVERY and self.pace.done < self.pace.total:
            return
        self._said = now
        rest = f"; about {spoken(self.pace.left())} left" if self.pace.done < self.pace.total else ""
        self._say(
            f"{self.pace.done} of {self.pace.total} generations, last condition {job.condition} "
            f"lineage {job.lineage} generation {batch.generation} with {batch.live} live faults{rest}"
        )

    def _say(self, text: str) -> None:
        print(text, file=self.out, flush=True)


class Json(Quiet):
    """A line of JSON for each generation, for programs."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.pace = _Pace()

    def examining(self, target: str) -> None:
        """One line."""
        self._say(event="examining", target=target)

    def began(self, folder: Path, generations: int, done: int) -> None:
        """One line."""
        self.pace.begin(generations, done)
        self._say(event="began", folder=str(folder), generations=generations, done=done)

    def advanced(self, job: Job, batch: Batch, generations: int) -> None:
        """One line."""
        self.pace.advance(job, batch, generations)
        place = {"condition": job.condition, "lineage": job.lineage, "generation": batch.generation}
        counts = {"live": batch.live, "done": self.pace.done, "of": self.pace.total}
        self._say(event="generation", **place, **counts, seconds_left=round(self.pace.left(), 1))

    def warned(self, text: str) -> None:
        """One line."""
        self._say(event="warning", text=text)

    def _say(self, **body: object) -> None:
        print(json.dumps(body, ensure_ascii=False), file=self.out, flush=True)


class Bar(Quiet):
    """A bar that says what is running and how long it will take."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

        self.pace = _Pace()
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=None, left="")
        self._shown: dict[tuple[int, int], str] = {}

    def __enter__(self) -> Bar:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def examining(self, target: str) -> None:
        """Shown in place of the bar's name."""
        self._bar.update(self._task, description=f"examining {target} with nothing seeded")

    def began(self, folder: Path, generations: int, done: int) -> None:
        """Starts the bar."""
        self.pace.begin(generations, done)
        self._bar.update(self._task, description="generations", total=generations, completed=done)

    def advanced(self, job: Job, batch: Batch, generations: int) -> None:
        """Moves the bar; names the lineages that are running."""
        self.pace.advance(job, batch, generations)
        self._shown.pop(job.key, None)
        if not batch.ended:
            self._shown[job.key] = f"c{job.condition}.l{job.lineage} g{batch.generation} ({batch.live} live)"
        running = ", ".join(list(self._shown.values())[-2:])
        left = f"about {spoken(self.pace.left())} left"
        self._bar.update(
            self._task, completed=self.pace.done, description=running or "generations", left=left
        )

    def warned(self, text: str) -> None:
        """One line above the bar."""
        self._bar.console.print(f"testbed: {text}", highlight=False, markup=False)
