"""An index without a network: small distributions made by hand in a folder that pip is told to look in."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

BACKEND = """
import os
def get_requires_for_build_wheel(settings=None): return []
def prepare_metadata_for_build_wheel(folder, settings=None):
    name = "{name}-{version}.dist-info"
    os.mkdir(os.path.join(folder, name))
    with open(os.path.join(folder, name, "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    return name
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "own_backend"
backend-path = ["."]
[project]
name = "{name}"
version = "{version}"
"""
SUMS = {"sums/__init__.py": "def add(a, b):\n    return a + b\n"}
TESTS = {"tests/test_sums.py": "import sums\ndef test_add():\n    assert sums.add(1, 2) == 3\n"}


def offline(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Lets pip look in `folder` alone, whatever this machine's configuration says; the cache is in it."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("TESTBED_CACHE", str(folder / "cache"))


def sdist(folder: Path, name: str, version: str, files: Mapping[str, str]) -> Path:
    """A source distribution with a build backend of its own that needs nothing."""
    path = folder / f"{name}-{version}.tar.gz"
    more = {"pyproject.toml": PYPROJECT, "own_backend.py": BACKEND, "PKG-INFO": PKG_INFO}
    with tarfile.open(path, "w:gz") as tar:
        for file, text in {**files, **more}.items():
            if file in more:
                text = text.replace("{name}", name).replace("{version}", version)
            info = tarfile.TarInfo(f"{name}-{version}/{file}")
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return path


PKG_INFO = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


def wheel(folder: Path, name: str, version: str) -> Path:
    """A wheel with one module that knows its version."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr(f"{name}.py", f"__version__ = {version!r}\n")
        zipped.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        zipped.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        zipped.writestr(f"{info}/RECORD", "")
    return path
