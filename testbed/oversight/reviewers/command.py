"""The reviewer that is a program of the user's own."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from testbed.conditions import OversightFactor
from testbed.errors import UserError
from testbed.oversight.material import Mark, located, material
from testbed.protocols import ReviewView

MOST_OUTPUT = 1 << 20
"""Bytes that the program may write."""


@dataclass(frozen=True, slots=True)
class CommandReviewer:
    """A program: gets the change as JSON on its standard input, answers findings by line as JSON."""

    factor: OversightFactor

    def read(self, view: ReviewView, rng: np.random.Generator) -> tuple[tuple[int, int | None], ...]:
        """What the program reports. Raises UserError for everything that is no answer."""
        if not view.lines:
            return ()
        said = self._run(json.dumps(material(view), ensure_ascii=False).encode())
        try:
            return located(view, _marks(said))
        except ValueError as problem:
            raise self._error(str(problem), 'findings name lines that have "read": true') from None

    def _run(self, request: bytes) -> bytes:
        if not self.factor.command:
            raise self._error("no program is given", 'such as command = ["python3", "review.py"]')
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            given.write(request)
            given.seek(0)
            code = self._wait(given, out, err)
            answer, trouble = _start(out), _start(err).decode(errors="replace").strip()
        if len(answer) >= MOST_OUTPUT:
            raise self._error(f"wrote more than {MOST_OUTPUT:,} bytes", "answer only findings")
        if code:
            last = trouble.splitlines()[-1:] or ["nothing on its standard error"]
            ended = f"ended by signal {-code}" if code < 0 else f"ended with code {code}"
            raise self._error(f"{ended}: {last[0][:200]}", "it must end with 0")
        return answer

    def _wait(self, given: BinaryIO, out: BinaryIO, err: BinaryIO) -> int:
        """Runs the program to its end, or to that of its time; whatever it started goes with it."""
        try:
            process = subprocess.Popen(
                self.factor.command, stdin=given, stdout=out, stderr=err, start_new_session=True
            )
        except OSError as problem:
            raise self._error(
                f"cannot be started ({problem.strerror})", "give a program that is there"
            ) from None
        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (MOST_OUTPUT, MOST_OUTPUT))
        try:
            return process.wait(self.factor.command_seconds)
        except subprocess.TimeoutExpired:
            limit = f"{self.factor.command_seconds:g} seconds"
            raise self._error(f"did not answer within {limit}", "see oversight.command_seconds") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _error(self, what: str, remedy: str) -> UserError:
        return UserError(
            what, where=f"oversight.command {' '.join(self.factor.command)}".strip(), remedy=remedy
        )


def _start(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(MOST_OUTPUT)


def _marks(said: bytes) -> list[Mark]:
    """The lines that an answer names. Raises ValueError that says what is wrong with it."""
    try:
        answer = json.loads(said)
    except ValueError:
        text = said.decode(errors="replace").strip()
        raise ValueError(f"answered no JSON: {text[:80] or 'nothing'}") from None
    if not isinstance(answer, dict) or not isinstance(answer.get("findings"), list):
        raise ValueError('answered no object with a list "findings"')
    return [_mark(index, finding) for index, finding in enumerate(answer["findings"], 1)]


def _mark(index: int, finding: Any) -> Mark:
    if isinstance(finding, dict):
        path, line = finding.get("path"), finding.get("line")
        if isinstance(path, str) and isinstance(line, int) and not isinstance(line, bool):
            return path, line
    raise ValueError(f'finding {index} lacks a "path" (text) or a "line" (whole number)')
