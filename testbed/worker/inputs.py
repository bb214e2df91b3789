"""Differential inputs the slow way: on materialised source, in a process and a folder of their own.

pytest is loaded, as it is wherever a campaign runs something, or it is not: what behaves only under
inspection cannot tell such a process from any other use of the program.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any, NoReturn

from .differential import EmptyFolders, Entries
from .guards import Guard
from .system import limit_resources, seed_everything


def run_inputs(path: str) -> NoReturn:
    """Runs the differential inputs of the request in file `path`, a line of results for each."""
    with open(path, encoding="ascii") as file:
        request = json.load(file)
    if request["inspected"]:
        importlib.import_module("pytest")
    root = request["root"]
    os.chdir(root)
    sys.path[:0] = [root, *(os.path.join(root, path) for path in request["paths"] if path)]
    Guard(frozenset(), 1 << 60, lambda seen: None).install()
    entries = Entries(request["entries"], request["carved"])
    limit_resources(request["memory_mib"])
    own = ((os.environ["TMPDIR"], "tmp"), (os.environ["HOME"], "home"))
    folders = EmptyFolders(request["work"])
    with open(request["results"], "a", encoding="ascii", buffering=1) as results:

        def write(**line: Any) -> None:
            results.write(json.dumps(line) + "\n")

        write(collected=len(request["tests"]))
        for test in request["tests"]:
            write(start=test)
            hidden = ((folders.enter(), "work"), *own, (root, "root"))
            seed_everything()
            write(test=test, verdict=entries.run(test, hidden)["d"] if entries.knows(test) else "error")
        write(finished=1)
    os._exit(0)
