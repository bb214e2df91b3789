"""Faults traced through the edits of a modifier that only gives back text."""

from testbed.tracing.trace import Said, Traced, Witnesses, healed_sites, problem, trace, undecided

__all__ = ["Said", "Traced", "Witnesses", "healed_sites", "problem", "trace", "undecided"]
