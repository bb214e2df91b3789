"""Faults evaluated per CPU second: the testbed beside other tools, on the same libraries and suites.

    python benchmarks/evaluator.py [--libraries parse==1.22.4 ...] [--peers mutmut cosmic-ray ...]
        [--workers 2] [--seconds 1800] [--smoke] [--json FILE]
    python benchmarks/evaluator.py --table FILE ...

The second form prints what the first one wrote as Markdown.

Every peer has a virtual environment of its own, made in --venvs once; the testbed runs with mutmut's own
operators. `again` is the testbed a second time, with the cache that the first one left. A peer that is
stopped after --seconds of CPU time is marked with +: its rate is that of what it had decided. `x floor`
is how many times the CPU seconds of the floor a tool took: for a fault that is found a fork and its
fastest failing test, else a fork and all tests that reach and infect it, from a sample of the faults.
MiB is the most that all its processes held at one time, for each worker.

`--smoke` takes 100 faults and leaves the peers out. Seconds are those of this machine; only the ratios in
one run mean anything.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import peers
from peers import LIBRARIES, VERSIONS, Library

from testbed.conditions import TargetFactor
from testbed.targets import cache, resolve
from testbed.targets.target import Target

SAMPLE = 200
ADDOPTS = re.compile(r"^addopts\s*=\s*(\[.*?\]|[^\n]*)\n", re.MULTILINE | re.DOTALL)
HEAD = (
    f"{'library':20} {'tool':15} {'faults':>7} {'found':>6} {'verdicts':>8} {'wall s':>8} {'CPU s':>8} "
    f"{'MiB':>6} {'per CPU s':>9} {'x it':>6} {'x floor':>7}"
)


@dataclass(slots=True)
class Row:
    """One tool on one library. `ratio` is the testbed's faults per CPU second over this tool's."""

    library: str
    tool: str
    faults: int
    found: int
    wall: float
    cpu: float
    mib: float
    verdicts: int = 0  # of single tests, where the tool tells
    cut: bool = False
    said: dict[str, int] = field(default_factory=dict)
    ratio: float = 0.0
    floor: float = 0.0  # times the floor's CPU seconds for as many faults
    trouble: str = ""

    @property
    def rate(self) -> float:
        """Faults per CPU second."""
        return self.faults / self.cpu if self.cpu else 0.0

    def line(self) -> str:
        """The row as text."""
        return (
            f"{self.library:20} {self.tool + '+' * self.cut:15} {self.faults:7,} {self.found:6,} "
            f"{self.verdicts:8,} "
            f"{self.wall:8.1f} {self.cpu:8.1f} {self.mib:6.0f} {self.rate:9.1f} {_shown(self.ratio):>6} "
            f"{_shown(self.floor):>7}"
        )


def _shown(value: float) -> str:
    return f"{value:.1f}" if value else ""


def ours(
    library: Library, workers: int, folder: Path, limit: int | None = None, *, tool: str = "testbed"
) -> Row:
    """`testbed evaluate` with mutmut's operators."""
    told, row = _evaluated(library, workers, folder, ["--limit", str(limit)] if limit else [])
    verdicts = Counter(fault["verdict"] for fault in told)
    found = len(told) - verdicts["pass"] - verdicts["unknown"]
    asked = sum(fault["asked"] for fault in told)
    trouble = row.out[-600:] if not told else ""
    return Row(
        library.name, tool, len(told), found, row.wall, row.cpu, row.mib / workers, asked,
        said=dict(verdicts), trouble=trouble,
    )  # fmt: skip


def _evaluated(
    library: Library, workers: int, folder: Path, more: list[str]
) -> tuple[list[dict[str, Any]], peers.Measured]:
    file = folder / "faults.json"
    file.unlink(missing_ok=True)
    command = [
        sys.executable,
        "-c",
        "from testbed.cli import main; main()",
        "evaluate",
        f"pypi:{library.name}",
    ]
    command += ["--operators", "mutmut", "--workers", str(workers), "--json", str(file), *more]
    command += [word for name in library.modules for word in ("--package", name)]
    command += [
        word
        for name in (library.tests, *(f"!{each}" for each in library.without))
        for word in ("--tests", name)
    ]
    row = peers.measured(command, folder, 7200)
    return (json.loads(file.read_text())["faults"] if file.exists() else []), row


def theirs(tool: str, library: Library, workers: int, root: Path, seconds: float, venvs: Path) -> Row:
    """A peer on the copy at `root`."""
    done = peers.run(tool, library, root, peers.installed(tool, venvs), workers, seconds)
    try:
        said = peers.decided(tool, root, done.out)
        trouble = "" if said else done.out[-600:]
    except Exception as reason:  # it left nothing that can be read
        said, trouble = {}, f"{reason}: {done.out[-600:]}"
    found = sum(number for verdict, number in said.items() if verdict in ("killed", "timeout", "zapped"))
    return Row(
        library.name, tool, sum(said.values()), found, done.wall, done.cpu, done.mib / workers,
        cut=done.cut, said=said, trouble=trouble,
    )  # fmt: skip


def floor(library: Library, target: Target, folder: Path) -> float:
    """CPU seconds that a fault takes at least with a fork for each, in the mean of a sample."""
    root = copy(target, library, folder / "floor")
    script = Path(__file__).with_name("bounds.py")
    done = subprocess.run(
        [sys.executable, str(script), library.tests], cwd=root, capture_output=True, text=True, check=True
    )
    plain = json.loads(done.stdout)
    told, _row = _evaluated(library, 1, folder, ["--limit", str(SAMPLE), "--matrix", "--no-cache"])
    least: list[float] = []
    for fault in told:
        known = [plain["tests"][test] for test in fault["tests"] if test in plain["tests"]]
        if fault["verdict"] != "pass":
            least.append(plain["fork"] + min(known, default=0.0))
        elif fault["asked"]:
            least.append(plain["fork"] + fault["seconds"])
    return sum(least) / len(told) if told else 0.0


def copy(target: Target, library: Library, root: Path) -> Path:
    """The library's files at `root`, without the tests that cannot run here and without pytest's addopts."""
    for path, data in {**target.static, **target.package_files}.items():
        if path in library.without:
            continue
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        text = data.encode() if isinstance(data, str) else data
        if path == "pyproject.toml":
            text = ADDOPTS.sub("", text.decode()).encode()
        place.write_bytes(text)
    return root


def compared(library: Library, options: argparse.Namespace) -> list[Row]:
    """All rows of one library, printed as they come."""
    limit = 100 if options.smoke else None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["TESTBED_CACHE"] = str(folder / "cache")  # no verdict is known before
        target = resolve(TargetFactor(f"pypi:{library.name}", package=library.modules))
        first = ours(library, options.workers, folder, limit)
        again = ours(library, options.workers, folder, limit, tool="again")
        rows = [first, again]
        least = 0.0 if options.smoke else floor(library, target, folder)
        for row in rows:
            _finish(row, first, least)
        for tool in () if options.smoke else options.peers:
            root = copy(target, library, folder / tool)
            rows.append(theirs(tool, library, options.workers, root, options.seconds, options.venvs))
            _finish(rows[-1], first, least)
    return rows


def _finish(row: Row, first: Row, least: float) -> None:
    row.ratio = first.rate / row.rate if row.rate else 0.0
    row.floor = row.cpu / (least * row.faults) if least and row.faults else 0.0
    print(row.line(), flush=True)
    if row.trouble:
        print(f"  {row.tool} said: {row.trouble}")


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--libraries", nargs="+", default=list(LIBRARIES), choices=list(LIBRARIES))
    parser.add_argument("--peers", nargs="*", default=list(VERSIONS), choices=list(VERSIONS))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--seconds", type=float, default=1800, help="of CPU time that each peer has for a library"
    )
    parser.add_argument("--venvs", type=Path, help="where the peers' environments are kept")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument(
        "--table", nargs="+", type=Path, help="print these files as Markdown, measure nothing"
    )
    options = parser.parse_args()
    if options.table:
        print("\n".join(table([json.loads(file.read_text()) for file in options.table])))
        return
    options.venvs = (options.venvs or cache.folder() / "peers").absolute()
    options.venvs.mkdir(parents=True, exist_ok=True)
    print(HEAD)
    rows: list[Row] = []
    for name in options.libraries[:1] if options.smoke else options.libraries:
        rows += compared(LIBRARIES[name], options)
        if options.json:  # after each library, so that nothing is lost
            options.json.write_text(json.dumps(told(rows, options), indent=1) + "\n")
    if not all(row.faults for row in rows if row.tool in ("testbed", "again")):
        sys.exit(1)


def table(files: list[dict[str, Any]]) -> list[str]:
    """The rows of written files as Markdown."""
    lines = [
        "| library | tool | faults | found | wall s | CPU s | MiB | faults per CPU s | testbed is | floors |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in (row for file in files for row in file["rows"]):
        tool = f"{row['tool']}, stopped" if row["cut"] else row["tool"]
        ratio = f"{row['ratio']:.1f} times" if row["tool"] not in ("testbed", "again") else ""
        numbers = (
            f"{row['faults']:,} | {row['found']:,} | {row['wall']:.0f} | {row['cpu']:.1f} | {row['mib']:.0f}"
        )
        rate = f"{row['rate']:.1f} | {ratio} | {_shown(row['floor'])}"
        lines.append(f"| {row['library']} | {tool} | {numbers} | {rate} |")
    return lines


def told(rows: list[Row], options: argparse.Namespace) -> dict[str, Any]:
    """The table as JSON, with what it was made with."""
    return {
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} processors",
        "testbed": version("compounding-flaw-testbed"),
        "peers": [VERSIONS[tool] for tool in options.peers],
        "workers": options.workers,
        "seconds": options.seconds,
        "rows": [{**asdict(row), "rate": row.rate} for row in rows],
    }


if __name__ == "__main__":
    main()
