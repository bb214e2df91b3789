"""Which reviewer a condition asks for. Third-party ones come by entry point and are checked before use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from testbed.conditions import OversightFactor
from testbed.errors import UserError, UserErrors
from testbed.oversight.reviewers.command import CommandReviewer
from testbed.oversight.reviewers.human import HumanReviewer
from testbed.oversight.reviewers.models import (
    ConstantReviewer,
    FatiguedReviewer,
    IdealReviewer,
    PacedReviewer,
    SalienceReviewer,
)
from testbed.oversight.waiting import Answer, Place
from testbed.plugins import Plugin, found, takes, unknown
from testbed.protocols import Reviewer

REVIEWERS = "testbed.reviewers"
"""Entry points: a callable that takes the campaign's OversightFactor and returns a Reviewer."""

Maker = Callable[[OversightFactor], Reviewer]


@cache
def built_in() -> Mapping[str, Maker]:
    """The testbed's own reviewers by name, in the order in which they are listed."""
    return {
        "ideal": IdealReviewer,
        "constant": ConstantReviewer,
        "paced": PacedReviewer,
        "fatigued": FatiguedReviewer,
        "salience": SalienceReviewer,
        "command": CommandReviewer,
        "human": HumanReviewer,
    }


def names() -> tuple[str, ...]:
    """The reviewers that a campaign may name, built-in ones first."""
    return (*built_in(), *(plugin.name for plugin in reviewer_plugins()))


def make(factor: OversightFactor, answers: Mapping[Place, Answer] | None = None) -> Reviewer:
    """The reviewer that a condition asks for. `answers` are what a person has marked in this lineage.

    Raises UserError for a name that `names` does not have, UserErrors for a plug-in with problems.
    """
    if factor.reviewer == "human":
        return HumanReviewer(factor, answers or {})
    own = built_in().get(factor.reviewer)
    if own is not None:
        return own(factor)
    for plugin in reviewer_plugins():
        if plugin.name == factor.reviewer:
            return _made(plugin, factor)
    raise unknown("reviewer", factor.reviewer, names(), "oversight.reviewer")


def _made(plugin: Plugin[Maker], factor: OversightFactor) -> Reviewer:
    reviewer = plugin.get()(factor)
    if not takes(getattr(reviewer, "read", None), 2):
        where = f"{plugin.origin}, {plugin.group}: {plugin.name}"
        raise UserErrors([UserError("read is no method that takes view and rng", where=where)])
    return reviewer


def _maker(name: str, part: object) -> tuple[Maker | None, list[str]]:
    if not callable(part) or not takes(part, 1):
        return None, ["is no callable that takes an OversightFactor"]
    return part, []


@cache
def reviewer_plugins() -> tuple[Plugin[Maker], ...]:
    """The reviewers of other distributions."""
    return found(REVIEWERS, _maker, built_in())


def origins(factor: OversightFactor) -> dict[str, str]:
    """Plug-in -> distribution and version, where this factor uses one; for a manifest."""
    return {f"{REVIEWERS} {p.name}": p.origin for p in reviewer_plugins() if p.name == factor.reviewer}
