"""From a draft to a plan: reads the service, changes nothing.

The same work is done twice for everything that is sent, once to show a person and once just before sending; what
differs between the two is what the outbox refuses on.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from toolkit.api.progress import progressing
from toolkit.audience.caps import Cap
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import Audience
from toolkit.data.contacts import Contacts
from toolkit.errors import DraftError
from toolkit.models import CampaignSender, ImportRequest
from toolkit.planning.campaigns import Campaigns, Rest
from toolkit.planning.circumstances import Circumstances
from toolkit.planning.imports import ContactFile, Rewrite, read_bytes, read_file, rewrite
from toolkit.planning.imports.file_findings import SERVICE_COUNTRIES, check_import
from toolkit.planning.messages import outline_message, outline_messages, outline_test
from toolkit.planning.outline import Outline
from toolkit.planning.preflight import Past
from toolkit.planning.steps import Part, Request, digest
from toolkit.planning.steps import said as said_of
from toolkit.planning.zones import ZoneSplit
from toolkit.plans.catalogue import overridden
from toolkit.plans.draft import CampaignDraft, Draft, ImportDraft, MessageDraft, MessagesDraft, TestDraft
from toolkit.plans.finding import Finding
from toolkit.plans.plan import LIFETIME, Plan


@dataclass(frozen=True)
class Prepared:
    """A plan, and the requests that would carry out its steps, in order; none if there are no recipients.

    `suppressing` are the ids of the labels that keep people from being texted.
    """

    plan: Plan
    requests: tuple[Request, ...]
    suppressing: tuple[str, ...] = ()
    audience: Audience | None = None


class Planner:
    """Plans drafts in the circumstances of one workspace.

    `past` is its sends except one plan's, `keep` keeps a file to upload and returns its path, `now` is wall-clock
    time.
    """

    def __init__(
        self,
        circumstances: Circumstances,
        *,
        past: Callable[[str], Past],
        keep: Callable[[str, bytes], Path],
        now: Callable[[], datetime],
    ) -> None:
        self._here = circumstances
        self._past = past
        self._keep = keep
        self._now = now

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
        policy_caps = self._here.caps(self._past(""), self._here.starts(start_at))
        return self._here.audience(segment, [*policy_caps, *caps], contacts=contacts)

    def intent(self, draft: Draft) -> str:
        """What makes two drafts the same intent: the workspace and all of the draft except its times and overrides; a
        file by its bytes."""
        said = draft.model_dump(mode="json", exclude={"start_at", "end_at", "overrides"})
        if isinstance(draft, ImportDraft):
            said |= {"path": hashlib.sha256(read_bytes(draft)).hexdigest()}
        return digest(self._here.client.base_url, self._here.client.workspace_id, said)

    def prepare(self, draft: Draft, *, approved: Plan | None = None) -> Prepared:
        """Plan a draft; `approved` is the plan it was before, whose own messages are not counted as had.

        Raises DraftError or SegmentError if it names what is not there, ServiceError if reads fail.
        """
        past = self._past(approved.id if approved else "")
        match draft:
            case CampaignDraft():
                outline = Campaigns(self._here).outline(draft, past, approved)
            case MessageDraft():
                outline = outline_message(self._here, draft, past)
            case MessagesDraft():
                outline = outline_messages(self._here, draft, past)
            case TestDraft():
                outline = outline_test(self._here, draft)
            case ImportDraft():
                outline = self._import(draft, approved)
        requests = tuple(step.request for step in outline.steps)
        return Prepared(self._plan(draft, outline), requests, outline.suppressing, outline.audience)

    def rest(self, plan: Plan, draft: CampaignDraft, waiting: Sequence[int]) -> Rest:
        """The rest of a campaign of which some steps were sent; see `Campaigns.rest`."""
        return Campaigns(self._here).rest(plan, draft, waiting, self._past(plan.id))

    def zones(self, draft: CampaignDraft) -> ZoneSplit:
        """Split a campaign by when its recipients can be texted."""
        return Campaigns(self._here).zones(draft, self._past(""))

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
        if file is None:
            with progressing("reading") as shown:
                file = read_file(draft, progress=shown)
        reader = self._here.reader
        contacts = reader.snapshot() if contacts is None else reader.at_home(contacts)
        labels = [label.name for label in contacts.labels]
        regions = self._here.regions(draft.phone_country)
        with progressing("checking") as shown:
            made = rewrite(
                file,
                labels=labels,
                label_names=contacts.label_names,
                fields=contacts.field_names,
                regions=regions,
                progress=shown,
            )
        return made, overridden(check_import(made, draft, contacts, live=self._here.live), draft.overrides)

    def is_suppressed(self, phone: str, labels: Sequence[str]) -> bool:
        """Whether a contact that now has one of these labels may have this number."""
        return self._here.reader.has_label(phone, labels)

    def _import(self, draft: ImportDraft, approved: Plan | None) -> Outline:
        """A plan of the file to upload in place of the draft's; a copy is kept if it is not yet approved."""
        made, found = self.check_import(draft)
        path = (approved.file and approved.file.path) if approved else self._keep(draft.path.name, made.content)
        request = ImportRequest(
            filename=draft.path.name,
            content=made.content,
            on_duplicate=draft.on_duplicate,
            phone_country=draft.phone_country if draft.phone_country in SERVICE_COUNTRIES else None,
        )
        part = Part(what=draft.name, request=request, people=(), rows=made.reading.rows)
        return Outline([part], found, file=made.reading.model_copy(update={"path": path}))

    def _plan(self, draft: Draft, outline: Outline) -> Plan:
        client, steps, audience = self._here.client, outline.steps, outline.audience
        phones = [(phone.id, phone.phone) for phone in outline.senders]
        audience_digest = digest(*(step.people for step in steps))
        said = [said_of(step.request) for step in steps]
        read = outline.file.model_dump(mode="json", exclude={"path"}) if outline.file else None
        judged = draft.experiment if isinstance(draft, CampaignDraft) else None
        rule = judged.model_dump(mode="json") if judged else None
        request_digest = digest(client.base_url, client.workspace_id, said, phones, draft.overrides, read, rule)
        now = self._now().astimezone(UTC)
        plan = Plan(
            id=f"plan_{secrets.token_hex(8)}",
            digest=digest(audience_digest, request_digest),
            audience_digest=audience_digest,
            request_digest=request_digest,
            intent=self.intent(draft),
            base_url=client.base_url,
            workspace_id=client.workspace_id,
            live=self._here.live,
            draft=draft,
            recipients=sum(len(step.people) + step.rows for step in steps),
            selected=audience.selected if audience is not None else sum(step.rows for step in steps),
            waterfall=audience.waterfall if audience is not None else (),
            senders=tuple(CampaignSender(id=p.id, phone=p.phone, name=p.name) for p in outline.senders),
            addressing=tuple(outline.addressing),
            cost=outline.cost,
            previews=tuple(outline.previews),
            findings=tuple(outline.findings),
            file=outline.file,
            created_at=now,
            expires_at=now + LIFETIME,
            recipient_ids=tuple(contact_id for step in steps for contact_id, _ in step.people),
            steps=tuple(step.planned(at, phones) for at, step in enumerate(steps, 1)),
            not_texted=dict(outline.not_texted),
        )
        plan._audience = audience
        return plan
