"""Follows an import's job to its counts and refused rows. The thread only reads the service; ending it changes nothing.

Reasons quote the file: on the page, which a notebook stores, phone numbers in them are masked. The file written by
the button contains the full rows.
"""

from __future__ import annotations

import re
import threading

from ipywidgets import HTML, Button, HBox, IntProgress, VBox
from traitlets import Instance

from toolkit.data.export import to_csv
from toolkit.display import as_html, number_of
from toolkit.models import Job
from toolkit.widgets.views.markup import hint, look, refusal, refusals_in, status
from toolkit.workspace import Workspace


class JobMonitor(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A job that is checked again and again until it has finished; `value` is the latest `Job`.

    Rows that the service refused are listed with its reasons, and a button writes them to a CSV file in the notebook's
    folder, to be corrected and imported again.
    """

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
        self._refused = HTML().add_class("seax-refused")
        self._save = Button(description="Save the refused rows as CSV", layout={"display": "none"})
        self._saved = HTML().add_class("seax-saved")
        self._again.on_click(lambda _: self.start())
        self._save.add_class("seax-save-refused").on_click(lambda _: self.save())
        row = HBox([self._bar, self._again]).add_class("seax-row")
        parts = VBox([row, self._words, self._refused, self._save, self._saved]).add_class("seax-lines")
        super().__init__([look(), parts])
        self.add_class("seax").add_class("seax-monitor")

    def start(self) -> None:
        """Follow the job, unless it is already being followed."""
        if self._thread and self._thread.is_alive():
            return
        self._stopping.clear()
        self._again.disabled = True
        self._thread = threading.Thread(target=self._follow, name=f"follow {self._job_id}", daemon=True)
        self._thread.start()

    def save(self) -> None:
        """Write the refused rows, with their reasons, to a file in the notebook's folder."""
        if self._save.disabled:
            return  # a second click that was on its way
        with refusals_in(self._saved):
            rows = self._workspace.imports.refused_rows(self._job_id)
            path = to_csv(rows, f"refused-rows-{re.sub(r'[^A-Za-z0-9_-]', '-', self._job_id)}.csv")
            self._save.disabled = True
            self._saved.value = status(
                f"{number_of(len(rows), 'row')} written to {path}: correct them there, and import that file."
            )

    def stop(self) -> None:
        """Stop following; the job continues."""
        self._stopping.set()

    def close(self) -> None:
        """Remove it from the page, and stop following."""
        if self.comm is not None:  # otherwise its constructor failed, and there is nothing to stop
            self.stop()
        super().close()

    def wait(self, timeout: float) -> None:
        """Wait until it is no longer followed, up to a timeout in seconds."""
        if self._thread:
            self._thread.join(timeout)

    def _follow(self) -> None:
        with refusals_in(self._words):
            for job in self._workspace.imports.follow(self._job_id, every=self._every, sleep=self._stopping.wait):
                self._show(job)
        self._again.disabled = False

    def _show(self, job: Job) -> None:
        self.set_trait("value", job)
        self._bar.max, self._bar.value = max(job.total, 1), job.processed
        shown = hint if not job.is_finished else refusal if job.failed else status
        self._words.value = shown(str(job))
        self._refused.value = as_html(job.describe()[1:])
        self._save.layout.display = None if job.is_finished and job.errors else "none"
