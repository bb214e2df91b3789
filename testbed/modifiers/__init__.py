"""Modifiers: whatever proposes the next generation of a target."""

from testbed.modifiers.registry import make, names, origins

__all__ = ["make", "names", "origins"]
