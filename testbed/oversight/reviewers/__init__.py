"""Reviewers by name: the built-in ones, and those of plug-ins."""

from testbed.oversight.reviewers.models import (
    ConstantReviewer,
    FatiguedReviewer,
    IdealReviewer,
    PacedReviewer,
    SalienceReviewer,
)
from testbed.oversight.reviewers.registry import REVIEWERS, built_in, make, names, origins, reviewer_plugins

__all__ = [
    "REVIEWERS",
    "ConstantReviewer",
    "FatiguedReviewer",
    "IdealReviewer",
    "PacedReviewer",
    "SalienceReviewer",
    "built_in",
    "make",
    "names",
    "origins",
    "reviewer_plugins",
]
