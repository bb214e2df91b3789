"""The report's figures: charts with their captions, legends and tables, all from the analysis."""

from reports.figures.amplification import blast, growth, live
from reports.figures.base import Figure, Panel
from reports.figures.belief import belief
from reports.figures.cost import cost
from reports.figures.factors import heat
from reports.figures.forecast import forecasted
from reports.figures.harm import harm
from reports.figures.hazards import hazards
from reports.figures.no_return import no_return
from reports.figures.oversight import effort, fates, outcomes
from reports.figures.persistence import families, shares_alive, survival
from reports.figures.unseen import unseen

__all__ = [
    "Figure",
    "Panel",
    "belief",
    "blast",
    "cost",
    "effort",
    "families",
    "fates",
    "forecasted",
    "growth",
    "harm",
    "hazards",
    "heat",
    "live",
    "no_return",
    "outcomes",
    "shares_alive",
    "survival",
    "unseen",
]
