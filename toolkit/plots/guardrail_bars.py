"""Guardrails: how much worse each arm is, as a part of the margin that was fixed before sending."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.experiments.guardrails import GuardrailOutcome, UnknownGuardrail
from toolkit.experiments.result import Result
from toolkit.plots.bars import MARGINS, ROW, name_rows
from toolkit.plots.canvas import GREEN, INK, VERMILLION, empty, fitted, picture, style
from toolkit.plots.rate_intervals import draw_intervals

if TYPE_CHECKING:
    from toolkit.plots.picture import Picture

_COLOURS = {"holds": GREEN, "gives way": VERMILLION, "open": INK}


def guardrails(result: Result, *, title: str = "What must not get worse") -> Picture:
    """A row a guardrail and arm of a read-out: its harm with the 95 % interval, in multiples of the margin.

    A guardrail holds where the whole interval lies on the left of 1, the margin, and gives way where it lies on the
    right of 0. Where nothing may be compared yet, the reasons stand instead.
    """
    if result.verdict is None:
        return empty(title, fitted(" ".join(result.problems), 70))
    found = [each for each in result.guardrails if isinstance(each, GuardrailOutcome)]
    unknown = [str(each) for each in result.guardrails if isinstance(each, UnknownGuardrail)]
    if not found:
        return empty(title, fitted(" ".join(unknown), 70) if unknown else "No guardrail was registered.")
    names = [f"{fitted(each.metric.name, 20)}, {fitted(each.effect.arm, 14)}" for each in found]
    said = [f"{_interval(each)}, at most {each.metric.gain(each.margin)}: {each.state}" for each in found]
    caption = (
        "How much worse than the control, with 95 % intervals, in multiples of the margin: at 0 there is none, the "
        "dashed line is the margin. Open: too few people to tell." + "".join(f" {each}" for each in unknown)
    )
    lines = [f"{name}: {words}" for name, words in zip(names, said, strict=True)]
    figure, axes = picture(title, caption, lines, height=MARGINS + 0.6 + ROW * len(found))
    draw_intervals(
        axes,
        np.array([each.harm for each in found]) / np.array([[each.margin] for each in found]),
        [_COLOURS[each.state] for each in found],
    )
    axes.axvline(0, color=INK, linewidth=1)
    axes.axvline(1, color=VERMILLION, linewidth=1, linestyle="--")
    axes.xaxis.set_major_formatter("{x:+g}")
    axes.set_xlabel("harm, in multiples of the margin", fontsize=9, **style())
    name_rows(axes, names, said)
    return figure


def _interval(guardrail: GuardrailOutcome) -> str:
    value, low, high = (guardrail.metric.gain(end).removesuffix(" points") for end in guardrail.harm)
    return f"{value} ({low} to {high})"
