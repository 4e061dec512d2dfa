"""Figures of the experiments' statistics, from as many simulations as they are quoted for; `make soak` runs this."""

from __future__ import annotations

import sys

import numpy as np

from tests.experiments import simulations as sim
from tests.experiments.bench_experiments import contacts
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import build_audience
from toolkit.experiments.split import Experiment


def shared(count: int) -> int:
    """How many people are in two experiments that divide a layer's people."""
    everybody = build_audience(Segment.everyone(), contacts(count), live=False)
    first, second = (
        Experiment(name=name, arms={"a": 0.5, "b": 0.5}, layer="copy", slots=slots).split(everybody)
        for name, slots in (("one", (0.0, 0.37)), ("two", (0.37, 1.0)))
    )
    assert sum(first.counts.values()) + sum(second.counts.values()) == int(everybody.recipients.sum()) > 0
    return int(np.count_nonzero((first.places >= 0) & (second.places >= 0)))


def main(scale: float = 1.0) -> None:
    random = np.random.default_rng(20_261_201)

    def runs(count: int) -> int:
        return max(20, int(count * scale))

    rows: list[tuple[str, float, float, float]] = []  # what, measured, from, to
    for kind in ("share", "mean", "ratio", "adjusted"):
        found = sim.false_positives(kind, runs(10_000), random)
        rows.append((f"false positives, {kind}, 10,000 A/A", found, 0.045, 0.055))
    shares, means, ratios = sim.coverage(runs(4_000), random)
    rows.append(("coverage of a share's difference, 4,000", shares, 0.94, 0.96))
    rows.append(("coverage of an adjusted mean's difference, 4,000", means, 0.94, 0.96))
    rows.append(("coverage of a ratio's difference, 4,000", ratios, 0.94, 0.96))
    rows.append(("coverage of the lift over the holdout, 4,000", sim.lift_covered(runs(4_000), random), 0.94, 0.96))
    plain, adjusted = sim.widths(random)
    rows.append(("width of an interval, made up", plain, 2.3, 2.6))
    rows.append(("the same with values from before", adjusted, 1.3, 1.6))
    rows.append(("people whom two experiments of a layer share, of 1,000,000", shared(runs(1_000_000)), 0, 0))
    always, welch = sim.peeks_covered(runs(2_000), random)
    rows.append(("always-valid interval holds on all of 14 days, 2,000", always, 0.95, 1.0))
    rows.append(("Welch's does, for comparison", welch, 0.0, 0.9))
    quiet, _ = sim.peeks_covered(runs(2_000), random, gain=0.0)
    rows.append(("no gain is shown on any of 14 days where there is none, 2,000", quiet, 0.95, 1.0))
    rows.append(("planted harm of the margin is stopped, 2,000", sim.stopped(runs(2_000), random), 0.80, 1.0))
    rows.append(("the same over all that may happen", sim.power_of_guardrail(0.006, 0.005), 0.80, 1.0))
    for correction in ("holm", "benjamini_hochberg"):
        wrong, interactions = sim.family_errors(correction, runs(10_000), random)
        rows.append((f"20 null segments show one, {correction}, 10,000", wrong, 0.041, 0.056))  # by chance 0.007
        exact = sim.family_error(correction)
        rows.append((f"the same, {correction}, over all that may happen", exact, 0.045, 0.05))
        rows.append(("20 null segments show an interaction, 10,000", interactions, 0.04, 0.06))
    for spread in (0.0, 0.005, 0.01, 0.02, 0.04):
        held = sim.shrunk_covered(spread, runs(2_000), random)
        rows.append((f"coverage of 10 shrunk segments that differ by {spread:g}, 2,000", held, 0.93, 1.0))
    rows.append(("coverage of who stays, 2,000", sim.staying_covered(runs(2_000), random), 0.94, 0.96))
    raw, shrunk = sim.shrunk_errors(runs(2_000), random)
    rows.append(("error of shrunk segments, of that as measured", shrunk / raw, 0.0, 0.75))
    rows.append(("shipped without any effect, 2,000", sim.wrong_verdicts(runs(2_000), random)["ship"], 0.0, 0.03))
    rows.append(("calm weeks with an alarm, 12 measures, 2,000", sim.alarms(runs(2_000), random), 0.0, 0.05))
    caught = sim.alarms(runs(2_000), random, incident=2.5)
    rows.append(("incidents of 2.5 times the usual caught, 2,000", caught, 0.9, 1.0))
    for what, measured, low, high in rows:
        sys.stdout.write(
            f"{'ok ' if low <= measured <= high else 'BAD'} {what}: {measured:.4f} ({low:g} to {high:g})\n"
        )
    if not all(low <= measured <= high for _, measured, low, high in rows):
        raise SystemExit("A figure is outside of its range.")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
