"""A git history to replay: the built-in modifier's edits of a target, a commit each, with no fault in them.

python benchmarks/history.py selfeval /tmp/history --commits 6
testbed run replay.toml --set modifier.repository=/tmp/history ...
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dulwich import porcelain
from dulwich.repo import Repo

from testbed import modifiers
from testbed.conditions import ModifierFactor, TargetFactor
from testbed.seeds import stream
from testbed.targets import frozen_names, resolve

WHO = b"testbed <testbed@localhost>"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("target")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--commits", type=int, default=6)
    parser.add_argument("--edits", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    target = resolve(TargetFactor(args.target))
    modifier = modifiers.make(ModifierFactor(edits=args.edits), frozen_names(target))
    args.folder.mkdir(parents=True)
    Repo.init(str(args.folder)).close()
    source = dict(target.package_files)
    commit(args.folder, {**target.static, **encoded(source)}, "Generation 0")
    for number in range(1, args.commits + 1):
        proposal = modifier.propose(source, stream(args.seed, "history", number), lambda parent: parent)
        source = dict(proposal.source)
        commit(args.folder, encoded(source), ", ".join(edit.refactoring for edit in proposal.edits))
    porcelain.tag_create(str(args.folder), b"last")


def encoded(source: dict[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in source.items()}


def commit(folder: Path, files: dict[str, bytes], message: str) -> None:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    porcelain.add(str(folder))
    made = porcelain.commit(str(folder), message.encode(), author=WHO, committer=WHO, commit_timestamp=9e8)
    if message == "Generation 0":
        porcelain.tag_create(str(folder), b"first", objectish=made)


if __name__ == "__main__":
    main()
