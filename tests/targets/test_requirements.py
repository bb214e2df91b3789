"""What is installed for a target's tests: what its own files ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from testbed.targets.project import Project
from testbed.targets.requirements import asked


def project(folder: Path, files: dict[str, str]) -> tuple[str, ...]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return asked(Project(folder))


PROJECT = '[project]\nname = "sums"\ndependencies = ["numpy>=1"]\n'
EXTRAS = PROJECT + "[project.optional-dependencies]\n"
GROUPS = """[dependency-groups]
test = ["a", {include-group = "more"}]
more = ["b", {include-group = "test"}]
"""
SETUP_CFG = """[options]
install_requires =
  a
  b; python_version<'4'
[options.extras_require]
testing = c
"""
LINES = """# x
a==1 # why
-r more/base.txt
-e .
--pre
"""
HASHES = """a==1 \\
  --hash=sha256:00 \\
  --hash=sha256:11
"""
DYNAMIC = """[tool.setuptools.dynamic]
dependencies = {file = ["req.in"]}
"""
POETRY = """[tool.poetry.dependencies]
python = "^3.9"
a = "^1.2"
b = {version = "*", optional = true}
[tool.poetry.group.test.dependencies]
c = ">=1,<2"
d = "1.5"
"""
PKG_INFO = """Metadata-Version: 2.1
Name: sums
Requires-Dist: a (>=1)
Requires-Dist: b; extra == 'test'
Requires-Dist: c; (python_version < '4') and extra == 'docs'
"""
CASES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "dependencies": ({"pyproject.toml": PROJECT}, ("numpy>=1",)),
    "the test extra, not docs or dev": (
        {"pyproject.toml": EXTRAS + "test = ['a']\ndocs = ['sphinx']\ndev = ['b']\n"},
        ("a", "numpy>=1"),
    ),
    "dev where there is no test extra": ({"pyproject.toml": EXTRAS + "dev = ['b']\n"}, ("b", "numpy>=1")),
    "an extra that names another one": (
        {"pyproject.toml": EXTRAS + "dev = ['c', 'Sums[fast]']\nfast = ['d']\n"},
        ("c", "d", "numpy>=1"),
    ),
    "groups that include each other": ({"pyproject.toml": GROUPS}, ("a", "b")),
    "setup.cfg": ({"setup.cfg": SETUP_CFG}, ("a", "b; python_version<'4'", "c")),
    "a file that includes another": (
        {"requirements-test.txt": LINES, "more/base.txt": "b\n./c\n"},
        ("a==1", "b"),
    ),
    "hashes": ({"requirements-test.txt": HASHES}, ("a==1",)),
    "a file for each Python": (
        {"requirements-tests37.txt": "a==1\n", "requirements-tests310.txt": "a==2\n"},
        ("a==2",),
    ),
    "a file for developers": ({"requirements/dev.txt": "a\n"}, ("a",)),
    "a file that pyproject names": ({"pyproject.toml": DYNAMIC, "req.in": "a\n"}, ("a",)),
    "poetry": ({"pyproject.toml": POETRY}, ("a>=1.2", "c>=1,<2", "d==1.5")),
    "published metadata": ({"PKG-INFO": PKG_INFO}, ("a (>=1)", "b")),
    "what is broken": ({"pyproject.toml": "not = toml = at all"}, ()),
    "nothing": ({}, ()),
}


@pytest.mark.parametrize(("files", "found"), CASES.values(), ids=CASES)
def test_requirements_are_read_where_projects_write_them(
    tmp_path: Path, files: dict[str, str], found: tuple[str, ...]
) -> None:
    assert project(tmp_path, files) == found
