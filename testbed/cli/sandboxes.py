"""The option that says in which sandbox code under test runs."""

from __future__ import annotations

import os

import click

from testbed.sandbox import NAMES, VARIABLE

STRONGEST = "strongest"


def _use(context: click.Context, option: click.Parameter, name: str | None) -> None:
    """Makes it the sandbox of this command and of every process that it starts."""
    if name == STRONGEST:
        from testbed.sandbox import strongest

        name = strongest()
    if name is not None:
        os.environ[VARIABLE] = name


SANDBOX = click.option(
    "--sandbox",
    type=click.Choice([*NAMES, STRONGEST]),
    callback=_use,
    expose_value=False,
    help=f"Where code under test runs [default: {NAMES[0]}, or what {VARIABLE} says].",
)
