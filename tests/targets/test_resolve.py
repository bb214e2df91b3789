"""How a target is found in a folder, and what is said when it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from testbed.conditions import TargetFactor
from testbed.errors import UserError
from testbed.targets import frozen_names, resolve

FLAT = {"sums/__init__.py": "x = 1\n", "sums/core.py": "y = 2\n", "tests/test_sums.py": "import sums\n"}


def tree(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(folder)


def test_a_flat_layout_is_found(tmp_path: Path) -> None:
    target = resolve(TargetFactor(name=tree(tmp_path, FLAT)))
    assert sorted(target.package_files) == ["sums/__init__.py", "sums/core.py"]
    assert list(target.static) == ["tests/test_sums.py"]
    assert target.tests == ("tests",)


def test_a_src_layout_is_found(tmp_path: Path) -> None:
    target = resolve(
        TargetFactor(name=tree(tmp_path, {"src/sums/__init__.py": "x = 1\n", "tests/test_a.py": ""}))
    )
    assert target.package == ("src/sums",)


def test_tests_inside_the_package_are_not_changed(tmp_path: Path) -> None:
    files = {"sums/__init__.py": "x = 1\n", "sums/tests/test_a.py": "z = 3\n"}
    target = resolve(TargetFactor(name=tree(tmp_path, files)))
    assert list(target.package_files) == ["sums/__init__.py"]
    assert target.tests == ("sums/tests",)


def test_a_single_module_is_found(tmp_path: Path) -> None:
    files = {"sums.py": "x = 1\n", "test_sums.py": "", "setup.py": "1/0\n"}
    target = resolve(TargetFactor(name=tree(tmp_path, files)))
    assert list(target.package_files) == ["sums.py"]
    assert target.tests == ("test_sums.py",)


def test_a_manifest_says_what_to_compare(tmp_path: Path) -> None:
    manifest = (
        'name = "sums"\nversion = "1"\npackage = ["sums"]\ntests = ["tests"]\n'
        '[[differential]]\nname = "all"\ngenerate = "d:make"\ncall = "d:run"\npublic = ["sums:x"]\n'
    )
    target = resolve(TargetFactor(name=tree(tmp_path, {**FLAT, "target.toml": manifest})))
    assert [(entry.name, entry.public) for entry in target.entries] == [("all", ("sums:x",))]


def test_names_in_tests_are_frozen(tmp_path: Path) -> None:
    test = "from sums import total\ndef test(m): m.setattr('sums.helper', None); m.attr\n"
    target = resolve(TargetFactor(name=tree(tmp_path, {**FLAT, "tests/test_b.py": test})))
    assert {"total", "helper", "attr", "sums"} <= frozen_names(target)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"sums/__init__.py": "x = 1\n"}, "no tests found"),
        ({"tests/test_a.py": ""}, "no package found"),
        ({"sums.py": "x = = 1\n", "test_sums.py": "import sums\n"}, "sums.py.*line 1"),
        ({**FLAT, "target.toml": "name = \n"}, "not TOML"),
        ({**FLAT, "target.toml": "[[differential]]\nname = 'a'\n"}, "lacks 'generate'"),
    ],
)
def test_what_is_no_target_is_told_in_one_line(tmp_path: Path, files: dict[str, str], said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        resolve(TargetFactor(name=tree(tmp_path, files)))
    assert "\n" not in caught.value.line()


def test_a_folder_that_does_not_exist_is_told() -> None:
    with pytest.raises(UserError, match="no target"):
        resolve(TargetFactor(name="/nowhere/at/all"))
