"""The option that says where lineages run."""

from __future__ import annotations

import os

import click


def _use(context: click.Context, option: click.Parameter, name: str | None) -> None:
    """Makes it the executor of this command."""
    if name is not None:
        from testbed.executors.choose import VARIABLE, check

        os.environ[VARIABLE] = check(name)


EXECUTOR = click.option(
    "--executor",
    metavar="WHERE",
    callback=_use,
    expose_value=False,
    help="local, or dask://HOST:PORT for the workers of a Dask scheduler [default: local].",
)
