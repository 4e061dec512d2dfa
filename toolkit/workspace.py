"""Every operation, once: what the notebook, the terminal and the MCP server all call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import httpx
from pydantic import SecretStr

import toolkit.data.accessor  # noqa: F401 — gives frames the methods under .seax
from toolkit.api.caller import Caller
from toolkit.api.client import Client
from toolkit.api.dialect_detection import ServiceChoice, spoken_at
from toolkit.display import Section
from toolkit.errors import LedgerUnavailable, SettingsError
from toolkit.ledger.journal import Journal
from toolkit.plans.policy import load_policy
from toolkit.platform_support import user_name
from toolkit.sending.approver_keys import Approvers
from toolkit.sending.evidence import AS_REHEARSAL
from toolkit.settings import UNPROVEN, Mode, Settings, need
from toolkit.workspace_parts import WorkspaceParts

if TYPE_CHECKING:
    from toolkit.api.snapshot_read import Progress
    from toolkit.audience.caps import Cap
    from toolkit.audience.segment import Segment
    from toolkit.audience.waterfall import Audience
    from toolkit.data.contacts import Contacts
    from toolkit.groups.rehearsals import Rehearsals
    from toolkit.planning.zones import ZoneSplit
    from toolkit.plans.approval import Approval
    from toolkit.plans.draft import CampaignDraft, Draft
    from toolkit.plans.finding import Finding
    from toolkit.plans.plan import Plan
    from toolkit.plans.receipt import Receipt
    from toolkit.sandbox import Behaviour, Sandbox


def connect(
    settings: Settings | None = None,
    *,
    mode: Mode | None = None,
    face: str = "",
    sandbox: Sandbox | None = None,
    transport: httpx.BaseTransport | None = None,
    now: Callable[[], datetime] | None = None,
    ledger: str | None = None,
) -> Workspace:
    """Connect to the workspace the environment names: the embedded one unless SEAX_API_KEY is set.

    `mode` lowers what is allowed (read, draft, test, live; see `Settings`) and never raises it. `face` is the caller
    in the ledger; by default notebook or code. `sandbox` is an embedded workspace opened elsewhere. `transport`
    and `now` stand in for the network and the clock, which is that of the ledger; `ledger` is the address of one in
    PostgreSQL that stands in for that of the settings.
    Raises SettingsError, in one sentence, if the environment or a file is wrong.
    """
    settings = settings or Settings.from_environment()
    if mode is not None:
        settings = settings.lowered(mode)
    policy = load_policy(settings.policy_path)
    try:
        journal = Journal(ledger or settings.ledger_place, settings.home)
    except LedgerUnavailable as error:
        raise SettingsError(str(error)) from error
    now = now or journal.now
    keys = Approvers(settings.approvers_path, settings.approvers)
    if settings.api_key and settings.workspace_id:
        if keys.pinned:
            policy = policy.held_to(settings.signed_above, settings.two_person_above)
        service, key = ServiceChoice(settings, now), settings.api_key
        client = Client(Caller(settings.base_url, settings.workspace_id, key, dialect=service, transport=transport))
        return Workspace(
            client, journal, settings, face=face, live=True, policy=policy, keys=keys, now=now, service_now=now
        )
    box = sandbox or open_sandbox(settings)
    spoken, key = spoken_at(box.addresses, settings.dialect), SecretStr(box.api_key)
    transport = transport or box.transport()
    client = Client(Caller(spoken.base_url, box.workspace_id, key, dialect=spoken.dialect, transport=transport))
    return Workspace(
        client,
        journal,
        settings,
        face=face,
        live=False,
        policy=policy,
        keys=keys,
        now=now,
        service_now=box.clock.now,
        history=lambda: [*box.campaigns()],
        on_close=(lambda: None) if sandbox else box.close,
    )


def open_sandbox(
    settings: Settings, *, contacts: int = 5_000, seed: int = 7, behaviour: Behaviour | None = None
) -> Sandbox:
    """Open the embedded workspace of these settings, created with `contacts` people if new; SettingsError if not."""
    from toolkit.sandbox import Behaviour, Sandbox, SandboxError  # a live workspace never loads it

    try:
        return Sandbox(settings.sandbox_path, contacts=contacts, seed=seed, behaviour=behaviour or Behaviour())
    except SandboxError as error:
        raise SettingsError(f"{error} Or set SEAX_HOME to another folder.") from error


class Workspace(WorkspaceParts):
    """A SeaX workspace, live or embedded. Reading changes nothing; everything sent goes through `send`.

    The words of daily work are here; the rarer ones are in `approvals`, `experiments`, `imports`,
    `ledger`, `rehearsal` and `replies`.
    Work that is kept between sessions is in `drafts` and `segments`.
    """

    def __repr__(self) -> str:
        mode = f", mode {self.mode}" if self.live or self.mode != "live" else ""
        return f"<Workspace {'LIVE' if self.live else 'embedded'} {self.id}{mode}>"

    def describe(self) -> list[Section]:
        """Which workspace this is and where to begin; makes no request."""
        where = "LIVE: real people receive what you send" if self.live else "embedded: invented people, nothing is sent"
        waiting = self.plans(states=("planned", "approved"))
        rows = [
            ["workspace", self.id],
            ["kind", where],
            ["campaigns known here", f"{len(self._sent_from_here()):,}"],
            ["plans waiting for a person", f"{len(waiting):,}"],
        ]
        rows[2:2] = [["mode", self.mode]] if self.live or self.mode != "live" else []
        sending = self.rehearsal.sent_in
        rows += [["campaigns are sent in", sending]] if sending else []
        rows += [["service", f"{self._client.spoken or 'not asked yet'}. {UNPROVEN}"]] if self.live else []
        access = self._ledger.access()
        rows += [["ledger", f"a team's database, in which {access}"]] if access else []
        begin = [
            ["from toolkit.widgets import *", "then CampaignBuilder(ws): build, plan and send by clicking"],
            ["ws.contacts(), ws.labels(), ws.phones()", "look around, as frames"],
            ["ws.audience(segment)", "who a segment reaches, and why others are excluded"],
            ["ws.plan(draft), then ws.send(plan.approve(…))", "see exactly what would be sent, and send it once"],
            ["ws.report(campaign_id), ws.logs(campaign_id)", "how it did"],
        ]
        if self._client.spoken is None or self._client.spoken.dialect.LISTS:
            begin.append(
                ["ws.replies.opt_outs(since)", "who asked for no more messages since then, and would still get them"]
            )
        return [Section(f"{'LIVE' if self.live else 'Embedded'} workspace", rows), Section("Where to begin", begin)]

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close connections and, where it was opened here, the embedded workspace."""
        self._client.close()
        self._on_close()

    def audience(
        self,
        segment: Segment,
        *,
        contacts: Contacts | None = None,
        caps: Sequence[Cap] = (),
        start_at: datetime | None = None,
    ) -> Audience:
        """Who a segment would reach now, or at the time of a snapshot, and why others are excluded.

        The policy's `max_per_day` excludes who already has that many messages, sent or scheduled, within any 24 hours
        around `start_at` or now; so do `caps`, over other periods or with messages sent elsewhere:
        `Cap(3, "7d", messages_within(ws.logs([…]), "7d", as_of=…))`.
        """
        return self._planner.audience(segment, contacts=contacts, caps=caps, start_at=start_at)

    def check_text(self, text: str) -> list[Finding]:
        """Findings on a text alone, without reading anything; a plan has all of them."""
        from toolkit.planning.preflight.text_check import check_text

        return check_text(text, policy=self.policy, now=self._service_now())

    def plan(self, draft: Draft, *, progress: Progress | None = None, read_others: bool = False) -> Plan:
        """What exactly would be sent; reads only. For a draft that was already sent, the plan it was sent as.

        `read_others` is recorded on the plan: its author had read text written by others, as an assistant does.

        Long reads and checks show progress and can be interrupted, as `contacts`; no plan is made then. Raises
        DraftError or SegmentError if the draft names something that is not there.
        """
        return self._plan(draft, progress, read_others=read_others)

    def _plan(
        self, draft: Draft, progress: Progress | None = None, *, read_others: bool = False, stages: str = ""
    ) -> Plan:
        from toolkit.api.progress import telling
        from toolkit.groups.drafts import as_sent

        need(self.mode, "draft", "plan")
        self._ledger.expire(self._address, self._now())
        if earlier := self._ledger.sent(self._planner.intent(draft)):
            plan = as_sent(self._ledger, earlier)
        else:
            with telling(progress):
                plan = self._planner.plan(draft)
            stages = stages or (self.rehearsal.sent_in if draft.kind == "campaign" else "")
            plan = plan.model_copy(update={"read_others": read_others, "stages": stages})
            self._ledger.record_plan(plan, who=user_name(), via=self.face)
        plan._approve = self.approvals.approve
        return plan

    @cached_property
    def rehearsal(self) -> Rehearsals:
        """Proving, on the operator's own numbers, what nobody outside the service can know."""
        from toolkit.groups.rehearsals import Rehearsals

        return Rehearsals(
            self,
            self._client,
            self._evidence,
            plan=partial(self._plan, stages=AS_REHEARSAL),
            rehearse=self._outbox.rehearse,
            cancel=self.cancel,
            policy=self.policy,
            mode=self.mode,
            now=self._now,
        )

    def split_by_zone(self, draft: CampaignDraft) -> ZoneSplit:
        """Split a campaign into ones that start in local daytime; `.drafts(draft)` makes scheduled campaigns of it."""
        return self._planner.zones(draft)

    def table(self, frame: Any) -> Any:
        """Show a frame (contacts, logs, or any other), an audience with its waterfall, or a plan that was just made
        with its arms, as a table of a million rows.

        In a notebook it is sorted, searched and paged, with phone numbers masked; see `toolkit.widgets.FrameTable`.
        Elsewhere, or without the packages of a notebook, it is the frame itself.
        """
        if self.face != "notebook":
            return frame
        try:
            from toolkit import widgets  # this floor is below them: the package names them, when they are asked for

            return widgets.FrameTable(frame)
        except ModuleNotFoundError:  # no anywidget
            return frame

    def send(self, approval: Approval) -> Receipt:
        """Send what was approved, once; see `toolkit.sending.outbox.Outbox.send`."""
        return self._outbox.send(approval)
