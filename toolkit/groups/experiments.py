"""`ws.experiments`: what the experiment of a plan showed, as registered when it was approved."""

from __future__ import annotations

from narwhals.stable.v2.typing import IntoFrame

from toolkit.api.snapshot_read import Progress
from toolkit.contact_reading import Reader
from toolkit.data.contacts import Contacts
from toolkit.errors import DraftError
from toolkit.experiments.assignment import Assignment
from toolkit.experiments.reported_outcomes import count_arms
from toolkit.experiments.result import ArmCounts, Result
from toolkit.experiments.study import Study
from toolkit.groups.replies import Replies
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.past_sends import past_experiments
from toolkit.pages.html_page import HtmlPage
from toolkit.workspace_reads import Records


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
        return count_arms(study, clicked)

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
