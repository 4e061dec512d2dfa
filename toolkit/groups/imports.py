"""`ws.imports`: contact files before a plan, and what the service did with them after one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from toolkit.api.client import Client
from toolkit.api.progress import telling
from toolkit.api.snapshot_read import Progress
from toolkit.data.contacts import Contacts
from toolkit.errors import PlanNotFound
from toolkit.ledger.ledger import Ledger
from toolkit.models import DuplicateStrategy, Job
from toolkit.planning.imports import ContactFile, ImportCheck, read_columns, without_phones
from toolkit.planning.label_removal import RemovalCheck
from toolkit.planning.planner import Planner
from toolkit.plans.draft import CampaignDraft, ImportDraft
from toolkit.sending.refused_rows import refused_rows


class Imports:
    """Contact files of one workspace; `workspace` is its address, `keep` keeps an uploaded file."""

    def __init__(
        self, client: Client, ledger: Ledger, planner: Planner, *, workspace: str, keep: Callable[[str, bytes], Path]
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._planner = planner
        self._workspace = workspace
        self._keep = keep

    def check(
        self,
        draft: ImportDraft,
        *,
        file: ContactFile | None = None,
        contacts: Contacts | None = None,
        progress: Progress | None = None,
    ) -> ImportCheck:
        """How a contact file is read and its findings, without a plan: for trying mappings.

        `file` and `contacts` are earlier readings, from `read_columns(draft)` and `ws.snapshot()`. Raises
        DraftError if the file cannot be read at all.
        """
        with telling(progress):
            file = read_columns(draft) if file is None else file
            made, found = self._planner.check_import(draft, file=file, contacts=contacts)
        return ImportCheck(file=made.reading, findings=tuple(found), problem=without_phones(draft, file))

    def label(self, draft: CampaignDraft) -> ImportDraft:
        """An import that gives exactly the recipients of a campaign a label of their own, `seax:` and a digest of whom
        it is for; each arm of an experiment its own.

        For sets that neither labels nor ids reach, of any size, people without a label included. Plan it, have it
        approved and send it as any import; when its job has finished, plan the campaign's draft again. That plan reads
        all contacts, and compares whom the labels reach with the recipients id by id: a label that somebody is missing
        from, or that others have too, is not used alone. Raises DraftError if a recipient has no phone.

        Afterwards `LabelRemovalDraft` removes such a label again, with a plan and an approval of its own.
        """
        return self._planner.label_file(draft)

    def check_removal(self, plan_id: str) -> RemovalCheck:
        """Who still has the label that a plan of a `LabelRemovalDraft` removed: all contacts are read again, and
        compared with the plan's id by id."""
        return self._planner.check_removed(self._ledger.entry(plan_id).plan)

    def keep_file(self, name: str, content: bytes) -> Path:
        """Keep a contact file uploaded in a page and return its path, so that its plan works in every interface.

        It is removed a day later, when another file is kept.
        """
        return self._keep(name, content)

    @property
    def duplicate_strategies(self) -> tuple[DuplicateStrategy, ...]:
        """What this service can do with rows whose phone exists already: values of `on_duplicate`, the usual one
        first."""
        return self._client.duplicate_strategies

    def job(self, job_id: str) -> Job:
        """A background job, such as an import, with the rows it refused; NotSupported where the service does not
        report it."""
        return self._client.job(job_id)

    def follow(
        self, job_id: str, *, every: float = 0.5, sleep: Callable[[float], object] = time.sleep
    ) -> Iterator[Job]:
        """The job again and again, every few seconds, until it has finished or `sleep` returns True."""
        while True:
            job = self.job(job_id)
            yield job
            if job.is_finished or sleep(every) is True:
                return

    def refused_rows(self, job_id: str) -> pd.DataFrame:
        """The rows of an import that the service refused: their cells as uploaded, and `reason`, all `str`; the index
        is the row number.

        Corrected in a file, they can be imported again; `.seax.to_csv(path)` writes one. A service may list fewer rows
        than it refused: `ws.imports.job(job_id).unnamed` is how many are missing. Raises PlanNotFound for a job that
        was not sent from this machine, DraftError if its file has changed or is gone.
        """
        job = self.job(job_id)
        entry = self._ledger.plan_of(self._workspace, job_id)
        if entry is None:
            raise PlanNotFound(f"Import {job_id} was not sent from this machine, so its file is not known here.")
        return refused_rows(self._planner.uploaded(entry.plan), job.errors)
