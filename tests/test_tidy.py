"""The shape of the code: imports point one way, modules are small, nothing names a machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("testbed", "injectors", "reports", "target_systems")
MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
LONGEST = 420

# (who, may not import): the parts know each other one way only.
ONE_WAY = (
    ("target_systems", ("testbed", "injectors", "reports")),
    ("injectors", ("reports", "testbed.lineage", "testbed.engine", "testbed.cli", "testbed.ledger")),
    ("reports", ("testbed.lineage", "testbed.engine", "testbed.evaluator", "testbed.cli", "injectors")),
    ("testbed/analysis", ("reports", "injectors", "testbed.lineage", "testbed.engine", "testbed.cli")),
    ("testbed/ledger", ("reports", "injectors", "testbed.lineage", "testbed.engine", "testbed.cli")),
    ("testbed/lineage", ("reports", "testbed.engine", "testbed.cli", "testbed.executors")),
    ("testbed/schema", ("reports", "injectors", "testbed.lineage", "testbed.engine", "testbed.evaluator")),
    ("testbed/modifiers", ("reports", "injectors", "testbed.lineage", "testbed.engine", "testbed.evaluator")),
    ("testbed/evaluator", ("reports", "injectors", "testbed.lineage", "testbed.engine", "testbed.cli")),
    ("testbed/targets", ("reports", "injectors", "testbed.lineage", "testbed.engine", "testbed.cli")),
    ("testbed/campaign", ("reports", "injectors", "testbed.lineage", "testbed.engine", "testbed.cli")),
    ("testbed/engine", ("reports", "testbed.cli")),
)


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(
    ("who", "others"), ONE_WAY, ids=lambda value: value if isinstance(value, str) else ""
)
def test_imports_point_one_way(who: str, others: tuple[str, ...]) -> None:
    for path in (ROOT / who).rglob("*.py"):
        for name in imported(path):
            wrong = [other for other in others if name == other or name.startswith(f"{other}.")]
            assert not wrong, f"{path.relative_to(ROOT)} imports {name}"


def test_the_worker_needs_nothing_but_the_standard_library() -> None:
    for path in (ROOT / "testbed" / "worker").glob("*.py"):
        for name in imported(path):
            assert name.partition(".")[0] not in PACKAGES, f"{path.name} imports {name}"


def test_the_command_line_starts_without_what_only_some_commands_need() -> None:
    heavy = {"pandas", "scipy", "libcst", "jinja2", "vl_convert", "dask", "hypothesis", "pytest", "mutmut"}
    said = "import sys, testbed.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout
    assert "testbed.cli" in loaded.split()
    assert not heavy.intersection(loaded.split())


def test_most_modules_are_small() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in MODULES}
    assert [path for path, length in lengths.items() if length > LONGEST] == []


@pytest.mark.parametrize("pattern", [r"/work/", r"/root/", r"file:///opt"])
def test_nothing_names_the_machine_that_it_was_made_on(pattern: str) -> None:
    files = [*MODULES, *ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("*.lock")]
    files += [ROOT / "pyproject.toml", ROOT / "Dockerfile"]
    for path in files:
        assert not re.search(pattern, path.read_text()), path.relative_to(ROOT)


def test_the_locks_have_no_registry_in_them() -> None:
    for path in ROOT.glob("*.lock"):
        assert "://" not in path.read_text(), path.name


@pytest.mark.parametrize(
    ("lock", "extras"), [("requirements.lock", ()), ("requirements-test.lock", ("test",))]
)
def test_the_locks_have_every_dependency(lock: str, extras: tuple[str, ...]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"]]
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    names = {re.split(r"[^A-Za-z0-9_.-]", each)[0].lower() for each in wanted}
    locked = set(re.findall(r"^([A-Za-z0-9_.-]+)==", (ROOT / lock).read_text(), re.MULTILINE))
    assert names <= locked


def test_what_the_image_installs_is_what_the_tests_ran_with() -> None:
    """The Dockerfile installs one lock with the other as its constraint."""
    locked = {
        path.name: dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", path.read_text(), re.MULTILINE))
        for path in ROOT.glob("*.lock")
    }
    ours, tested = locked["requirements.lock"], locked["requirements-test.lock"]
    assert ours
    assert {
        name: (version, tested.get(name)) for name, version in ours.items() if tested.get(name) != version
    } == {}
