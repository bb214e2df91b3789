"""What is written down before anything runs: the resolved campaign, the seed, the versions."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import Any

from testbed import __version__, modifiers
from testbed.campaign import Campaign
from testbed.conditions import Condition, from_json, to_json
from testbed.facts import canonical
from testbed.oversight import reviewers

_LIBRARIES = ("numpy", "libcst", "hypothesis", "pytest")
_PACKAGES = ("testbed", "injectors", "target_systems")


def manifest(campaign: Campaign, command: Sequence[str]) -> dict[str, Any]:
    """The manifest of a run that begins now. The clock is only in `started`."""
    return {
        "name": campaign.name,
        "seed": campaign.seed,
        "campaign": campaign.text,
        "factors": list(campaign.factors),
        "conditions": [to_json(condition) for condition in campaign.conditions],
        "gate": asdict(campaign.gate),
        "versions": versions(campaign.conditions),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": list(command),
    }


def digest(campaign: Campaign) -> str:
    """Names the campaign and its seed, for the folder."""
    facts = [campaign.name, campaign.seed, [to_json(condition) for condition in campaign.conditions]]
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def conditions(manifest: dict[str, Any]) -> tuple[Condition, ...]:
    """The conditions that a manifest lists."""
    return tuple(from_json(data) for data in manifest["conditions"])


def versions(conditions: Sequence[Condition]) -> dict[str, str]:
    """Everything whose version could change a fact."""
    found = {"testbed": __version__, "source": source_digest(), "commit": commit()}
    found["python"] = platform.python_version()
    found.update({name: metadata.version(name) for name in _LIBRARIES})
    for condition in conditions:
        modifier = modifiers.make(condition.modifier, frozenset())
        found[f"modifier {modifier.name}"] = modifier.version
        found.update(reviewers.origins(condition.oversight))
        found.update(modifiers.origins(condition.modifier))
    return found


def source_digest() -> str:
    """A digest of the testbed's own code as it is installed: what a version number only promises."""
    total = hashlib.sha256()
    for package in _PACKAGES:
        root = Path(str(files(package)))
        for path in sorted(root.rglob("*.py")):
            total.update(f"{package}/{path.relative_to(root).as_posix()}\n".encode())
            total.update(path.read_bytes())
    return total.hexdigest()[:16]


def commit() -> str:
    """The commit of the checkout that this code runs from; "" where it was installed."""
    from dulwich.errors import NotGitRepository
    from dulwich.repo import Repo

    root = Path(str(files("testbed"))).parent
    try:
        with Repo(str(root)) as repo:
            return repo.head().decode()
    except (NotGitRepository, KeyError, OSError):
        return ""
