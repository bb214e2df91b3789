"""The command that says what works on this machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict

import click

from testbed.errors import EXIT_USER

_COLOURS = {"ok": "green", "limited": "yellow", "missing": "red"}
SCHEMA = 1


@click.command(epilog="Example: testbed doctor --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--index", is_flag=True, help="Also ask pip's package index whether it answers.")
def doctor(as_json: bool, index: bool) -> None:
    """Say what works on this machine, what is missing, what that means and what to do.

    Exit code 0 when a campaign can run here, 2 when not.
    """
    from testbed import machine

    found = []
    for check in machine.checks(index=index):
        found.append(check)
        if not as_json:
            click.echo("\n".join(_lines(check)))
    good = machine.ready(found)
    if as_json:
        facts = {"schema": SCHEMA, "ready": good, "checks": [asdict(check) for check in found]}
        click.echo(json.dumps(facts, indent=2))
    else:
        click.echo("ready: campaigns can run here" if good else "not ready: see what is missing above")
    if not good:
        sys.exit(EXIT_USER)


def _lines(check: object) -> Iterator[str]:
    from testbed.machine import Check

    assert isinstance(check, Check)
    state = click.style(f"{check.state:8}", fg=_COLOURS[check.state])
    yield f"{state} {check.name:14} {check.found}"
    why = "; ".join(filter(None, (check.means, check.remedy)))
    if why:
        yield f"{'':8} {'':14} {why}"
