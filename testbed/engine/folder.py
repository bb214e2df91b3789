"""Where a run is kept."""

from __future__ import annotations

import contextlib
import os
from datetime import datetime
from pathlib import Path

RUNS = Path("runs")
LATEST = "latest"


def default_folder(name: str, digest: str, now: datetime) -> Path:
    """`runs/NAME/START-DIGEST`, under the working folder."""
    return RUNS / name / f"{now:%Y%m%d-%H%M%S}-{digest[:8]}"


def link_latest(folder: Path) -> None:
    """Points `latest` beside the run's folder to it; a file system without links goes without."""
    link, aside = folder.parent / LATEST, folder.parent / f".{LATEST}.{os.getpid()}"
    with contextlib.suppress(OSError):
        aside.symlink_to(folder.name)
        aside.replace(link)
