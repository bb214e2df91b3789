"""The compounding-flaw testbed: how many flaws survive and grow under an automated modifier."""

__version__ = "0.1.0"
