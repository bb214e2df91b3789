"""An optimiser and refactorer for the part of Python that it is written in."""

from selfhost.driver import PASSES, optimise, rebuild, show, tidy
from selfhost.errors import Unsupported

__all__ = ["PASSES", "Unsupported", "optimise", "rebuild", "show", "tidy"]
