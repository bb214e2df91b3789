"""`pypi:NAME==VERSION`: a published source distribution, fetched once with the user's own pip."""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from testbed.errors import UserError
from testbed.targets import cache, pip
from testbed.targets.archive import unpack

PREFIX = "pypi:"
_PIN = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)==(?P<version>[A-Za-z0-9][A-Za-z0-9.!+_-]*)"
)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SUFFIXES = (".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz")
_UNREACHED = re.compile(
    "connection broken|connection error|ConnectionError|Max retries|Temporary failure|timed out"
    "|40[13] Client Error|50[0-9] Server Error|SSLError"
)
_RECORD = "fetched.json"
_FORM = "write it as pypi:NAME==VERSION, such as pypi:toolz==1.2.0"


@dataclass(frozen=True, slots=True)
class Pin:
    """One published version. `sha256` is "" where the user did not pin the archive itself."""

    name: str
    version: str
    sha256: str = ""

    def __str__(self) -> str:
        return f"{PREFIX}{self.name}=={self.version}"

    @property
    def key(self) -> str:
        """The name as indexes compare it."""
        return re.sub(r"[-_.]+", "-", self.name).lower()


def parse(text: str) -> Pin:
    """The pin that `pypi:NAME==VERSION` or `pypi:NAME==VERSION#sha256=HASH` says. Raises UserError."""
    wanted, mark, digest = text.removeprefix(PREFIX).partition("#")
    found = _PIN.fullmatch(wanted.replace(" ", ""))
    if not found:
        raise UserError(f"{text!r} names no version", where="target.name", remedy=_FORM)
    kind, _, value = digest.strip().lower().partition("=")
    if mark and (kind != "sha256" or not _SHA256.fullmatch(value)):
        raise UserError(
            f"{digest!r} is no hash", where="target.name", remedy="write #sha256= and 64 hexadecimal digits"
        )
    return Pin(found["name"], found["version"], value)


@contextmanager
def unpacked(pin: Pin) -> Iterator[Path]:
    """The folder of the source distribution, unpacked from the cached archive; gone afterwards.

    Raises UserError where it cannot be fetched, or is not what was pinned or recorded.
    """
    archive = fetched(pin)
    with TemporaryDirectory(prefix="testbed-target-") as folder:
        yield unpack(archive, Path(folder))


def fetched(pin: Pin) -> Path:
    """The cached archive, fetched where it is missing. Its sha256 is checked each time."""
    place = cache.folder("sdists", pin.key)
    final = place / pin.version.replace("!", "_")
    if not (final / _RECORD).is_file():
        with cache.scratch(place) as new:
            _fetch(pin, new)
            cache.publish(new, final)
    return _checked(pin, final)


def _checked(pin: Pin, place: Path) -> Path:
    try:
        record = json.loads((place / _RECORD).read_text(encoding="utf-8"))
        archive, recorded = place / Path(record["file"]).name, str(record["sha256"])
        found = _sha256(archive)
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError("the cached archive cannot be read", where=str(place), remedy=_again(place)) from None
    if found != recorded:
        raise UserError(
            f"the cached archive has changed since it was fetched (sha256 {found}, was {recorded})",
            where=str(place),
            remedy=_again(place),
        )
    if pin.sha256 and found != pin.sha256:
        raise UserError(
            f"has the sha256 {found}, not {pin.sha256}",
            where=str(pin),
            remedy="the index or the pin is wrong",
        )
    return archive


def _again(place: Path) -> str:
    return f"remove {place} to fetch it again"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(pin: Pin, folder: Path) -> None:
    """Downloads into `folder` and writes down what came. A pinned hash is checked before it is kept."""
    answer = _download(pin, folder)
    archives = sorted(path for path in folder.iterdir() if path.name.endswith(_SUFFIXES))
    if answer.code or not archives:
        raise _refused(pin, answer)
    archive, digest = archives[0], _sha256(archives[0])
    if pin.sha256 and digest != pin.sha256:
        raise UserError(
            f"has the sha256 {digest}, not {pin.sha256}",
            where=str(pin),
            remedy="the index or the pin is wrong",
        )
    record = {"file": archive.name, "sha256": digest, "name": pin.name, "version": pin.version}
    (folder / _RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _download(pin: Pin, folder: Path) -> pip.Answer:
    """pip asks the package's own build backend for its metadata, even for a download.

    The backend is installed into an environment of pip's own; where that fails (no index with build
    backends), the one that this Python has is tried.
    """
    arguments = [
        "-vv",  # else some failures to reach an index are not told
        "download",
        "--no-deps",
        "--no-binary",
        pin.name,
        "--ignore-requires-python",
        "--dest",
        str(folder),
    ]
    answer = pip.run(pip.own_pip(), [*arguments, f"{pin.name}=={pin.version}"])
    if answer.code and "build dependencies" in answer.output:
        again = pip.run(pip.own_pip(), [*arguments, "--no-build-isolation", f"{pin.name}=={pin.version}"])
        return answer if again.code else again
    return answer


def _refused(pin: Pin, answer: pip.Answer) -> UserError:
    found = re.search(rf"requirement {re.escape(pin.name)}==\S+ \(from versions: (.*?)\)", answer.output)
    if found is None:
        return UserError(f"pip cannot fetch it: {answer.last_line()}", where=str(pin))
    versions = [] if found[1] == "none" else found[1].split(", ")
    if versions:
        near = ", ".join(nearest(pin.version, versions))
        return UserError(
            f"{pin.name} has no source distribution of this version",
            where=str(pin),
            remedy=f"nearest: {near}",
        )
    if _UNREACHED.search(answer.output):
        return UserError(
            "the package index cannot be reached",
            where=str(pin),
            remedy="check the network and pip's configuration",
        )
    return UserError(
        f"the package index has no source distribution called {pin.name}",
        where=str(pin),
        remedy="check the name, or give a folder with its source",
    )


def nearest(version: str, versions: list[str], each_way: int = 2) -> list[str]:
    """The versions on either side of `version`, in order."""
    ordered = sorted(versions, key=_numbers)
    place = bisect_left(ordered, _numbers(version), key=_numbers)
    return ordered[max(0, place - each_way) : place + each_way]


def _numbers(version: str) -> list[int]:
    return [int(word) for word in re.findall(r"\d+", version)]
