"""`ws.experiments`: what the experiment of a plan showed, as registered when it was approved."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import numpy as np
from narwhals.stable.v2.typing import IntoFrame

from toolkit.api.snapshot_read import Progress
from toolkit.contact_reading import Reader
from toolkit.data.contacts import Contacts
from toolkit.engagement.outcomes import DELIVERED, REPORTED_WITHIN, WAITING
from toolkit.errors import DraftError, NotSupported, ToolkitError
from toolkit.experiments.assignment import Assignment
from toolkit.experiments.metric import OPT_OUTS, Metric
from toolkit.experiments.result import ArmCount, ArmCounts, Result
from toolkit.experiments.study import Study
from toolkit.groups.replies import Replies
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.past_sends import past_experiments
from toolkit.pages.html_page import HtmlPage
from toolkit.workspace_reads import Records

_CLICKS = Metric(name="a click", source="clicks")


class Experiments:
    """The experiments of one workspace's plans."""

    def __init__(self, records: Records, ledger: Ledger, reader: Reader, replies: Replies) -> None:
        self._records = records
        self._replies = replies
        self._ledger = ledger
        self._reader = reader

    def read_out(self, plan_id: str, orders: IntoFrame | None = None, *, contacts: Contacts | None = None) -> Result:
        """What the experiment of a plan showed, by the registration that was approved with it, and the verdict.

        Args:
            plan_id: the plan that was sent.
            orders: orders or events of your own, of pandas, Polars, DuckDB or Spark, with the columns that the metric
                names; also of people who were held out. Not needed where none are measured.
            contacts: a reading from before; by itself they are read now.

        Raises:
            DraftError: nothing was registered.
            UnknownColumn: the frame lacks a column.
            ToolkitError: nothing was sent yet, or the frame cannot be read.
        """
        return self._study(plan_id, orders, contacts, None).result()

    def arms(self, plan_id: str, *, contacts: Contacts | None = None, progress: Progress | None = None) -> ArmCounts:
        """How the arms of a plan stand, by people: sent, delivered, clicked, opted out; and the verdict of `read_out`,
        or why there is none yet.

        `clicked` is None where links are not shortened. Long reads call `progress` with rows read and rows in all.
        Raises DraftError if the plan has no experiment, ToolkitError if nothing was sent yet.
        """
        study = self._study(plan_id, None, contacts, progress)
        clicked: dict[str, int | None] = {}
        for campaign_id, arm in study.campaigns.items():
            clicks = self._records.campaign(campaign_id).clicks
            clicked[arm] = clicks if clicked.get(arm) is None else (clicked[arm] or 0) + (clicks or 0)
        receipt = self._records.get_plan(plan_id).receipt
        last = (
            max((step.start_at or receipt.at for step in receipt.steps), default=receipt.at) if receipt else study.now
        )
        return _counted(study, clicked, is_late=study.now - last >= REPORTED_WITHIN)

    def memo(self, plan_id: str, orders: IntoFrame | None = None, *, contacts: Contacts | None = None) -> HtmlPage:
        """The decision memo as one HTML file: `ws.experiments.memo(plan_id, orders).save("memo.html")`.

        Arguments and errors are those of `read_out`. From the same ledger, log, contacts and orders it is the same,
        byte for byte.
        """
        from toolkit.pages.memo import memo

        result = self.read_out(plan_id, orders, contacts=contacts)
        entry = self._records.get_plan(plan_id)
        logs = self._records.logs(entry.receipt.campaign_ids if entry.receipt else ())
        return memo(entry.plan, self._ledger.approval_of(plan_id), result, logs)

    def _study(
        self, plan_id: str, orders: IntoFrame | None, contacts: Contacts | None, progress: Progress | None
    ) -> Study:
        entry = self._records.get_plan(plan_id)
        draft = entry.plan.draft
        if draft.kind != "campaign" or draft.experiment is None:
            raise DraftError(f"Plan {plan_id} has no experiment: `ws.report(campaign_id)` says how a campaign did.")
        steps = entry.receipt.steps if entry.receipt else ()
        campaigns = {x.reference: entry.plan.steps[x.number - 1].arm for x in steps if x.reference}
        contacts = self._records.snapshot(progress=progress) if contacts is None else self._reader.at_home(contacts)
        ran = past_experiments(self._ledger, entry.plan.workspace, but=plan_id)
        return Study(
            draft.experiment,
            Assignment(entry.plan.assigned, contacts),
            self._records.logs(list(campaigns), progress=progress),
            campaigns,
            {each.experiment.name: each.arms for each in ran if entry.receipt and each.until > entry.receipt.at},
            orders,
            self._records.service_time(),
            self._replies.messages,
        )


def _counted(study: Study, clicked: Mapping[str, int | None], *, is_late: bool) -> ArmCounts:
    """The arms of an experiment as they stand, with its verdict; `clicked` by arm, for services that do not count it
    by person. Reports that are missing do not come if it `is_late`. ToolkitError if nothing was sent."""
    sent, delivered, waiting = study.reached(), study.reached(DELIVERED), study.reached(WAITING)
    opted_out = _by_arm(study, OPT_OUTS)
    if any(clicked.values()):
        with suppress(NotSupported):  # those of whole campaigns stand
            clicked = _by_arm(study, _CLICKS)
    texted = set(study.campaigns.values())
    arms = [
        ArmCount(
            arm=arm,
            people=len(ids),
            sent=sent[arm] if arm in texted else None,
            delivered=delivered[arm] if arm in texted else None,
            waiting=waiting[arm] if arm in texted else None,
            clicked=clicked.get(arm) if arm in texted else None,
            opted_out=opted_out[arm],
        )
        for arm, ids in study.assignment.groups.items()
        if ids
    ]
    settled = is_late or not any(arm.waiting for arm in arms)
    return ArmCounts(experiment=study.experiment.name, arms=tuple(arms), verdict=_verdict(study), settled=settled)


def _by_arm(study: Study, metric: Metric) -> dict[str, int]:
    """To how many people of each arm it happened."""
    happened, _ = study.reports.of(metric, study.assignment)
    counts = np.bincount(study.assignment.arms[happened], minlength=len(study.assignment.groups))
    return dict(zip(study.assignment.groups, counts.tolist(), strict=True))


def _verdict(study: Study) -> str:
    """The verdict by the registration in a sentence, or why there is none."""
    registration = study.experiment.registration
    if registration is None:
        return "Nothing was registered before sending, so there is no verdict."
    if problem := next(study.problems(), ""):
        return problem
    if registration.metric.source == "orders" and study.orders is None:
        return (
            f"“{registration.metric.name}” is counted from your own orders: with them, "
            "ws.experiments.read_out(plan_id, orders) has the verdict."
        )
    try:
        result = study.result()
    except ToolkitError as error:
        return str(error)
    return str(result.verdict or result.problems[0])
