"""From a campaign's facts to its numbers.

`read` the facts once, make data frames from them (`frames`), and compute from the frames
(`persistence`, `amplification`, `oversight`); or take the whole at once as `summarise`.
Every number is an `Estimate` with its interval, or says why it has none.
"""

from testbed.analysis.estimates import Estimate
from testbed.analysis.evidence import Evidence, LineageRecords, read
from testbed.analysis.frames import conditions, faults, generations, ladder, lineages, reviews, timings
from testbed.analysis.source import Facts
from testbed.analysis.summary import SUMMARY_SCHEMA, dumps, summarise

__all__ = [
    "SUMMARY_SCHEMA",
    "Estimate",
    "Evidence",
    "Facts",
    "LineageRecords",
    "conditions",
    "dumps",
    "faults",
    "generations",
    "ladder",
    "lineages",
    "read",
    "reviews",
    "summarise",
    "timings",
]
