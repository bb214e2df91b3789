"""Where packages and tests are found, in trees like those of real projects."""

from __future__ import annotations

from pathlib import Path

import pytest

from testbed.conditions import TargetFactor
from testbed.errors import UserError
from testbed.targets import Target, resolve

ONE = "x = 1\n"
TEST = "def test(): pass\n"


def tree(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def found(folder: Path, files: dict[str, str], **levels: tuple[str, ...]) -> Target:
    return resolve(TargetFactor(name=str(tree(folder, files)), **levels))  # type: ignore[arg-type]


def named(name: str) -> str:
    return f'[project]\nname = "{name}"\nversion = "3"\n'


LAYOUTS: dict[str, tuple[dict[str, str], tuple[str, ...], tuple[str, ...]]] = {
    "flat": ({"a/__init__.py": ONE, "docs/conf.py": ONE, "examples/__init__.py": ONE}, ("a",), ("",)),
    "several packages": ({"a/__init__.py": ONE, "b/__init__.py": ONE}, ("a", "b"), ("",)),
    "src": ({"src/a/__init__.py": ONE, "other/__init__.py": ONE}, ("src/a",), ("", "src")),
    "a module in src": ({"src/a.py": ONE}, ("src/a.py",), ("", "src")),
    "a module": ({"a.py": ONE, "setup.py": ONE, "noxfile.py": ONE}, ("a.py",), ("",)),
    "a module beside a package": (
        {"a.py": ONE, "_a/__init__.py": ONE, "pyproject.toml": named("a")},
        ("_a", "a.py"),
        ("",),
    ),
    "a namespace in src": (
        {"src/ns/a/__init__.py": ONE, "src/ns/a/b/__init__.py": ONE},
        ("src/ns/a",),
        ("", "src"),
    ),
    "a flat namespace": (
        {"ns/a/__init__.py": ONE, "pyproject.toml": named("ns.a"), "site/a/__init__.py": ONE},
        ("ns/a",),
        ("",),
    ),
    "a package called like what is left out elsewhere": (
        {"tools/__init__.py": ONE, "pyproject.toml": named("Tools")},
        ("tools",),
        ("",),
    ),
    "listed by setuptools": (
        {"a/__init__.py": ONE, "b/__init__.py": ONE, "x.egg-info/top_level.txt": "b\n"},
        ("b",),
        ("",),
    ),
    "a folder that setup.cfg names": (
        {"code/a/__init__.py": ONE, "setup.cfg": "[options]\npackage_dir =\n  =code\n"},
        ("code/a",),
        ("", "code"),
    ),
    "a folder that pyproject names": (
        {"code/a/__init__.py": ONE, "pyproject.toml": '[tool.setuptools.packages.find]\nwhere = ["code"]\n'},
        ("code/a",),
        ("", "code"),
    ),
}


@pytest.mark.parametrize(("files", "package", "paths"), LAYOUTS.values(), ids=LAYOUTS)
def test_packages_are_found(
    tmp_path: Path, files: dict[str, str], package: tuple[str, ...], paths: tuple[str, ...]
) -> None:
    target = found(tmp_path, {**files, "tests/test_a.py": TEST})
    assert (target.package, target.paths) == (package, paths)


PYTEST = "[tool.pytest.ini_options]\n"
PLACES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "a folder": ({"tests/test_a.py": TEST, "a/test_b.py": TEST, "benchmarks/test_c.py": TEST}, ("tests",)),
    "inside the package": (
        {"a/tests/test_a.py": TEST, "a/b/__init__.py": ONE, "a/b/tests/test_b.py": TEST},
        ("a/b/tests", "a/tests"),
    ),
    "beside the code": ({"a/test_b.py": TEST, "a/b_test.py": TEST}, ("a/b_test.py", "a/test_b.py")),
    "at the top": ({"test_a.py": TEST}, ("test_a.py",)),
    "configured": (
        {"checks/test_a.py": TEST, "tests/test_b.py": TEST, "pytest.ini": "[pytest]\ntestpaths = checks\n"},
        ("checks",),
    ),
    "configured with the package, for its doctests": (
        {"tests/test_b.py": TEST, "pyproject.toml": PYTEST + 'testpaths = ["a", "tests"]\n'},
        ("tests",),
    ),
    "configured with a pattern": (
        {"checks/one/test_a.py": TEST, "setup.cfg": "[tool:pytest]\ntestpaths = checks/*\n"},
        ("checks",),
    ),
    "files with other names": (
        {"tests/unit_a.py": TEST, "tox.ini": "[pytest]\npython_files = unit_*.py\n"},
        ("tests",),
    ),
}


@pytest.mark.parametrize(("files", "tests"), PLACES.values(), ids=PLACES)
def test_tests_are_found_and_never_changed(
    tmp_path: Path, files: dict[str, str], tests: tuple[str, ...]
) -> None:
    target = found(tmp_path, {**files, "a/__init__.py": ONE, "a/conftest.py": ONE})
    assert target.tests == tests
    assert set(target.package_files) == {
        "a/__init__.py",
        *(name for name in files if name == "a/b/__init__.py"),
    }


def test_only_options_that_decide_what_is_collected_are_kept_of_addopts(tmp_path: Path) -> None:
    options = (
        "--cov=a -q --import-mode=importlib -m 'not slow' --ignore tests/x -p no:x -n4 --asyncio-mode=auto"
    )
    config = f'{PYTEST}addopts = "{options}"\nrequired_plugins = ["pytest-cov"]\n'
    target = found(tmp_path, {"a.py": ONE, "test_a.py": TEST, "pyproject.toml": config})
    assert target.options == (
        *("--import-mode=importlib", "-m", "not slow", "--ignore=tests/x", "-o", "asyncio_mode=auto"),
        *("-o", "required_plugins="),
    )


def test_data_files_are_taken_along_whatever_they_are_called(tmp_path: Path) -> None:
    files = {
        "a/__init__.py": ONE,
        "a/table.bin": "x",
        "tests/test_a.py": TEST,
        "tests/.hidden": "y",
        "LICENSE": "z",
    }
    assert set(found(tmp_path, files).static) == {
        "a/table.bin",
        "tests/test_a.py",
        "tests/.hidden",
        "LICENSE",
    }


def test_what_tools_made_and_what_is_excluded_stays_behind(tmp_path: Path) -> None:
    files = {
        "a.py": ONE,
        "test_a.py": TEST,
        **dict.fromkeys(("big/data.txt", "notes.log", ".git/config", "build/lib/a.py"), ONE),
        **dict.fromkeys(("own/pyvenv.cfg", "own/lib/x.py", "__pycache__/a.pyc"), ONE),
        "target.toml": 'exclude = ["big", "*.log"]\n',
    }
    assert set(found(tmp_path, files).static) == {"test_a.py", "target.toml"}


def test_a_huge_file_is_left_out_and_named(tmp_path: Path) -> None:
    tree(tmp_path, {"a.py": ONE, "test_a.py": TEST})
    with (tmp_path / "dump.bin").open("wb") as file:
        file.truncate(9 << 20)
    assert resolve(TargetFactor(name=str(tmp_path))).left_out == ("dump.bin",)


def test_a_link_is_followed_inside_the_folder_and_not_out_of_it(tmp_path: Path) -> None:
    folder = tree(tmp_path / "target", {"a.py": ONE, "test_a.py": TEST, "data/x.txt": "x"})
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "inside.txt").symlink_to("data/x.txt")
    (folder / "outside.txt").symlink_to(tmp_path / "secret.txt")
    static = resolve(TargetFactor(name=str(folder))).static
    assert static["inside.txt"] == b"x"
    assert "outside.txt" not in static


def test_files_that_a_version_tool_wrote_are_not_changed(tmp_path: Path) -> None:
    files = {"a/__init__.py": ONE, "a/_version.py": "version = '1'\n", "tests/test_a.py": TEST}
    assert list(found(tmp_path, files).package_files) == ["a/__init__.py"]


def test_what_is_named_comes_before_what_the_manifest_says_and_that_before_what_is_found(
    tmp_path: Path,
) -> None:
    files = {
        "a.py": ONE,
        "b.py": ONE,
        "c.py": ONE,
        "tests/test_a.py": TEST,
        "target.toml": 'package = ["b.py"]\n',
    }
    assert found(tmp_path, files).package == ("b.py",)
    assert found(tmp_path, files, package=("c.py",)).package == ("c.py",)


def test_a_package_that_is_named_keeps_the_paths_of_its_layout(tmp_path: Path) -> None:
    files = {"src/ns/a/__init__.py": ONE, "src/ns/b/__init__.py": ONE, "tests/test_a.py": TEST}
    assert found(tmp_path, files, package=("src/ns/a",)).paths == ("", "src")


MISTAKES = {
    "a package that is not there": ({}, {"package": ("aa",)}, "has no aa; did you mean"),
    "tests that are not there": ({}, {"tests": ("test/x.py",)}, "has no test/x.py"),
    "tests to leave out that are not there": ({}, {"tests": ("!test/x.py",)}, "has no test/x.py"),
    "an unknown key": ({"target.toml": 'pakage = ["a"]\n'}, {}, "key 'pakage'; did you mean package?"),
    "a text for a list": ({"target.toml": 'package = "a"\n'}, {}, "'package' is no list of texts"),
    "an address without a module": (
        {"target.toml": '[[differential]]\nname = "x"\ngenerate = "m.f"\ncall = "m:g"\n'},
        {},
        "'m.f' is no address; write module:function",
    ),
    "two entries of one name": (
        {"target.toml": '[[differential]]\nname = "x"\ngenerate = "m:f"\ncall = "m:g"\n' * 2},
        {},
        "two differential entries are called 'x'",
    ),
    "nothing that is Python": ({"a/__init__.py": "def\n"}, {}, "a/__init__.py: no file can be worked on"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "levels", "said"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_told_in_one_line(
    tmp_path: Path, files: dict[str, str], levels: dict[str, tuple[str, ...]], said: str
) -> None:
    for name, text in {"a/__init__.py": ONE, "tests/test_a.py": TEST, **files}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UserError, match=said.replace("(", r"\(")) as caught:
        resolve(TargetFactor(name=str(tmp_path), **levels))  # type: ignore[arg-type]
    assert all("\n" not in line for line in caught.value.lines())


def test_files_that_are_no_python_here_stay_as_they_are(tmp_path: Path) -> None:
    tree(tmp_path, {"a/__init__.py": ONE, "a/next.py": "match\nnew syntax\n", "tests/test_a.py": TEST})
    (tmp_path / "a" / "latin.py").write_bytes(b"# -*- coding: latin-1 -*-\n# \xe9\n")
    (tmp_path / "a" / "null.py").write_bytes(b"x = 1\0\n")
    target = resolve(TargetFactor(name=str(tmp_path)))
    assert set(target.package_files) == {"a/__init__.py"}
    assert target.left_alone["a/latin.py"] == "not UTF-8"
    assert target.left_alone["a/next.py"] == "line 2: invalid syntax"
    assert "null" in target.left_alone["a/null.py"]
    assert set(target.left_alone) < set(target.static)


def test_all_problems_of_a_manifest_are_told_at_once(tmp_path: Path) -> None:
    tree(tmp_path, {"a.py": ONE, "target.toml": "pakage = 1\ntests = 2\nname = 3\n"})
    with pytest.raises(UserError) as caught:
        resolve(TargetFactor(name=str(tmp_path)))
    assert len(caught.value.lines()) == 3
