"""A campaign for programs: each format in a module of its own, listed once in FORMATS.

A format makes texts or bytes by file name from what `Given` holds, and reads nothing else.
"""

from reports.exports.base import Format, Given, given
from reports.exports.catalogue import FORMATS

__all__ = ["FORMATS", "Format", "Given", "given"]
