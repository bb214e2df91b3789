"""The command export: a run in the formats of others."""

from __future__ import annotations

from pathlib import Path

import click

from testbed import whole
from testbed.errors import UserError
from testbed.ledger import Ledger

NAMES = (
    "facts",
    "summary",
    "csv",
    "parquet",
    "junit",
    "sarif",
    "markdown",
    "mutation",
    "openmetrics",
    "inspect",
)


@click.command(epilog="Example: testbed export runs/quickstart/latest --format sarif --out testbed.sarif")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "name",
    type=click.Choice(NAMES),
    default="facts",
    show_default=True,
    help="See docs/exports.md.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="A file; for csv, parquet and inspect a folder [default: DIR].",
)
@click.option(
    "--root", default="", metavar="PATH", help="Where the target lies in your repository, for SARIF."
)
def export(folder: Path, name: str, out: Path | None, root: str) -> None:
    """Write the run in DIR in another FORMAT, to standard output or to --out.

    The default, facts, is canonical JSON lines: equal campaigns and seeds give equal bytes.
    """
    from reports.exports import FORMATS, given

    ledger = Ledger.open(folder)
    form = FORMATS[name]
    if form.alone and out is None:
        for line in ledger.lines() if name == "facts" else _texts(form.files(given(ledger, root))):
            click.echo(line)
        return
    files = form.files(given(ledger, root))
    try:
        if form.alone and out is not None:
            out.parent.mkdir(parents=True, exist_ok=True)
            (content,) = files.values()
            _write(out, content)
            return
        place = out or folder
        place.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            _write(place / file, content)
    except OSError as problem:
        raise UserError(f"cannot be written ({problem.strerror})", where=str(problem.filename)) from None


def _texts(files: object) -> list[str]:
    assert isinstance(files, dict)
    return [str(content).removesuffix("\n") for content in files.values()]


def _write(path: Path, content: str | bytes) -> None:
    whole.write(path, content)
    click.echo(f"written: {path}", err=True)
