"""Starts the zygote: `PYTHON -B <this folder> FD SCRATCH`; or `inputs FILE`, for checking: see inputs.py.

The folder is taken off `sys.path` and the package gets a private name, so that nothing of it can be
imported by accident and no name collides with the target's.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys

PRIVATE = "_testbed_worker"


def register(folder: str) -> None:
    """Makes the package in `folder` importable under its private name."""
    spec = importlib.util.spec_from_file_location(
        PRIVATE, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    if spec is None or spec.loader is None:
        raise ImportError(folder)
    module = importlib.util.module_from_spec(spec)
    sys.modules[PRIVATE] = module
    spec.loader.exec_module(module)


def _start() -> None:
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != folder]
    register(folder)
    if sys.argv[1] == "inputs":
        importlib.import_module(PRIVATE + ".inputs").run_inputs(sys.argv[2])
    importlib.import_module(PRIVATE + ".zygote").main(int(sys.argv[1]), sys.argv[2])


if __name__ == "__main__":
    _start()
