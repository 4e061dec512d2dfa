"""Plots of the frames; see each function for the frame it takes."""

from toolkit.plots.effects import effects
from toolkit.plots.failure_pareto import failure_pareto
from toolkit.plots.forest import forest
from toolkit.plots.funnel import funnel
from toolkit.plots.growth import list_growth
from toolkit.plots.guardrail_bars import guardrails
from toolkit.plots.hour_heat_map import heat_map
from toolkit.plots.over_time import over_time
from toolkit.plots.overlap import overlap
from toolkit.plots.rate_intervals import rates
from toolkit.plots.retention_map import retention
from toolkit.plots.rfm_map import rfm
from toolkit.plots.survival_curve import staying
from toolkit.plots.tier_bars import tiers
from toolkit.plots.week_overview import week

__all__ = [
    "effects",
    "failure_pareto",
    "forest",
    "funnel",
    "guardrails",
    "heat_map",
    "list_growth",
    "over_time",
    "overlap",
    "rates",
    "retention",
    "rfm",
    "staying",
    "tiers",
    "week",
]
