"""The generations as commits of materialised source in one bare git repository, a branch a lineage.

Commit ids are a function of content, so they are the same in every run of the same campaign.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.repo import Repo

from testbed.ledger.store import full

_WHO = b"testbed <testbed@localhost>"
_DAY = 86_400
_EPOCH = 946_684_800  # 2000-01-01: a generation's date is a day after its parent's


def commit_object(
    files: Mapping[str, str], parent: str, generation: int, message: str
) -> tuple[Commit, list[Tree | Blob]]:
    """The commit of a generation (with the hex id of its parent, "" for none) and the objects below it."""
    objects: list[Tree | Blob] = []
    commit = Commit()
    commit.tree = _tree(files, objects)
    commit.parents = [ObjectID(parent.encode())] if parent else []
    commit.author = commit.committer = _WHO
    commit.author_time = commit.commit_time = _EPOCH + generation * _DAY
    commit.author_timezone = commit.commit_timezone = 0
    commit.encoding = b"UTF-8"
    commit.message = message.encode()
    return commit, objects


def commit_id(files: Mapping[str, str], parent: str, generation: int, message: str) -> str:
    """The hex id that the generation's commit has."""
    return str(commit_object(files, parent, generation, message)[0].id.decode())


def _tree(files: Mapping[str, str], objects: list[Tree | Blob]) -> bytes:
    tree = Tree()
    folders: dict[str, dict[str, str]] = {}
    for path, text in sorted(files.items()):
        head, _, rest = path.partition("/")
        if rest:
            folders.setdefault(head, {})[rest] = text
            continue
        blob = Blob.from_string(text.encode())
        objects.append(blob)
        tree.add(head.encode(), 0o100644, blob.id)
    for name, inside in sorted(folders.items()):
        tree.add(name.encode(), 0o040000, _tree(inside, objects))  # type: ignore[arg-type]
    objects.append(tree)
    return bytes(tree.id)


class History:
    """The run's git repository, for the one who writes to the run's folder.

    Writing a commit that is there already changes nothing. What a writer that was killed left half done is
    cleared away: a repository in the making, and git's locks.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        path = folder / "history.git"
        if not path.exists():
            aside = folder / ".history.git"
            shutil.rmtree(aside, ignore_errors=True)
            Repo.init_bare(str(aside), mkdir=True).close()
            aside.rename(path)
        for lock in path.rglob("*.lock"):
            lock.unlink()
        self._repo = Repo(str(path))

    def write(self, branch: str, files: Mapping[str, str], parent: str, generation: int, message: str) -> str:
        """Adds a generation to a branch and returns the commit's hex id."""
        commit, objects = commit_object(files, parent, generation, message)
        try:
            self._write(branch, commit, objects)
        except OSError as problem:
            raise full(self._folder, problem.strerror or str(problem)) from None
        return str(commit.id.decode())

    def _write(self, branch: str, commit: Commit, objects: list[Tree | Blob]) -> None:
        store = self._repo.object_store
        for item in [*objects, commit]:
            if item.id not in store:
                store.add_object(item)
        self._repo.refs[f"refs/heads/{branch}".encode()] = commit.id  # type: ignore[index]

    def has(self, branch: str) -> bool:
        """Whether the branch has a commit."""
        return f"refs/heads/{branch}".encode() in self._repo.refs.allkeys()

    def close(self) -> None:
        """Closes the repository."""
        self._repo.close()
