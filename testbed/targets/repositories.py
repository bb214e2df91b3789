"""Git repositories: a commit's files, and the row of commits between two of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dulwich.errors import NotGitRepository
from dulwich.objects import Commit
from dulwich.objectspec import parse_commit
from dulwich.repo import Repo

from testbed.errors import UserError

PREFIX = "git:"


@dataclass(frozen=True, slots=True)
class Version:
    """One commit: its id and the first line of its message."""

    id: str
    title: str


class Repository:
    """A git repository, by the path of its work tree or of the repository itself."""

    def __init__(self, path: str) -> None:
        self.path = path

    @cached_property
    def _repo(self) -> Repo:
        try:
            return Repo(str(Path(self.path).expanduser()))
        except (NotGitRepository, OSError):
            raise UserError("is no git repository", where=self.path or "modifier.repository") from None

    def _commit(self, name: str) -> Commit:
        base, tilde, steps = name.partition("~")
        try:
            found = parse_commit(self._repo, base)
            for _ in range(int(steps or 1) if tilde else 0):
                found = self._repo[found.parents[0]]  # type: ignore[assignment]
            return found
        except (LookupError, ValueError, TypeError, AttributeError):
            raise UserError(f"has no commit {name!r}", where=self.path) from None

    def files(self, name: str) -> dict[str, bytes]:
        """The plain files of a commit; links and submodules are left out."""
        return dict(self._walk(self._commit(name).tree, ""))

    def _walk(self, tree: Any, prefix: str) -> Iterator[tuple[str, bytes]]:
        for entry in self._repo[tree].items():  # type: ignore[attr-defined]
            path = prefix + entry.path.decode(errors="surrogateescape")
            if entry.mode == 0o040000:
                yield from self._walk(entry.sha, f"{path}/")
            elif entry.mode in (0o100644, 0o100755, 0o100664):
                yield path, self._repo[entry.sha].data  # type: ignore[attr-defined]

    def row(self, first: str, last: str, paths: Sequence[str] = ()) -> list[Version]:
        """The commits after `first` up to `last`, first parents alone, that touch one of `paths`."""
        start, commit = self._commit(first).id, self._commit(last)
        found: list[Version] = []
        while commit.id != start:
            if not commit.parents:
                raise UserError(f"{first} is no first-parent ancestor of {last}", where=self.path)
            parent = self._repo[commit.parents[0]]
            if self._touches(commit, parent, paths):
                title = commit.message.decode(errors="replace").partition("\n")[0]
                found.append(Version(commit.id.decode(), title))
            commit = parent  # type: ignore[assignment]
        return found[::-1]

    def _touches(self, commit: Any, parent: Any, paths: Sequence[str]) -> bool:
        changes = self._repo.object_store.tree_changes(parent.tree, commit.tree)
        names = {name.decode(errors="replace") for paths_, *_ in changes for name in paths_ if name}
        wanted = [path.rstrip("/") for path in paths]
        return bool(names) and (
            not wanted or any(n == path or n.startswith(f"{path}/") for n in names for path in wanted)
        )

    def close(self) -> None:
        """Closes the repository."""
        if "_repo" in self.__dict__:
            self._repo.close()


@contextmanager
def exported(name: str) -> Iterator[Path]:
    """The files of `git:PATH@COMMIT` in a folder of their own. Raises UserError."""
    path, _, commit = name.removeprefix(PREFIX).rpartition("@")
    if not path or not commit:
        raise UserError(f"{name!r} names no commit", where="target.name", remedy="write git:PATH@COMMIT")
    repository = Repository(path)
    try:
        files = repository.files(commit)
    finally:
        repository.close()
    with tempfile.TemporaryDirectory(prefix="testbed-git-") as scratch:
        folder = Path(scratch, Path(path).name or "repository")
        write(folder, files)
        yield folder


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Writes files into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, data in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
