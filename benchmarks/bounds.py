"""What one fork and each test of a suite take in plain pytest: `PYTHON bounds.py ARGUMENTS OF PYTEST`.

Prints JSON: `fork`, the CPU seconds of a fork of the process with the suite collected and of its end;
`tests`, the CPU seconds of each test, the smallest of three runs.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import pytest

FORKS = 100


class Bounds:
    """A plugin that measures in place of running."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}

    def pytest_runtestloop(self, session: Any) -> bool:
        """Measures forks, then every test three times."""
        self.found["fork"] = _fork()
        tests: dict[str, float] = {}
        for _ in range(3):
            for at, item in enumerate(session.items):
                following = session.items[at + 1] if at + 1 < len(session.items) else None
                begun = time.process_time()
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                tests[item.nodeid] = min(tests.get(item.nodeid, 1e9), time.process_time() - begun)
        self.found["tests"] = tests
        return True


def _fork() -> float:
    def used() -> float:
        both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(each.ru_utime + each.ru_stime for each in both)

    begun = used()
    for _ in range(FORKS):
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
    return (used() - begun) / FORKS


def main() -> None:
    """Measures the suite in the working folder."""
    sys.path.insert(0, str(Path.cwd()))
    bounds = Bounds()
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    pytest.main(
        ["-q", "-p", "no:cacheprovider", "-o", "addopts=", "--tb=no", *sys.argv[1:]], plugins=[bounds]
    )
    os.write(out, json.dumps(bounds.found).encode())


if __name__ == "__main__":
    main()
