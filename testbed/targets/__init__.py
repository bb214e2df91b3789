"""Target systems: built-in ones by name, a user's own by path."""

from testbed.targets.carving import carved_entries
from testbed.targets.interpreters import environment
from testbed.targets.resolve import resolve
from testbed.targets.target import Target, frozen_names

__all__ = ["Target", "carved_entries", "environment", "frozen_names", "resolve"]
