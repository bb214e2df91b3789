"""pip, run as the user would run it: with their configuration, index and proxy."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from testbed.errors import UserError

_SECONDS = 1800.0
_QUIETLY = {
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
    "PIP_PROGRESS_BAR": "off",
    "NO_COLOR": "1",
    "PIP_USER": "0",
}
_NOISE = re.compile(
    r"^(\[notice\]|note:|hint:|warning:|deprecation:|error: subprocess-exited|\[end of output\]"
    r"|removed build tracker)",
    re.I,
)
_DECORATION = " \t│╰─>×|"
_ERROR = re.compile(r"^error: *", re.I)


@dataclass(frozen=True, slots=True)
class Answer:
    """How pip ended, and what it printed."""

    code: int
    output: str

    def last_line(self) -> str:
        """The line that says what went wrong: the last error of pip's own, else the last one at all."""
        lines = [line.strip(_DECORATION) for line in self.output.splitlines()]
        lines = [line for line in lines if line and not _NOISE.match(line)]
        errors = [line for line in lines if _ERROR.match(line) and not line.endswith("Exception:")]
        return _ERROR.sub("", (errors or lines or ["it said nothing"])[-1])[:300]


def own_pip() -> list[str]:
    """The pip of the Python that runs the testbed."""
    return [sys.executable, "-P", "-m", "pip"]


def pip_of(python: str) -> list[str]:
    """The pip of another Python, with nothing of the working folder on its path."""
    return [python, "-I", "-m", "pip"]


def run(pip: Sequence[str], arguments: Sequence[str]) -> Answer:
    """Runs pip to its end. Raises UserError where there is none, or it does not end within half an hour."""
    try:
        done = subprocess.run(
            [*pip, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **_QUIETLY},
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UserError(f"pip did not end within {_SECONDS / 60:.0f} minutes", where=arguments[0]) from None
    output = done.stdout.decode(errors="replace")
    if done.returncode and "No module named pip" in output:
        raise UserError(f"{pip[0]} has no pip", remedy=f"run `{pip[0]} -m ensurepip`")
    return Answer(done.returncode, output)
