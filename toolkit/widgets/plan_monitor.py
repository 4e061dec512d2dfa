"""Follows all campaigns of one plan, and shows their progress together."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC

from ipywidgets import HTML, Accordion, VBox
from traitlets import Tuple

from toolkit.display import when
from toolkit.plans.receipt import Receipt, StepReceipt
from toolkit.widgets.arms_table import ArmsTable
from toolkit.widgets.campaign_monitor import CampaignMonitor
from toolkit.widgets.campaign_watch import CampaignLook
from toolkit.widgets.views.markup import hint, look, refusals_in, status, table
from toolkit.widgets.views.progress_view import NONE_YET, Progressed, progress_bar
from toolkit.workspace import Workspace

_SOONER = (
    " The embedded workspace's clock runs an hour a second while a terminal, with the SEAX_HOME of this notebook, runs "
    "seax sandbox --speed 3600, until Ctrl+C."
)


class PlanMonitor(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A monitor for each campaign of a receipt, and their total; they are checked in turn, one each `every` seconds.

    `value` is the latest `Look` at each, or None, in the order of the steps.
    """

    value = Tuple(read_only=True)

    def __init__(self, workspace: Workspace, receipt: Receipt, *, every: float = 1.0) -> None:
        self._workspace = workspace
        self._plan_id = receipt.plan_id
        self._lock = threading.Lock()  # each monitor has a thread
        self._steps = receipt.steps
        plan = workspace.get_plan(receipt.plan_id).plan
        self._arms = {step.number: step.arm for step in plan.steps}
        self._compared = ArmsTable(workspace, plan) if any(self._arms.values()) else None
        sent = [(step, step.campaign_id) for step in receipt.steps if step.campaign_id]
        self._monitors = tuple(CampaignMonitor(workspace, each, every=every * len(sent)) for _, each in sent)
        self._sum = HTML(hint("Waiting for the first figures…")).add_class("seax-sum")
        each = Accordion(self._monitors, titles=[f"{step.number}. {step.what}" for step, _ in sent])
        for monitor in self._monitors:
            monitor.observe(lambda _: self._add_up(), "value")
        self._table = HTML().add_class("seax-steps")
        compared = [self._compared] if self._compared else []
        super().__init__([look(), VBox([self._sum, self._table, *compared, each.add_class("seax-campaigns")])])
        self.children[1].add_class("seax-lines")
        self.add_class("seax").add_class("seax-plan-monitor")

    def start(self) -> None:
        """Follow all of them, unless they are already being followed."""
        for monitor in self._monitors:
            monitor.start()

    def stop(self) -> None:
        """Stop following; the campaigns continue."""
        for monitor in self._monitors:
            monitor.stop()

    def close(self) -> None:
        """Remove it from the page, and stop following."""
        if self.comm is not None:  # otherwise its constructor failed, and there is nothing to stop
            self.stop()
        super().close()

    def wait(self, timeout: float) -> None:
        """Wait until none is followed any longer, up to a timeout in seconds for each."""
        for monitor in self._monitors:
            monitor.wait(timeout)

    def _add_up(self) -> None:
        with self._lock, refusals_in(self._sum):
            looks = tuple(monitor.value for monitor in self._monitors)
            self.set_trait("value", looks)
            counted = [each.campaign.statistics for each in looks if each is not None and each.campaign.statistics]
            done = sum(map(Progressed.of, counted), start=NONE_YET)
            text = _in_sum(looks, self._steps, done, live=self._workspace.live)
            if all(each is not None and each.is_settled and each.report is not None for each in looks):
                words = status(f"{text} {self._workspace.ledger.check_plan_recipients(self._plan_id)}")
            else:
                words = hint(text)
            self._sum.value = words + progress_bar(done)
            self._table.value = _table(looks, self._steps, self._arms)
            if self._compared and done.delivered + done.failed + done.pending:
                self._compared.offer()


def _table(looks: tuple[CampaignLook | None, ...], steps: Sequence[StepReceipt], arms: Mapping[int, str]) -> str:
    """A row for each step, then one for each arm, where an arm has several; a dash where nothing is known yet."""
    rows, sums, people, each_arm = [], dict.fromkeys(arms.values(), NONE_YET), Counter[str](), Counter(arms.values())
    has_arms = any(arms.values())
    for seen, step in zip(looks, [step for step in steps if step.campaign_id], strict=True):
        figures = seen.campaign.statistics if seen else None
        done = Progressed.of(figures) if figures and figures.sent + figures.failed else None
        arm = arms.get(step.number, "")
        sums[arm] = sums.get(arm, NONE_YET) + (done or NONE_YET)
        people[arm] += step.recipients
        state = seen.campaign.status if seen else ""
        start = f"{step.start_at.astimezone(UTC):%a %d %b %H:%M} UTC" if step.start_at else "at once"
        named = [arm] if has_arms else []
        rows.append([f"{step.number}", *named, start, state, f"{step.recipients:,}", *_numbers(done)])
    if has_arms and max(each_arm.values()) > 1:
        rows += [["all", arm, "", "", f"{people[arm]:,}", *_numbers(sums[arm])] for arm in sums]
    titles = ("step", *(["arm"] if has_arms else []), "starts", "state", "people", "delivered", "failed")
    return table((*titles, "no report yet"), rows)


def _numbers(done: Progressed | None) -> list[str]:
    return [f"{number:,}" for number in done[:3]] if done and sum(done[:3]) else ["–", "–", "–"]


def _in_sum(
    looks: tuple[CampaignLook | None, ...], steps: Sequence[StepReceipt], done: Progressed, *, live: bool
) -> str:
    finished = sum(each is not None and each.campaign.is_finished for each in looks)
    sent = [step for step in steps if step.campaign_id]
    first = min((step.start_at for step in sent if step.start_at), default=None)
    if not sum(done[:3]) and first is not None:
        people = sum(step.recipients for step in sent if step.start_at == first)
        return (
            f"Nothing was sent yet. The first {people:,} start {when(first)}. The service has all "
            f"{len(looks):,} steps and starts them without this notebook.{'' if live else _SOONER}"
        )
    pending = f" {done.pending:,} messages have no report yet." if done.pending else ""
    return f"{finished:,} of {len(looks):,} campaigns have finished sending.{pending}"  # the bar has the numbers, once
