"""Plots of the frames; see each function for the frame it takes."""

from toolkit.plots.effects import effects
from toolkit.plots.failure_pareto import failure_pareto
from toolkit.plots.forest import forest
from toolkit.plots.funnel import funnel
from toolkit.plots.heat_map import heat_map
from toolkit.plots.over_time import over_time
from toolkit.plots.overlap import overlap
from toolkit.plots.rate_intervals import rates
from toolkit.plots.staying import staying
from toolkit.plots.tier_bars import tiers

__all__ = [
    "effects",
    "failure_pareto",
    "forest",
    "funnel",
    "heat_map",
    "over_time",
    "overlap",
    "rates",
    "staying",
    "tiers",
]
