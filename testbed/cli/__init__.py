"""The command line: arguments and exit codes; one call per command.

Each command is a `click` command in a module of this package and is listed once in COMMANDS.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from testbed import __version__
from testbed.cli import (
    catalogue,
    comparing,
    doctor,
    evaluate,
    export,
    gate,
    ledgers,
    modifiers,
    outside,
    planning,
    recursion,
    review,
    reviewers,
    runs,
    soundness,
    targets,
    tracing,
    verify,
    watching,
)
from testbed.errors import EXIT_STOPPED, EXIT_TESTBED, EXIT_USER, Stopped, TestbedError, UserError

COMMANDS: tuple[click.Command, ...] = (
    runs.run,
    runs.resume,
    review.review,
    runs.init,
    ledgers.report,
    ledgers.show,
    export.export,
    planning.tune,
    planning.forecast,
    gate.gate,
    comparing.compare,
    watching.watch,
    catalogue.injectors,
    modifiers.modifiers,
    reviewers.reviewers,
    soundness.soundness,
    recursion.recursion,
    outside.outside,
    tracing.tracing,
    targets.targets,
    doctor.doctor,
    verify.verify,
    evaluate.evaluate,
)


class _Commands(click.Group):
    def invoke(self, context: click.Context) -> Any:
        """Click's own way with Ctrl-C ends with exit code 1, which says here that a gate was not passed."""
        try:
            return super().invoke(context)
        except KeyboardInterrupt:
            raise Stopped from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="testbed")
def cli() -> None:
    """How many flaws survive and grow when an automated modifier improves a codebase cycle after cycle."""


for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    """The `testbed` command: 0 done, 1 a gate not passed, 2 a mistake of the user's, 3 the testbed's own."""
    try:
        cli(prog_name="testbed")
    except UserError as problem:
        for line in problem.lines():
            print(f"testbed: {line}", file=sys.stderr)
        sys.exit(EXIT_USER)
    except Stopped as stop:
        print(f"testbed: {stop.line()}", file=sys.stderr)
        sys.exit(EXIT_STOPPED)
    except TestbedError as problem:
        print(f"testbed: {problem}; this is a fault of the testbed", file=sys.stderr)
        sys.exit(EXIT_TESTBED)
