"""`ws.rehearsal`: proving, on the operator's own numbers, what nobody outside the service can know.

A rehearsal is a plan like any other, which a person approves with its count. One campaign is sent in two stages while
the service is watched; another, a week before its start, is canceled. What was seen is kept with its date.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from toolkit.display import Described, Section
from toolkit.errors import DraftError, NotSupported, OutcomeUnknown, SendRefused
from toolkit.models import Frozen
from toolkit.plans.receipt import Receipt
from toolkit.sending.evidence import Evidence, EvidenceFile, Rehearsed, sent_in
from toolkit.settings import Mode, need

if TYPE_CHECKING:
    import pyarrow as pa

    from toolkit.api.client import Client
    from toolkit.plans.approval import Approval
    from toolkit.plans.plan import Plan
    from toolkit.plans.policy import SendPolicy
    from toolkit.sending.cancel import Cancellation
    from toolkit.workspace_reads import Records

TEXT = "This is a test of our text messages. Reply STOP to opt out."
_AHEAD = timedelta(days=7)  # of what is scheduled to be canceled
_LOOKS = (1, 2, 4, 8, 15, 30, 60)  # seconds between looks at what was launched
_REPEATED = "The service repeated the draft as it was asked for."


class RehearsalReport(Described, Frozen):
    """What a rehearsal saw, and whether that proves what it was for."""

    what: Rehearsed
    is_proven: bool
    seen: tuple[str, ...]
    receipt: Receipt

    def __str__(self) -> str:
        return f"{self.what} {'proven' if self.is_proven else 'NOT proven'}: {' '.join(self.seen)}"

    def describe(self) -> list[Section]:
        """What was seen, line by line."""
        return [Section(f"{self.what} {'proven' if self.is_proven else 'NOT proven'}", [[each] for each in self.seen])]


class Rehearsals:
    """Rehearsals of one workspace."""

    def __init__(
        self,
        records: Records,
        client: Client,
        evidence: EvidenceFile,
        *,
        plan: Callable[..., Plan],
        rehearse: Callable[[Approval, Callable[[str], None]], Receipt],
        cancel: Callable[..., Cancellation],
        policy: SendPolicy,
        mode: Mode,
        now: Callable[[], datetime],
    ) -> None:
        self._records = records
        self._client = client
        self._evidence = evidence
        self._plan = plan
        self._rehearse = rehearse
        self._cancel = cancel
        self._policy = policy
        self._mode = mode
        self._now = now

    @property
    def sent_in(self) -> str:
        """How campaigns are sent, by what was rehearsed; empty where the service keeps no drafts or was not asked."""
        return sent_in(self._client, self._evidence)

    def seen(self, what: Rehearsed) -> Evidence:
        """What was rehearsed last of this, with its day."""
        return self._evidence.of(what)

    def plan(self, what: Rehearsed = "two stages", *, sender: str = "") -> Plan:
        """A campaign to the first of the policy's `test_numbers` that is a contact, from a sender by name, number or
        id, else the default one; for `cancel` it starts a week later. Approve it as any other.

        Raises NotSupported where the service keeps no drafts, DraftError without such a number or sender.
        """
        from toolkit.audience.segment import Segment
        from toolkit.plans.draft import CampaignDraft

        if not self._client.has_stages:
            raise NotSupported("This service keeps no drafts: a campaign is sent in one request, without a rehearsal.")
        contacts = self._records.snapshot()
        numbers = contacts.table["phone"].to_pylist()
        own = next((number for number in self._policy.test_numbers if number in numbers), None)
        if own is None:
            raise DraftError(
                "None of the policy's test_numbers is the phone of a contact: list your own number there, written as "
                "+12025550147, and import it as a contact."
            )
        start = self._records.service_time() + _AHEAD if what == "cancel" else None
        draft = CampaignDraft(
            name=f"Rehearsal of {what}, {self._now():%Y-%m-%d %H:%M:%S}",
            message=TEXT,
            segment=Segment.from_contacts((str(contacts.ids[numbers.index(own)]),)),
            senders=(sender or self._usual_sender(),),
            start_at=start,
        )
        plan: Plan = self._plan(draft)
        return plan

    def run(
        self, approval: Approval, *, wait: float = 60.0, sleep: Callable[[float], object] = time.sleep
    ) -> RehearsalReport:
        """Send an approved rehearsal while watching the service: its draft for `wait` seconds, then its launch.

        What it proves is kept with its date; what it disproves takes back what was proven. Raises as `ws.send`, and
        OutcomeUnknown if a draft texts somebody before it is launched.
        """
        need(self._mode, "test", "rehearse")
        plan = self._records.get_plan(approval.plan_id).plan
        what: Rehearsed = "cancel" if plan.draft.kind == "campaign" and plan.draft.start_at else "two stages"
        disproved = False

        def watch(draft_id: str) -> None:
            nonlocal disproved
            sleep(wait)
            if (texted := self._log(draft_id).num_rows) or not self._client.echo(draft_id).is_draft:
                disproved = True
                raise OutcomeUnknown(
                    f"A draft texts people before it is launched ({texted:,} in the log of {draft_id})."
                )

        try:
            receipt = self._rehearse(approval, watch)
        except (SendRefused, OutcomeUnknown) as error:
            if disproved or type(error) is SendRefused:  # what the service repeats differs
                self._evidence.keep("two stages", Evidence())
            raise
        if receipt.repeated or receipt.campaign_id is None:
            raise DraftError("This rehearsal was sent before: plan another one.")
        look = self._canceled if what == "cancel" else self._launched
        is_proven, words = look(receipt.campaign_id, sleep)
        seen = (_REPEATED, f"The draft texted nobody for {wait:g} seconds.", words)
        self._evidence.keep(what, Evidence(on=f"{self._now():%Y-%m-%d}", seen=seen) if is_proven else Evidence())
        return RehearsalReport(what=what, is_proven=is_proven, seen=seen, receipt=receipt)

    def _usual_sender(self) -> str:
        able = [phone for phone in self._client.phones() if phone.enabled and phone.sms]
        chosen = [phone for phone in able if phone.is_default] or able
        if not chosen:
            raise DraftError("No sender of this workspace can text: name one with `sender`.")
        return chosen[0].id

    def _launched(self, campaign_id: str, sleep: Callable[[float], object]) -> tuple[bool, str]:
        """Whether a launch sent one message with its text, in words."""
        from toolkit.plans.plan_step import plain_form

        rows = self._log(campaign_id)
        for pause in _LOOKS:
            if rows.num_rows and self._client.campaign(campaign_id).is_finished:
                break
            sleep(pause)
            rows = self._log(campaign_id)
        texts = [plain_form(text or "") for text in rows["text"].to_pylist()]
        if rows.num_rows != 1:
            return False, f"Launched, it sent {rows.num_rows:,} messages within {sum(_LOOKS)} seconds, not one."
        if texts != [plain_form(TEXT)]:
            return False, "Launched, it sent one message, with another text."
        return True, f"Launched, it sent one message, with its text ({rows['status'][0].as_py()})."

    def _canceled(self, campaign_id: str, sleep: Callable[[float], object]) -> tuple[bool, str]:
        """Whether what was scheduled could be canceled, in words."""
        found = self._cancel(campaign_id, why="a rehearsal", sleep=sleep)
        statuses = self._log(campaign_id)["status"].to_pylist()
        is_proven = found.is_canceled and {*statuses} <= {"canceled"}
        return is_proven, f"Scheduled, it was asked to be canceled: {found}"

    def _log(self, campaign_id: str) -> pa.Table:
        from toolkit.sending.reconciling.lost_campaign import log_of

        return log_of(self._client, campaign_id)
