"""How many processors this process may use: affinity and the container's limit count."""

from __future__ import annotations

import math
import os
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")


def available(cgroups: Path = _CGROUPS) -> int:
    """Processors for workers, at least 1. A share of a processor counts as a whole one."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = _limit(cgroups)
    return max(1, min(allowed, math.ceil(limit)) if limit else allowed)


def _limit(cgroups: Path) -> float:
    """The container's limit in processors (cgroup version 2, then 1); 0 when there is none."""
    try:
        quota, period = (cgroups / "cpu.max").read_text().split()
        return 0.0 if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError):
        pass
    try:
        quota_us = int((cgroups / "cpu" / "cpu.cfs_quota_us").read_text())
        period_us = int((cgroups / "cpu" / "cpu.cfs_period_us").read_text())
        return quota_us / period_us if quota_us > 0 else 0.0
    except (OSError, ValueError, ZeroDivisionError):
        return 0.0
