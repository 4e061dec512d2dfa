"""From a draft to a plan: reads the service, changes nothing.

The same work is done twice for everything that is sent, once to show a person and once just before sending; what
differs between the two is what the outbox refuses on.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from toolkit.audience.caps import Cap, Starts
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import Audience, build_audience
from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts
from toolkit.errors import DraftError
from toolkit.models import ImportRequest
from toolkit.planning.address import address
from toolkit.planning.batches import day_caps, people_reached, split, split_by_arm, whom_it_can_address, zones
from toolkit.planning.freeze import Prepared, freeze
from toolkit.planning.imports import ContactFile, Rewrite
from toolkit.planning.label_file import label_file
from toolkit.planning.label_removal import RemovalCheck, check_removed
from toolkit.planning.preflight.checks import check_all, check_file
from toolkit.planning.read import DraftReading, Sources, intent, read, read_import, read_once
from toolkit.planning.texts import rewritten, word_all
from toolkit.planning.zones import ZoneSplit
from toolkit.plans.draft import LONGEST_NAME, CampaignDraft, Draft, ImportDraft
from toolkit.plans.finding import Finding
from toolkit.plans.plan import Plan
from toolkit.platform_support import release_memory


class Planner:
    """Plans drafts of one workspace; `keep` keeps a file to upload and returns its path, `now` is wall-clock time."""

    def __init__(self, sources: Sources, *, keep: Callable[[str, bytes], Path], now: Callable[[], datetime]) -> None:
        self._sources = sources
        self._keep = keep
        self._now = now

    def prepare(self, draft: Draft, *, approved: Plan | None = None, waiting: Sequence[int] = ()) -> Prepared:
        """Plan a draft, in six steps of which only the first reads.

        `approved` is the plan it was before, whose own messages are not counted as had; a campaign that was sent in
        part is planned for its steps that are `waiting`. Raises DraftError or SegmentError if the draft names what is
        not there, NotSupported if it asks what the service cannot do, ServiceError if reads fail.
        """
        return self._prepare(read(self._sources, draft, approved=approved, waiting=frozenset(waiting)))

    def checker(self, contacts: Contacts) -> Callable[[Draft], Plan]:
        """A function that shows what a plan of a draft would be on these contacts; what it gives is in no ledger."""
        reading = read_once(self._sources, contacts)
        return lambda draft: self._prepare(reading(draft)).plan

    def _prepare(self, reading: DraftReading) -> Prepared:
        recipients = split(reading)
        texts = word_all(reading, recipients)
        steps = address(reading, recipients, texts)
        for step in steps.each:
            self._sources.client.check(step.request)
        release_memory()
        findings = check_all(reading, recipients, texts, steps)
        plan_id = f"plan_{secrets.token_hex(8)}"
        return freeze(reading, recipients, texts, steps, findings, plan_id=plan_id, at=self._now())

    def plan(self, draft: Draft) -> Plan:
        """A plan to be shown; a copy of the file to upload is kept."""
        prepared = self.prepare(draft)
        release_memory()  # of the contacts
        plan, request = prepared.plan, prepared.requests.get(1)
        if plan.file is None or not isinstance(request, ImportRequest):
            return plan
        path = self._keep(request.filename, request.content)
        return plan.model_copy(update={"file": plan.file.model_copy(update={"path": path})})

    def intent(self, draft: Draft) -> str:
        """What makes two drafts the same intent."""
        return intent(self._sources.client, draft)

    def audience(
        self,
        segment: Segment,
        *,
        contacts: Contacts | None = None,
        caps: Sequence[Cap] = (),
        start_at: datetime | None = None,
    ) -> Audience:
        """A segment applied to all contacts, as they are now or were read; the policy caps beside `caps`, on messages
        sent at `start_at` or now."""
        sources, reader = self._sources, self._sources.reader
        past, now = sources.past(""), sources.service_now()
        policy_caps = day_caps(sources.policy, past, Starts(max(start_at or now, now)))
        contacts = reader.snapshot(segment=segment) if contacts is None else reader.at_home(contacts)
        caps = [*policy_caps, *caps]
        build = partial(
            build_audience, segment, contacts, live=sources.live, caps=caps, holdout=sources.policy.held_out
        )
        return whom_it_can_address(build, sources.client.most_named)

    def label_file(self, draft: CampaignDraft) -> ImportDraft:
        """The import of a file that gives the recipients of a campaign labels of their own; the file is kept."""
        path = self._keep("labels.csv", label_file(read(self._sources, draft)))
        name = f"Labels for {draft.name}"[:LONGEST_NAME]
        return ImportDraft(name=name, path=path, on_duplicate=self._sources.client.uniting)

    def check_removed(self, plan: Plan) -> RemovalCheck:
        """Who has the label that a plan removed, read now; DraftError for a plan that removes none."""
        return check_removed(plan, self._sources.reader.snapshot())

    def zones(self, draft: CampaignDraft) -> ZoneSplit:
        """Split a campaign by when its recipients can be texted."""
        reading = read(self._sources, draft)
        audience = people_reached(reading, draft, None if draft.by_zone else Starts(reading.start))
        drawn = draft.experiment.split(audience) if draft.experiment else None
        return zones(reading, split_by_arm(draft, audience, drawn), audience, start=reading.start)

    def uploaded(self, plan: Plan) -> bytes:
        """The uploaded file of an import; DraftError if its copy is missing or has changed."""
        path = plan.file.path if plan.file else None
        content = path.read_bytes() if path and path.is_file() else b""
        if plan.file is None or hashlib.sha256(content).hexdigest() != plan.file.sha256:
            raise DraftError(
                f"The uploaded file of plan {plan.id} is no longer here, as its copy is kept for a day: the "
                "job's errors list the refused rows by number."
            )
        return content

    def check_import(
        self, draft: ImportDraft, *, file: ContactFile | None = None, contacts: Contacts | None = None
    ) -> tuple[Rewrite, list[Finding]]:
        """The file to upload in place of the draft's, and its findings."""
        reading = read_import(self._sources, draft, file=file, contacts=contacts)
        made = rewritten(reading)
        return made, check_file(reading, draft, made)

    def are_suppressed(self, phones: Sequence[str], labels: Sequence[str]) -> Mask:
        """Whether somebody who has one of these labels now may have each of these numbers."""
        return self._sources.reader.have_label(phones, labels)
