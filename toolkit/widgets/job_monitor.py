"""Follows an import's job to its counts. The thread only reads the service; ending it changes nothing."""

from __future__ import annotations

import threading

from ipywidgets import HTML, Button, HBox, IntProgress, VBox
from traitlets import Instance

from toolkit.models import Job
from toolkit.widgets.markup import hint, refusal, refusals_in, status
from toolkit.workspace import Workspace


class JobMonitor(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A job that is looked at again and again until it has finished; `value` is the `Job` as it was seen last."""

    value = Instance(Job, allow_none=True, read_only=True)

    def __init__(self, workspace: Workspace, job_id: str, *, every: float = 0.5) -> None:
        self._workspace = workspace
        self._job_id = job_id
        self._every = every
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._bar = IntProgress(description="Progress", max=1).add_class("seax-progress")
        self._again = Button(description="Follow again").add_class("seax-follow")
        self._words = HTML(hint("Waiting for the first figures…")).add_class("seax-figures")
        self._again.on_click(lambda _: self.start())
        super().__init__([HBox([self._bar, self._again]), self._words])
        self.add_class("seax-monitor")

    def start(self) -> None:
        """Follow the job, unless it is being followed already."""
        if self._thread and self._thread.is_alive():
            return
        self._stopping.clear()
        self._again.disabled = True
        self._thread = threading.Thread(target=self._follow, name=f"follow {self._job_id}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop following; the job goes on."""
        self._stopping.set()

    def close(self) -> None:
        """Take it off the page, and stop following."""
        if self.comm is not None:  # else its constructor failed, and there is nothing to stop
            self.stop()
        super().close()

    def wait(self, timeout: float) -> None:
        """Wait until it is no longer followed, at most so many seconds."""
        if self._thread:
            self._thread.join(timeout)

    def _follow(self) -> None:
        with refusals_in(self._words):
            while not self._stopping.is_set():
                job = self._workspace.job(self._job_id)
                self._show(job)
                if job.is_finished:
                    break
                self._stopping.wait(self._every)
        self._again.disabled = False

    def _show(self, job: Job) -> None:
        self.set_trait("value", job)
        self._bar.max, self._bar.value = max(job.total, 1), job.processed
        text = f"The import is {job.status}: {job.processed:,} of {job.total:,} rows read, {job.failed:,} refused."
        shown = hint if not job.is_finished else refusal if job.failed else status
        self._words.value = shown(text)
