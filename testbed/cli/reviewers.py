"""The command that lists the reviewers."""

from __future__ import annotations

import click


@click.command(epilog="Example: testbed reviewers")
def reviewers() -> None:
    """List the reviewers that `oversight.reviewer` may name.

    Those of plug-ins come last, with their distribution. One with problems is named with all of them,
    and the command exits with 2.
    """
    from testbed.errors import UserErrors
    from testbed.oversight.reviewers import built_in, reviewer_plugins

    for name, maker in built_in().items():
        click.echo(f"{name:12}{(maker.__doc__ or '').strip().partition(chr(10))[0]}")
    for plugin in reviewer_plugins():
        if plugin.part is not None and not plugin.problems:
            said = (plugin.part.__doc__ or "").strip().partition("\n")[0]
            click.echo(f"{plugin.name:12}{said} (from {plugin.origin})")
    problems = [problem for plugin in reviewer_plugins() for problem in plugin.problems]
    if problems:
        raise UserErrors(problems)
