"""A small learner that judges itself: data, training, evaluation and the choice of a successor."""

from .data import Example, make, shuffled, split
from .evaluation import accuracy, confusion, cross_validated, margin
from .models import MODELS, Model
from .selection import Report, choose, improve, tournament

__all__ = [
    "MODELS",
    "Example",
    "Model",
    "Report",
    "accuracy",
    "choose",
    "confusion",
    "cross_validated",
    "improve",
    "make",
    "margin",
    "shuffled",
    "split",
    "tournament",
]
