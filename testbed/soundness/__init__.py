"""Is a modifier sound? Lineages without faults: every generation must do what the reference does."""

from testbed.soundness.lineage import lineage
from testbed.soundness.records import Asked, Deviation, Tally

__all__ = ["Asked", "Deviation", "Tally", "lineage"]
