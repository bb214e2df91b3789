"""The testbed's own code under a run: an editable install can change while lineages are at work.

Lineage processes and workers are started over and over, and each reads the code as it then is. What
follows from a change, an error or facts by two versions, is told by its cause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from testbed.engine.manifest import source_digest
from testbed.errors import TestbedError, UserError

_CHANGED = "the testbed's own code changed while the campaign ran"


@contextmanager
def same_source(folder: Path, warned: Callable[[str], None]) -> Iterator[None]:
    """Says so where the code is another one at the end; an error of the testbed is the change's, then."""
    before = source_digest()
    try:
        yield
    except UserError:
        raise
    except TestbedError as problem:
        if source_digest() == before:
            raise
        last = str(problem).strip().rpartition("\n")[2]
        raise UserError(
            f"{_CHANGED}, and a lineage failed ({last[:120]})",
            where=str(folder),
            remedy=f"go on with `testbed resume {folder}`, from an install without -e",
        ) from problem
    if source_digest() != before:
        warned(f"{_CHANGED}: facts may be by two versions; an install without -e stays as it is")
