# One file: every picture is drawn here once, and every test looks at all of them.
"""What holds of every picture: figures with what they are of, texts that stay text, and a place for each of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.image import imread
from matplotlib.text import Text

from tests.builders import START, make_contacts
from tests.experiments.simulations import share
from toolkit import plots
from toolkit.audience.segment import Segment
from toolkit.data.logs import STATUSES
from toolkit.engagement.counters import click_rates
from toolkit.engagement.engagement import by_campaign, by_label, funnel
from toolkit.engagement.failures import by_failure
from toolkit.engagement.hour_of_day import by_hour
from toolkit.engagement.periods import by_period
from toolkit.engagement.weekly.cohorts import list_growth, retention, rfm
from toolkit.engagement.weekly.shifts import shifts
from toolkit.engagement.weekly.survival import kaplan_meier
from toolkit.engagement.weekly.weeks import ListWeek, WeeklyReport
from toolkit.errors import SegmentError, UnknownColumn
from toolkit.experiments.effect import arm_effects as read_pairs
from toolkit.experiments.effect import compare_arms
from toolkit.experiments.guardrails import GuardrailOutcome
from toolkit.experiments.metric import OPT_OUTS, Metric
from toolkit.experiments.read_out import ArmResult, read_out
from toolkit.experiments.registration import Registration
from toolkit.experiments.result import Result
from toolkit.experiments.segments import by_segment
from toolkit.experiments.verdict import judge_experiment
from toolkit.plots import canvas
from toolkit.plots.picture import Picture

HOSTILE = "$\\frac{1}{0 </svg><script>alert(1)</script>\ngnp.exe\u202e\u202c 名前🌸 a\u0301\u0302\u0303" + "W" * 300
Draw = Callable[[pd.DataFrame], Picture]


def log(*statuses: str) -> pd.DataFrame:
    """One message a status, a minute apart, of a campaign whose id is an attack."""
    times = pd.Series([START + timedelta(minutes=i) for i in range(len(statuses))], dtype="datetime64[us, UTC]")
    sent = times.where(pd.Series([status != "failed" for status in statuses], dtype="bool"))
    texts = ["Landline (30006)" if status in {"failed", "undelivered"} else None for status in statuses]
    return pd.DataFrame(
        {
            "campaign_id": pd.Series([HOSTILE] * len(statuses), dtype="str"),
            "contact_id": pd.Series([str(i) for i in range(len(statuses))], dtype="str"),
            "status": pd.Categorical(statuses, STATUSES),
            "sent_time": sent,
            "delivered_time": sent.where(pd.Series([status == "delivered" for status in statuses], dtype="bool")),
            "error": pd.Series(texts, dtype="str"),
        }
    )


def labelled(logs: pd.DataFrame) -> pd.DataFrame:
    return by_label(logs, pd.DataFrame({"contact_id": logs["contact_id"], "label": HOSTILE}))


def draw_tiers(logs: pd.DataFrame) -> Picture:
    return plots.tiers(pd.DataFrame({"tier": ["engaged", "engaged", HOSTILE][: len(logs)]}, dtype="str"), title=HOSTILE)


def draw_overlap(logs: pd.DataFrame) -> Picture:
    rows = [{"id": str(i), "labels": [HOSTILE, "vip"][i % 2 :]} for i in range(len(logs))]
    contacts = make_contacts(rows, labels=[HOSTILE, "vip"])
    return plots.overlap({HOSTILE: Segment.any_of(HOSTILE), "vip": Segment.any_of("vip")}, contacts, title=HOSTILE)


def draw_forest(logs: pd.DataFrame) -> Picture:
    arms = [
        ArmResult(arm=HOSTILE + arm, assigned=10, sent=10, delivered=8, successes=len(logs) % 7 + i)
        for i, arm in enumerate("ab")
    ]
    return plots.forest(read_out(arms, fixed_time=START, now=START), title=HOSTILE)


def draw_early_forest(logs: pd.DataFrame) -> Picture:
    arms = [ArmResult(arm=arm, assigned=10, sent=10, delivered=8, successes=9) for arm in (HOSTILE, "b", "c")]
    return plots.forest(read_out(arms, fixed_time=START, now=START - timedelta(days=1)))


def read_effects(logs: pd.DataFrame, *, problems: tuple[str, ...] = (), guarded: bool = False) -> Result:
    """An experiment of two arms with hostile names, and a segment."""
    rule = Registration(metric=Metric(name=HOSTILE[:80]), control="a", least_lift=0.01, baseline=0.06)
    guards = [Metric(name=HOSTILE[:80], source="failures", better="lower"), OPT_OUTS] if guarded else []
    arms = {"a": share(60, 1_000), HOSTILE: share(60 + len(logs), 1_000)}
    found = read_pairs(rule, rule.metric, arms, [(HOSTILE, "a")])
    difference = (compare_arms(arms[HOSTILE], arms["a"], rule.metric), 2_000)
    return Result(
        experiment=HOSTILE,
        registration=rule,
        arms=(),
        since=START,
        until=START,
        fixed_time=START,
        effects=found,
        segments=(by_segment("tier", {HOSTILE: difference, "gold": difference}, [0.01, 0.5], correction="holm"),),
        guardrails=tuple(
            GuardrailOutcome(metric=metric, margin=0.02, effect=found[0], levels=("6.0 %", "6.0 %"))
            for metric in guards
        ),
        problems=problems,
        verdict=None if problems else judge_experiment(rule, found, [], per_arm=1_000),
    )


def draw_staying(logs: pd.DataFrame) -> Picture:
    return plots.staying(kaplan_meier(range(len(logs)), [at % 3 == 0 for at in range(len(logs))]), title=HOSTILE)


def people_of(logs: pd.DataFrame) -> pd.DataFrame:
    """Everybody of a log, who joined one after the other."""
    joined = [START - timedelta(days=20 + 9 * at) for at in range(len(logs))]
    times = pd.Series(joined, dtype="datetime64[us, UTC]")
    return pd.DataFrame({"id": logs["contact_id"], "created_time": times})


def draw_growth(logs: pd.DataFrame) -> Picture:
    seen = [START - timedelta(days=12), START - timedelta(days=6)]
    noticed = pd.DataFrame(
        {"after_time": seen, "before_time": [seen[0] + timedelta(hours=1), seen[1] + 2 * timedelta(days=4)]}
    )
    known = len(logs) > 1
    weeks = list_growth(
        people_of(logs),
        noticed if known else None,
        until=START + timedelta(days=7),
        known_since=START - timedelta(days=30),
    )
    return plots.list_growth(weeks, title=HOSTILE)


def draw_retention(logs: pd.DataFrame) -> Picture:
    as_of = START + timedelta(days=40)
    return plots.retention(retention(people_of(logs), logs, as_of=as_of), title=HOSTILE)


def draw_week(logs: pd.DataFrame) -> Picture:
    past = tuple((3 + at % 2, 1_000) for at in range(8))
    counts = {HOSTILE + str(at): (30 if at == 1 else at, 1_000) for at in range(len(logs) % 15)}
    report = WeeklyReport(
        week="2026-10",
        begins=START,
        read_at=START,
        attempted=(1,) * 9,
        delivered=1,
        waiting=0,
        blame={},
        campaigns=(),
        shifts=shifts(counts, dict.fromkeys(counts, past), worse={}),
        people=(ListWeek(begins=START, gained=1, opted_out_low=None, opted_out_high=None),),
        contacts=1,
    )
    return plots.week(report)


PICTURES: dict[str, Draw] = {
    "guardrails": lambda logs: plots.guardrails(read_effects(logs, guarded=True), title=HOSTILE),
    "no guardrails": lambda logs: plots.guardrails(read_effects(logs)),
    "early guardrails": lambda logs: plots.guardrails(read_effects(logs, problems=(f"Too early: {HOSTILE}",))),
    "list_growth": draw_growth,
    "retention": draw_retention,
    "rfm": lambda logs: plots.rfm(rfm(logs, as_of=START + timedelta(days=1)), title=HOSTILE),
    "week": draw_week,
    "effects": lambda logs: plots.effects(read_effects(logs), title=HOSTILE),
    "early effects": lambda logs: plots.effects(read_effects(logs, problems=(f"Too early: {HOSTILE}",))),
    "staying": draw_staying,
    "funnel": lambda logs: plots.funnel(funnel(logs), title=HOSTILE),
    "over_time": lambda logs: plots.over_time(by_period(logs), title=HOSTILE),
    "heat_map": lambda logs: plots.heat_map(by_hour(logs, zone="Asia/Kolkata"), zone="Asia/Kolkata", title=HOSTILE),
    "heat_map of rates": lambda logs: plots.heat_map(by_hour(logs, zone="UTC"), zone="UTC", show="delivered"),
    "failure_pareto": lambda logs: plots.failure_pareto(by_failure(logs), title=HOSTILE),
    "rates": lambda logs: plots.rates(by_campaign(logs), by="campaign_id", title=HOSTILE),
    "failure rates": lambda logs: plots.rates(labelled(logs), by="label", rate="failure"),
    "click rates": lambda logs: plots.rates(click_rates([]), by="name", rate="click"),
    "tiers": draw_tiers,
    "overlap": draw_overlap,
    "forest": draw_forest,
    "early forest": draw_early_forest,
}
LOGS = {
    "nothing": log(),
    "one message": log("delivered"),
    "one failure": log("failed"),
    "all kinds": log(*("delivered",) * 40, "sent", "undelivered", "failed", "queued"),
}


@pytest.mark.parametrize("logs", LOGS.values(), ids=LOGS)
@pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES)
def test_every_text_has_its_place_and_none_is_read_as_a_formula(draw: Draw, logs: pd.DataFrame) -> None:
    picture = draw(logs)
    picture.draw_without_rendering()

    texts = [
        text for text in picture.findobj(Text) if isinstance(text, Text) and text.get_text() and text.get_visible()
    ]
    assert texts
    for text in texts:
        x0, _, x1, _ = text.get_window_extent().extents
        assert x0 >= 0, text.get_text()
        assert x1 <= picture.bbox.width + 1, text.get_text()
        assert "$" not in text.get_text() or not text.get_parse_math()
        assert "\u202e" not in text.get_text()
        assert not any(line.startswith("gnp") for line in text.get_text().splitlines()), "a name broke its line"


@pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES)
def test_a_picture_shows_itself_and_reads_as_text(draw: Draw) -> None:
    picture = draw(LOGS["all kinds"])
    bundle = picture._repr_mimebundle_()
    pixels = imread(BytesIO(picture.png), format="png")

    assert str(picture) == bundle["text/plain"]
    assert "\u202e" not in picture.words
    assert pixels[0, 0, 3] == 0, "the ground is not transparent"
    assert pixels[..., 3].max() == 1


def test_words_say_counts_with_what_they_are_of_and_intervals() -> None:
    logs = LOGS["all kinds"]

    assert "delivered: 40 of 42 sent · 95.2 % (84.2 to 98.7 %)" in PICTURES["funnel"](logs).words
    assert "Delivered: 40 of 42 sent, 95.2 % (84.2 to 98.7 %), 95 % interval" in PICTURES["over_time"](logs).words
    assert "landline: suppress: 2 · 4.7 % (1.3 to 15.5 %) · 100.0 % so far" in PICTURES["failure_pareto"](logs).words
    assert "Shares are of 43 messages attempted" in PICTURES["failure_pareto"](logs).words
    assert "95.2 % (84.2 to 98.7 %) · 40 of 42" in PICTURES["rates"](logs).words
    assert "Tue 17:00: 42 sent, 95.2 % (84.2 to 98.7 %) delivered" in PICTURES["heat_map of rates"](logs).words
    assert "engaged: messages arrive, reliably: 2 · 66.7 %" in PICTURES["tiers"](logs).words
    assert "only vip: 22 · 50.0 %" in PICTURES["overlap"](logs).words
    assert "20.0 % (5.7 to 51.0 %) · 2 of 10 assigned" in PICTURES["forest"](logs).words
    assert "No arm is shown to be best." in PICTURES["forest"](logs).words
    assert "Too early" in PICTURES["early forest"](logs).words
    assert "0 to 1 opted out" in PICTURES["list_growth"](logs).words
    assert "opt-outs unknown" in draw_growth(LOGS["one message"]).words
    assert "When people opted out is not known without a mirror." in draw_growth(LOGS["one message"]).words
    assert "2026-02, month 1: 2 of 2, 100.0 % (34.2 to 100.0 %)" in PICTURES["retention"](logs).words
    assert "last reached within 7 days, 1 or more in 90 days: 40, 93.0 %" in PICTURES["rfm"](logs).words
    assert "+4.4 (+2.0 to +6.8), at most +2.0 points: gives way" in PICTURES["guardrails"](logs).words
    assert "No guardrail was registered." in PICTURES["no guardrails"](logs).words
    assert PICTURES["week"](logs).words.splitlines()[1].strip().startswith("ALERT ")


@pytest.mark.parametrize("colour", [canvas.INK, canvas.BLUE, canvas.VERMILLION, canvas.GREEN, canvas.PURPLE])
@pytest.mark.parametrize("ground", ["#ffffff", "#111111"])
def test_colours_stand_out_on_white_and_on_black(colour: str, ground: str) -> None:
    light, dark = sorted((luminance(colour), luminance(ground)), reverse=True)

    assert (light + 0.05) / (dark + 0.05) >= (4.2 if colour == canvas.INK else 3)


def luminance(colour: str) -> float:
    """As WCAG 2.2 defines it."""
    channels = np.array(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))


def test_a_wrong_frame_and_a_wrong_number_of_segments_are_refused_in_a_sentence() -> None:
    with pytest.raises(UnknownColumn, match="has no column 'step'"):
        plots.funnel(log("delivered"))
    with pytest.raises(SegmentError, match="2 to 8 segments, not 1"):
        plots.overlap({"vip": Segment.everyone()}, make_contacts([]))


def test_campaigns_are_drawn_in_the_order_they_are_named_and_the_smallest_of_many_are_left_out() -> None:
    logs = pd.concat([log(*["delivered"] * (i + 1)).assign(campaign_id=f"c{i}") for i in range(45)])
    names = {f"c{i}": f"number {i}" for i in reversed(range(45))}

    words = plots.rates(by_campaign(logs), by="campaign_id", names=names).words

    assert words.index("number 44:") < words.index("number 43:") < words.index("number 5:")
    assert "number 4:" not in words
    assert "5 more are not drawn" in words


def test_many_periods_are_put_together_and_few_stay_as_they_are() -> None:
    logs = log(*["delivered"] * 1_000)

    assert "A column is one minute" in plots.over_time(by_period(logs.head(80), every="minute")).words
    assert "A column is 13 minutes" in plots.over_time(by_period(logs, every="minute")).words
    assert "2026-03-03 17:13:00: 13 sent" in plots.over_time(by_period(logs, every="minute")).words
    assert "A column is one hour" in plots.over_time(by_period(logs)).words


def test_pyplot_which_keeps_figures_is_never_loaded() -> None:
    code = (
        "import sys, pandas as pd; from toolkit import plots\n"
        "plots.tiers(pd.DataFrame({'tier': ['new']})).png\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
