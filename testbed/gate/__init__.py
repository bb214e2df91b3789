"""The bounds that a finished campaign must keep.

`bounds` reads them, `measures` finds what the summary reports under their names, `judge` says of each
condition whether a bound is kept, broken or undecided. Only `bounds` is imported here: the analysis
stays out of a campaign that asks for none.
"""

from testbed.gate.bounds import Bound, Gate, Undecided, parse

__all__ = ["Bound", "Gate", "Undecided", "parse"]
