"""The modifier replay, on git histories that the tests make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from dulwich import porcelain
from dulwich.repo import Repo

from testbed.campaign import load
from testbed.cli.runs import known_names
from testbed.conditions import ModifierFactor, TargetFactor
from testbed.engine.run import start
from testbed.errors import UserError
from testbed.facts import BirthFact, GenerationFact, OutsideFact, RefusedFact
from testbed.modifiers.outside.replay import ReplayModifier
from testbed.schema import materialise
from testbed.targets import resolve
from testbed.targets.repositories import Repository
from testbed.verify import verify

WHO = b"Ada <ada@example.org>"


def commit(folder: Path, files: Mapping[str, str | None], message: str) -> str:
    for name, text in files.items():
        place = folder / name
        if text is None:
            place.unlink()
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
    porcelain.add(str(folder))
    for name, text in files.items():
        if text is None:
            porcelain.rm(str(folder), paths=[str(folder / name)])
    made = porcelain.commit(str(folder), message.encode(), author=WHO, committer=WHO, commit_timestamp=9e8)
    return made.decode()


@pytest.fixture(scope="session")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The histories are equal to the byte, so that their tests need run but once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def history(
    tmp_path: Path,
    verdicts: Path,
    write_small_target: Callable[[Path], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Five commits: the target, a renamed variable, one with a failing test, a changed behaviour with its
    test, and one that touches the README alone."""
    monkeypatch.setenv("TESTBED_CACHE", str(verdicts))
    folder = write_small_target(tmp_path / "sums")
    Repo.init(str(folder)).close()
    commit(folder, {}, "First")
    source = (folder / "sums.py").read_text()
    renamed = source.replace("best", "longest_so_far")
    commit(folder, {"sums.py": renamed}, "Rename")
    tests = (folder / "test_sums.py").read_text()
    commit(folder, {"sums.py": renamed.replace("total + value", "total - value")}, "Broken")
    changed = renamed.replace("return None", "return (0, 0)")
    tests = tests.replace("spread([]) is None", "spread([]) == (0, 0)")
    commit(folder, {"sums.py": changed, "test_sums.py": tests}, "Nothing has a spread")
    commit(folder, {"README": "Sums.\n"}, "Say what it is")
    return folder


def row(folder: Path, **more: object) -> ReplayModifier:
    head = Repository(str(folder))
    ids = [version.id for version in head.row(first(folder), "HEAD")]
    assert len(ids) == 4
    factor = ModifierFactor("replay", repository=str(folder), commits=f"{first(folder)}..HEAD", **more)  # type: ignore[arg-type]
    return ReplayModifier(factor)


def first(folder: Path) -> str:
    with Repo(str(folder)) as repo:
        return [entry.commit.id.decode() for entry in repo.get_walker()][-1]


def test_the_generations_are_the_commits_whose_tests_pass(history: Path, verdicts: Path) -> None:
    made = row(history)
    titles = [version.title for g in (1, 2, 3, 4) if (version := made.commit(g))]
    assert titles == ["Rename", "Nothing has a spread", "Say what it is"]
    assert made.commit(4) is None
    assert len(list((verdicts / "commits").iterdir())) == 4


def test_only_commits_that_touch_a_path(history: Path) -> None:
    assert [version.title for version in row(history, paths=("README",)).row] == ["Say what it is"]


def test_a_fault_is_carried_through_the_history(history: Path) -> None:
    made = row(history)
    text = (history / "sums.py").read_text()
    with Repo(str(history)):
        old = Repository(str(history)).files(first(history))["sums.py"].decode()
    seeded = old.replace(
        "len(word) > len(best)", "(len(word) >= len(best) if __fault__(4) else len(word) > len(best))"
    )
    seeded = seeded.replace("return None", "return (1 if __fault__(5) else None)")
    source: Mapping[str, str] = {"sums.py": seeded}
    for generation, gone in ((1, set()), (2, {5}), (3, {5})):
        made.situate(0, generation, 1)
        proposal = made.propose(source, np.random.default_rng(0), lambda parent: 9)
        version = made.commit(generation)
        assert version is not None
        clean = materialise(proposal.source["sums.py"], frozenset())
        assert clean == made.repository.files(version.id)["sums.py"].decode()
        assert "len(word) >= len(longest_so_far)" in materialise(proposal.source["sums.py"], frozenset({4}))
        assert proposal.turn is not None
        statuses = {trace.fault: trace.status for trace in proposal.turn.traces}
        assert {fault for fault, status in statuses.items() if status == "overwritten"} == gone - {
            5 * (generation == 3)
        }
        source = proposal.source
    assert materialise(source["sums.py"], frozenset()) == text


def test_a_replayed_campaign_runs_and_is_verified(history: Path, tmp_path: Path) -> None:
    file = tmp_path / "campaign.toml"
    file.write_text(
        f"generations = 4\nlineages = 1\n[target]\nname = 'git:{history}@{first(history)}'\n"
        f"[modifier]\nname = 'replay'\nrepository = '{history}'\ncommits = '{first(history)}..HEAD'\n"
        "[injection]\nrate = 2.0\nplacement = 'anywhere'\n[oversight]\nevery = 0\n"
        "[oracles]\nexamples = 5\ninputs = 2\nunit = true\n"
    )
    ledger = start(load(str(file), (), known_names()), tmp_path / "run", 1, Quiet())
    records = [record for _c, _l, record in ledger.records()]
    turns = [record for record in records if isinstance(record, OutsideFact)]
    assert [turn.task.partition(" ")[2] for turn in turns[:3]] == [
        "Rename",
        "Nothing has a spread",
        "Say what it is",
    ]
    assert turns[3].problem
    assert not [record for record in records if isinstance(record, RefusedFact)]
    assert len([record for record in records if isinstance(record, GenerationFact)]) == 4
    assert [record for record in records if isinstance(record, BirthFact)]
    assert verify(ledger, size=12).disagreements == ()
    ledger.close()


def test_a_commit_of_a_repository_is_a_target(history: Path) -> None:
    target = resolve(TargetFactor(f"git:{history}@HEAD~1"))
    assert "(0, 0)" in target.package_files["sums.py"]
    assert resolve(TargetFactor(f"git:{history}@{first(history)}")).package_files != target.package_files


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"commits": ""}, "FIRST..LAST"),
        ({"commits": "HEAD~2"}, "FIRST..LAST"),
        ({"commits": "nonsense..HEAD"}, "nonsense"),
        ({"commits": "HEAD..HEAD~1"}, "no first-parent ancestor"),
        ({"repository": "/no/where"}, "no git repository"),
    ],
)
def test_what_cannot_be_replayed_is_said(history: Path, changes: dict[str, str], said: str) -> None:
    given = {"repository": str(history), "commits": "HEAD~2..HEAD", **changes}
    with pytest.raises(UserError, match=said):
        ReplayModifier(ModifierFactor("replay", repository=given["repository"], commits=given["commits"]))


class Quiet:
    def examining(self, target: str) -> None: ...

    def began(self, folder: Path, generations: int, done: int) -> None: ...

    def advanced(self, job: object, batch: object, generations: int) -> None: ...

    def warned(self, text: str) -> None: ...
