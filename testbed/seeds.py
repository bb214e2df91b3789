"""Random streams, spawned by condition, lineage, generation and purpose; never shared, never global."""

from __future__ import annotations

import hashlib
import os
from pathlib import PurePath

import numpy as np


def placeless(name: str) -> str:
    """The name without where it lies: of an absolute path its last part, of `git:PATH@COMMIT` too.

    So a campaign on a folder of the user's own has the same facts on each machine and in each checkout.
    """
    kind, colon, path = name.partition(":")
    if kind == "git" and os.path.isabs(path):  # noqa: PTH117 (a string, which need not be a path)
        return kind + colon + PurePath(path).name
    return PurePath(name).name if os.path.isabs(name) else name  # noqa: PTH117 (as above)


def _words(text: str) -> list[int]:
    digest = hashlib.sha256(text.encode()).digest()[:16]
    return [int.from_bytes(digest[i : i + 4], "big") for i in range(0, 16, 4)]


def sequence(seed: int, *names: str | int) -> np.random.SeedSequence:
    """The seed sequence of the stream called `names` under the campaign's `seed`.

    Strings are hashed to four 32-bit words each, so a stream depends on what it is for and not
    on the order in which streams are asked for. A path counts by its last part (see `placeless`).
    """
    key: list[int] = []
    for name in names:
        key.extend([name] if isinstance(name, int) else _words(placeless(name)))
    return np.random.SeedSequence(entropy=seed, spawn_key=tuple(key))


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """A generator on the stream called `names`; equal names give equal draws."""
    return np.random.Generator(np.random.PCG64(sequence(seed, *names)))


def integer(seed: int, *names: str | int) -> int:
    """One 31-bit number from the stream called `names`, to seed something that takes an integer."""
    return int(sequence(seed, *names).generate_state(1, np.uint32)[0] >> 1)
