"""How the arms of a sent plan stand: their people with rates, and the verdict of the read-out, when a person asks."""

from __future__ import annotations

from ipywidgets import HTML, VBox
from traitlets import Instance

from toolkit.api.snapshot_read import Progress
from toolkit.display import when
from toolkit.experiments.result import ArmCounts
from toolkit.plans.plan import Plan
from toolkit.widgets.fields.long_read import LongRead
from toolkit.widgets.views.markup import escaped, heading, hint, table
from toolkit.widgets.views.plan_view import arms_words
from toolkit.workspace import Workspace


class ArmsTable(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The arms of a plan's experiment; `value` is what was read last, None before. Nothing is read unasked."""

    value = Instance(ArmCounts, allow_none=True, read_only=True)

    def __init__(self, workspace: Workspace, plan: Plan) -> None:
        self._workspace = workspace
        self._plan = plan
        self._is_offered = False
        self._shown = HTML().add_class("seax-arm-counts")
        self._reading = LongRead("Show rates and verdict", self._read, self._show, called="read-arms")
        self._reading.offer(hint("They can be read once something was sent."), is_ready=False)
        super().__init__([HTML(heading("Arms") + f"<p>{escaped(arms_words(plan))}</p>"), self._shown, self._reading])
        self.add_class("seax-lines").add_class("seax-arms-table")

    def offer(self) -> None:
        """Let it be read: something was sent. A read in progress goes on."""
        if not self._is_offered:
            self._is_offered = True
            self._reading.offer("", is_ready=True)

    def wait(self, timeout: float) -> None:
        """Wait until the arms are read, up to a timeout in seconds."""
        self._reading.wait(timeout)

    def _read(self, progress: Progress) -> ArmCounts:
        return self._workspace.experiments.arms(self._plan.id, progress=progress)

    def _show(self, counts: ArmCounts) -> None:
        self.set_trait("value", counts)
        self._shown.value = f'<p role="status"><b>{escaped(counts.verdict)}</b></p>{table(counts.titles, counts.rows)}'
        self._shown.value += hint(counts.note) if counts.note else ""
        self._reading.offer(hint(f"Read at {when(self._workspace.service_time(), '%H:%M')}."), is_ready=True)
