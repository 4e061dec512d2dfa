"""Experiments: how one is registered in a plan, and how it is read out by that registration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from mcp_server.guard.disclosure_control import SMALL_COUNT
from mcp_server.guard.tool_words import in_tool_words
from mcp_server.guard.untrusted import Echoed, clean, quoted
from mcp_server.tools.csv_page import as_csv
from mcp_server.tools.shared_folder import shared_csv
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from mcp_server.connection import Connection, OnProgress
    from toolkit.experiments.result import Result
    from toolkit.experiments.split import Experiment
    from toolkit.ledger.plan_entry import Entry
    from toolkit.plans.plan import Plan

CONTROL = "control"
_SEGMENT_COLUMNS = [
    *("column", "segment", "people", "difference", "low", "high", "p"),
    *("expected", "expected_low", "expected_high"),
]
_LAYER = re.compile(r"(?P<name>.+?) +(?P<begin>[01]|[01]?\.\d+) ?[-–] ?(?P<end>[01]|[01]?\.\d+)")


class OtherText(BaseModel):
    """The text of an experiment's arm."""

    model_config = ConfigDict(extra="forbid")

    arm: Annotated[str, Field(min_length=1, max_length=60)]
    text: Annotated[str, Field(min_length=1, max_length=1600)]


def _arms(given: object) -> object:
    """The same, if each arm has a text; what arms look like in the refusal, as the types alone do not say it."""
    if not (isinstance(given, list) and all(isinstance(each, dict) and _is_arm(each) for each in given)):
        raise ValueError(
            'arms are the other texts with their names, as [{"arm": "friendly", "text": "Hello you! …"}]; message is '
            "the text of control, and all shares are equal"
        )
    if twice := [each["arm"] for at, each in enumerate(given) if each["arm"] in [x["arm"] for x in given[:at]]]:
        raise ValueError(f"two arms cannot have the name {twice[0]!r}: give one another")
    return given


def _is_arm(given: dict[str, object]) -> bool:
    return given.keys() == {"arm", "text"} and all(isinstance(value, str) for value in given.values())


Arms = Annotated[
    list[OtherText],
    BeforeValidator(_arms),
    Field(
        max_length=5, description="For an experiment: other texts by arm; `message` is the arm control. Equal shares."
    ),
]
Holdout = Annotated[float, Field(ge=0, le=0.5, description="Share who get nothing, to see what texting brings.")]
Outcome = Annotated[
    Literal["order", "amount", "opt_out", "failure"],
    Field(description="Judged by: people with an order, mean amount, people who opt out or fail."),
]
LeastLift = Annotated[float, Field(ge=0, le=1e9, description="Gain that is worth it: 0.01 is one point of a share.")]
Baseline = Annotated[float, Field(ge=0, le=1e9, description="What control is expected to show.")]
Spread = Annotated[float, Field(ge=0, le=1e9, description="Standard deviation of amounts between people.")]
WaitHours = Annotated[int, Field(ge=1, le=720, description="Hours until arms are compared.")]
Strata = Annotated[
    str, Field(max_length=200, description="Column that arms have alike and results show, as field.tier.")
]
Layer = Annotated[
    str, Field(max_length=80, description="Experiments of a layer share nobody: name and slots, as copy 0-0.5.")
]
BeforeDays = Annotated[int, Field(ge=0, le=365, description="Days of orders before that narrow intervals (CUPED).")]
Buyer = Annotated[Literal["contact_id", "phone"], Field(description="Column of orders that names people.")]
OrdersFile = Annotated[
    str,
    Field(
        pattern=r"^[^/\\\x00-\x1f]{0,200}$",
        description="An experiment's orders: a CSV file in the exchange folder, with contact_id or phone, time with "
        "zone, amount.",
    ),
]
_OPT_OUTS_MORE = 0.01  # points more than control, at which the guardrail gives way


class ExperimentReport(BaseModel):
    """An experiment by its registration. `arms` and `differences` are CSV with 95 % intervals and adjusted p-values,
    without values until there is a `verdict`, as a look before the time would be a peek. `segments` are CSV, too:
    `expected` is what to expect of one next time, `by_segment` whether they differ at all."""

    name: Echoed
    verdict: Literal["ship", "stop", "extend", "none"]
    why: Echoed
    arms: Echoed
    differences: Echoed
    guardrails: list[Echoed]
    by_segment: list[Echoed]
    segments: Echoed
    notes: list[Echoed]


def experiment(
    name: str,
    arms: Sequence[str],
    *,
    holdout: float,
    outcome: str,
    least_lift: float,
    baseline: float,
    spread: float,
    wait_hours: int,
    strata: str,
    layer: str,
    before_days: int,
    by: Literal["contact_id", "phone"],
) -> Experiment | None:
    """The experiment of these arguments, with opt-outs as a guardrail; None without arms.

    Raises ToolError if something is missing, DraftError if it does not fit together.
    """
    from toolkit.experiments.metric import FAILURES, OPT_OUTS, Metric  # first use
    from toolkit.experiments.registration import Guardrail, Registration
    from toolkit.experiments.split import Experiment

    if not arms:
        for term, given in {"holdout": holdout, "layer": layer, "strata": strata, "before_days": before_days}.items():
            if given:
                raise ToolError(f"{term} is of an experiment: give the other texts as arms. Nothing was planned.")
        return None
    if not least_lift or not baseline:
        raise ToolError(
            "An experiment is registered with least_lift and baseline: ask the person which gain is worth it, and what "
            "is usual. Nothing was planned."
        )
    metric = {
        "order": Metric(name="an order", by=by),
        "amount": Metric(name="amount", kind="mean", value="amount", by=by),
        "opt_out": OPT_OUTS,
        "failure": FAILURES,
    }[outcome]
    guardrails = () if metric == OPT_OUTS else (Guardrail(metric=OPT_OUTS, margin=_OPT_OUTS_MORE),)
    return Experiment(
        name=name,
        arms=dict.fromkeys([CONTROL, *arms], 1 / (1 + len(arms))),
        holdout=holdout,
        wait=timedelta(hours=wait_hours),
        strata=strata,
        **_slots(layer),
        registration=Registration(
            metric=metric,
            control=CONTROL,
            least_lift=least_lift,
            baseline=baseline,
            spread=spread or None,
            guardrails=guardrails,
            before=timedelta(days=before_days) if before_days else None,
            segments=(strata,) if strata else (),
        ),
    )


def _slots(layer: str) -> dict[str, Any]:
    """The layer and its slots of a text such as copy 0-0.5; ToolError for another."""
    if not layer:
        return {}
    found = _LAYER.fullmatch(layer.strip())
    if found is None:
        raise ToolError("layer is a name and two shares of its people, as copy 0-0.5. Nothing was planned.")
    return {"layer": found["name"], "slots": (float(found["begin"]), float(found["end"]))}


def registered(plan: Plan) -> list[str]:
    """How many people are in each arm of an experiment, and how it will be judged: a line each."""
    if plan.draft.kind != "campaign" or plan.draft.experiment is None:
        return []
    rows = [[f"arm {arm}", f"{len(ids):,} people"] for arm, ids in plan.assigned.items()]
    return [clean(": ".join(row), 300) for row in (*rows, *plan.draft.experiment.registered())]


def experiment_report(here: Connection, campaign_id: str, orders: str, progress: OnProgress) -> ExperimentReport | None:
    """The read-out of the experiment that a campaign belongs to; None if it belongs to none that was registered."""
    entry = _plan_of(here, campaign_id)
    if entry is None or entry.plan.draft.kind != "campaign" or entry.plan.draft.experiment is None:
        return None
    named, rule = entry.plan.draft.experiment.name, entry.plan.draft.experiment.registration
    if rule is None:
        return None
    metric = rule.metric
    if metric.source == "orders" and not orders:
        columns = ", ".join(filter(None, (metric.by, metric.time, metric.value, metric.per, metric.order)))
        return _report(f"It is judged by orders: give orders, a CSV file with the columns {columns}.", named)
    try:
        return _read(here, entry.plan.id, orders, metric.time, progress)
    except ToolkitError as error:  # it may quote the file
        raise ToolError(f"The experiment was not read out: {quoted(in_tool_words(str(error)))}") from None


def _plan_of(here: Connection, campaign_id: str) -> Entry | None:
    entries = here.workspace.plans(limit=1_000)
    return next((each for each in entries if each.receipt and campaign_id in each.receipt.campaign_ids), None)


def _read(here: Connection, plan_id: str, orders: str, times: str, progress: OnProgress) -> ExperimentReport:
    from toolkit.experiments.order_rows import read_orders  # first use: it needs pandas

    frame = read_orders(shared_csv(here, orders), times=times) if orders else None
    result = here.workspace.experiments.read_out(plan_id, frame, contacts=here.contacts(progress))
    verdict = result.verdict
    if verdict is None:
        return _report(" ".join(result.problems), result.experiment, result)
    metric = result.registration.metric
    arms = [[x.arm, x.assigned, x.sent, x.delivered, metric.said(x.value), x.value, x.low, x.high] for x in result.arms]
    compared = [*result.effects, *([result.lift] if result.lift else [])]
    pairs = [[x.arm, x.other, x.difference, x.low, x.high, x.p, x.words(metric)] for x in compared]
    return ExperimentReport(
        name=clean(result.experiment),
        verdict=verdict.word,
        why=clean(verdict.why, 1_000),
        arms=_csv(arms, ["arm", "assigned", "sent", "delivered", "in_words", "value", "low", "high"]),
        differences=_csv(pairs, ["arm", "other", "difference", "low", "high", "p", "in_words"]),
        guardrails=[clean(str(each), 400) for each in result.guardrails],
        by_segment=[clean(str(each), 400) for each in result.segments],
        segments=_csv([*_segments(result, few=0 if here.options.pii else SMALL_COUNT)], _SEGMENT_COLUMNS),
        notes=[clean(in_tool_words(each), 400) for each in (*result.checks, *result.notes)],
    )


def _segments(result: Result, few: int) -> Iterator[list[object]]:
    """Each segment; of a few people without numbers, as a handful could be recognised."""
    for column in result.segments:
        for each in column.segments:
            numbers = (each.difference, each.low, each.high, each.p, each.shrunk, each.shrunk_low, each.shrunk_high)
            yield [
                column.column,
                each.segment,
                *((each.people, *numbers) if each.people >= few else (f"<{few}",) + 7 * ("",)),
            ]


def _report(why: str, name: str, result: Result | None = None) -> ExperimentReport:
    """A report without a verdict."""
    arms = [[x.arm, x.assigned, x.sent, x.delivered] for x in result.arms] if result else []
    return ExperimentReport(
        name=clean(name),
        verdict="none",
        why=clean(in_tool_words(why), 1_000),
        arms=_csv(arms, ["arm", "assigned", "sent", "delivered"]),
        differences="",
        guardrails=[],
        by_segment=[],
        segments="",
        notes=[clean(in_tool_words(each), 400) for each in (*result.checks, *result.notes)] if result else [],
    )


def _csv(rows: Sequence[Sequence[object]], columns: list[str]) -> str:
    import pandas as pd  # first use

    return as_csv(pd.DataFrame(rows, columns=columns, dtype="object"))[0] if rows else ""
