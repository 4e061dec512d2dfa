"""Every operation, once: what the notebook, the terminal and the MCP server all call."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import EllipsisType
from typing import TYPE_CHECKING, Literal

import httpx
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame
from pydantic import SecretStr

import toolkit.data.accessor  # noqa: F401 — gives frames the methods under .seax
from toolkit.api.client import Client
from toolkit.api.paging import Progress
from toolkit.api.progress import telling
from toolkit.audience.caps import Cap
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import Audience
from toolkit.data.contacts import Contacts
from toolkit.errors import DraftError, LedgerUnavailable, ModeForbids, PlanNotFound, SettingsError
from toolkit.experiments.assignment import Assignment
from toolkit.experiments.result import Result
from toolkit.experiments.study import Study
from toolkit.ledger.anchor import read_anchor
from toolkit.ledger.audit import Audit
from toolkit.ledger.chain import Event
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.past_sends import past_experiments, read_past
from toolkit.ledger.plan_entry import Entry
from toolkit.ledger.uploads import keep_upload
from toolkit.machine import user_name
from toolkit.pages.page import HtmlPage
from toolkit.planning.imports import ContactFile, ImportCheck, read_columns, without_phones
from toolkit.planning.planner import Planner
from toolkit.planning.preflight import Past
from toolkit.planning.preflight.alone import check_text
from toolkit.planning.read import Sources
from toolkit.planning.wording import word
from toolkit.planning.zones import ZoneSplit
from toolkit.plans.approval import Approval, Asked, Needed
from toolkit.plans.cost import Preview
from toolkit.plans.draft import CampaignDraft, Draft, ImportDraft
from toolkit.plans.finding import Finding
from toolkit.plans.plan import Plan
from toolkit.plans.policy import SendPolicy, load_policy
from toolkit.plans.receipt import Receipt, StepReceipt
from toolkit.plans.states import State
from toolkit.records import Records
from toolkit.sections import Section
from toolkit.sending.approver import Approver, check_open, needed
from toolkit.sending.halt import KillSwitch
from toolkit.sending.keys import Approvers
from toolkit.sending.outbox import Outbox
from toolkit.sending.recipient_check import RecipientCheck, check_campaign_recipients, check_plan_recipients
from toolkit.sending.reconcile import Witness, reconcile
from toolkit.sending.refused_rows import refused_rows
from toolkit.sending.scheduled import scheduled
from toolkit.sending.statement import on_its_way
from toolkit.settings import Mode, Settings, allows

if TYPE_CHECKING:
    from toolkit.sandbox import Behaviour, Sandbox


def _utc_now() -> datetime:
    return datetime.now(UTC)


def connect(
    settings: Settings | None = None,
    *,
    mode: Mode | None = None,
    face: str = "",
    sandbox: Sandbox | None = None,
    transport: httpx.BaseTransport | None = None,
    now: Callable[[], datetime] = _utc_now,
) -> Workspace:
    """Connect to the workspace the environment names: the embedded one unless SEAX_API_KEY is set.

    `mode` lowers what is allowed (read, draft, test, live; see `Settings`) and never raises it. `face` is the caller
    in the ledger; by default notebook or code. `sandbox` is an embedded workspace opened elsewhere. `transport`
    and `now` stand in for the network and the clock.
    Raises SettingsError, in one sentence, if the environment or a file is wrong.
    """
    settings = settings or Settings.from_environment()
    if mode is not None:
        settings = settings.lowered(mode)
    policy = load_policy(settings.policy_path)
    try:
        ledger = Ledger(settings.ledger_path)
    except LedgerUnavailable as error:
        raise SettingsError(str(error)) from error
    keys = Approvers(settings.approvers_path, settings.approvers)
    if settings.api_key and settings.workspace_id:
        if keys.pinned:
            policy = policy.held_to(settings.signed_above, settings.two_person_above)
        client = Client(settings.base_url, settings.workspace_id, settings.api_key, transport=transport)
        return Workspace(
            client,
            ledger,
            settings,
            face=face or _face(),
            live=True,
            policy=policy,
            keys=keys,
            now=now,
            service_now=now,
        )
    box = sandbox or open_sandbox(settings)
    client = Client(box.base_url, box.workspace_id, SecretStr(box.api_key), transport=transport or box.transport())
    return Workspace(
        client,
        ledger,
        settings,
        face=face or _face(),
        live=False,
        policy=policy,
        keys=keys,
        now=now,
        service_now=box.clock.now,
        history=lambda: [*box.campaigns()],
        on_close=_nothing if sandbox else box.close,
    )


def open_sandbox(
    settings: Settings,
    *,
    contacts: int = 5_000,
    seed: int = 7,
    behaviour: Behaviour | None = None,
) -> Sandbox:
    """Open the embedded workspace of these settings, created with `contacts` people if new; SettingsError if not."""
    from toolkit.sandbox import Behaviour, Sandbox, SandboxError  # a live workspace never loads it

    try:
        return Sandbox(settings.sandbox_path, contacts=contacts, seed=seed, behaviour=behaviour or Behaviour())
    except SandboxError as error:
        raise SettingsError(f"{error} Or set SEAX_HOME to another folder.") from error


def _face() -> str:
    """The interface this runs in: a notebook, if there is a kernel, or a program."""
    ipython = sys.modules.get("IPython")
    return "notebook" if ipython and getattr(ipython.get_ipython(), "kernel", None) else "code"


def _nothing() -> None:
    pass


class Workspace(Records):
    """A SeaX workspace, live or embedded. Reading changes nothing; everything sent goes through `send`."""

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        settings: Settings,
        *,
        face: str,
        live: bool,
        policy: SendPolicy,
        keys: Approvers,
        now: Callable[[], datetime],
        service_now: Callable[[], datetime],
        history: Callable[[], Sequence[str]] = tuple,
        on_close: Callable[[], None] = _nothing,
    ) -> None:
        super().__init__(
            client,
            ledger,
            live=live,
            service_now=service_now,
            history=history,
            country=policy.country,
            label_names=policy.label_names,
        )
        self.policy = policy
        self.face = face
        self.mode: Mode = settings.mode
        self.switch = KillSwitch(settings.home)
        self._now = now
        self._on_close = on_close
        self._uploads = settings.home / "uploads"
        sources = Sources(client, self._reader, live, policy, self._past, service_now)
        self._planner = Planner(sources, keep=self.keep_file, now=now)
        self._keys = keys
        self._approver = Approver(ledger, policy, self._keys, now=now)
        self._outbox = Outbox(
            client,
            self._planner,
            ledger,
            policy=policy,
            keys=self._keys,
            mode=self.mode,
            switch=self.switch,
            via=self.face,
            campaigns=self.campaign_ids,
            now=now,
            service_now=service_now,
            live=live,
        )

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
            ["campaigns known here", f"{len(self.campaign_ids()):,}"],
            ["plans waiting for a person", f"{len(waiting):,}"],
        ]
        if self.live or self.mode != "live":
            rows.insert(2, ["mode", self.mode])
        begin = [
            ["ws.contacts(), ws.labels(), ws.phones()", "look around, as frames"],
            ["ws.audience(segment)", "who a segment reaches, and why others are excluded"],
            ["ws.plan(draft), then ws.send(plan.approve(…))", "see exactly what would be sent, and send it once"],
            ["ws.report(campaign_id), ws.logs(campaign_id)", "how it did"],
        ]
        return [Section(f"{'LIVE' if self.live else 'Embedded'} workspace", rows), Section("Where to begin", begin)]

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _past(self, but: str) -> Past:
        is_first = not self.campaign_ids()
        return read_past(self._ledger, self._address, self.policy, now=self._service_now(), is_first=is_first, but=but)

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

    def read_out(self, plan_id: str, orders: IntoFrame | None = None, *, contacts: Contacts | None = None) -> Result:
        """What the experiment of a plan showed, by the registration that was approved with it, and the verdict.

        Args:
            plan_id: the plan that was sent.
            orders: orders or events of your own, of pandas, Polars, DuckDB or Spark, with the columns that the metric
                names; also of people who were held out. Not needed where opt-outs or failures are all that is measured.
            contacts: a reading from before; by itself they are read now.

        Raises:
            DraftError: nothing was registered.
            UnknownColumn: the frame lacks a column.
            ToolkitError: nothing was sent yet, or the frame cannot be read.
        """
        entry = self.get_plan(plan_id)
        draft = entry.plan.draft
        if draft.kind != "campaign" or draft.experiment is None:
            raise DraftError(f"Plan {plan_id} has no experiment: `ws.report(campaign_id)` says how a campaign did.")
        steps = entry.receipt.steps if entry.receipt else ()
        campaigns = {x.reference: entry.plan.steps[x.number - 1].arm for x in steps if x.reference}
        contacts = self.snapshot() if contacts is None else self._reader.at_home(contacts)
        ran = past_experiments(self._ledger, self._address, but=plan_id)
        study = Study(
            draft.experiment,
            Assignment(entry.plan.assigned, contacts),
            self.logs(list(campaigns)),
            campaigns,
            {each.experiment.name: each.arms for each in ran if entry.receipt and each.until > entry.receipt.at},
            orders,
            self._service_now(),
        )
        return study.result()

    def memo(self, plan_id: str, orders: IntoFrame | None = None, *, contacts: Contacts | None = None) -> HtmlPage:
        """The decision memo of a plan's experiment as one HTML file: `ws.memo(plan_id, orders).save("memo.html")`.

        Arguments and errors are those of `read_out`. From the same ledger, log, contacts and orders it is the same,
        byte for byte.
        """
        from toolkit.pages.memo import memo

        result = self.read_out(plan_id, orders, contacts=contacts)
        entry = self.get_plan(plan_id)
        logs = self.logs(entry.receipt.campaign_ids if entry.receipt else ())
        return memo(entry.plan, self._ledger.approval_of(plan_id), result, logs)

    def check_plan_recipients(self, plan_id: str) -> RecipientCheck:
        """Whether all of a plan went to exactly the planned recipients: planned and missing, sent and unplanned."""
        entry = self.get_plan(plan_id)
        campaigns = entry.receipt.campaign_ids if entry.receipt else ()
        return check_plan_recipients(entry, self.logs(campaigns), self._reader.countries)

    def check_campaign_recipients(self, campaign_id: str, *, logs: pd.DataFrame | None = None) -> RecipientCheck:
        """Whether a campaign went to exactly the planned recipients; PlanNotFound if it was not sent from here."""
        entry = self._ledger.plan_of(self._address, campaign_id)
        if entry is None:
            raise PlanNotFound(
                f"Campaign {campaign_id} was not sent from this machine, so there is no plan to compare it with."
            )
        return check_campaign_recipients(
            entry, campaign_id, self.logs(campaign_id) if logs is None else logs, self._reader.countries
        )

    def refused_rows(self, job_id: str) -> pd.DataFrame:
        """The rows of an import that the service refused: their cells as uploaded, and `reason`, all `str`; the index
        is the row number.

        Corrected in a file, they can be imported again; `.seax.to_csv(path)` writes one. A service may list fewer rows
        than it refused: `ws.job(job_id).unnamed` is how many are missing. Raises PlanNotFound for a job that was not
        sent from this machine, DraftError if its file has changed or is gone.
        """
        job = self.job(job_id)
        entry = self._ledger.plan_of(self._address, job_id)
        if entry is None:
            raise PlanNotFound(f"Import {job_id} was not sent from this machine, so its file is not known here.")
        return refused_rows(self._planner.uploaded(entry.plan), job.errors)

    def check_import(
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

    def check_text(self, text: str) -> list[Finding]:
        """Findings on a text alone, without reading anything; a plan has all of them."""
        return check_text(text, policy=self.policy, now=self._service_now())

    def previews(self, text: str, audience: Audience) -> tuple[Preview, ...]:
        """What some recipients of an audience would read of a text, as a plan shows it."""
        return word(text, audience, is_filled=self._client.fills_placeholders).previews()

    def keep_file(self, name: str, content: bytes) -> Path:
        """Keep a contact file uploaded in a page and return its path, so that its plan works in every interface.

        It is removed a day later, when another file is kept.
        """
        return keep_upload(self._uploads, name, content, now=self._now().timestamp())

    def plan(self, draft: Draft, *, progress: Progress | None = None, read_others: bool = False) -> Plan:
        """What exactly would be sent; reads only. For a draft that was already sent, the plan it was sent as.

        `read_others` is recorded on the plan: its author had read text written by others, as an assistant does.

        Long reads and checks show progress and can be interrupted, as `contacts`; no plan is made then. Raises
        DraftError or SegmentError if the draft names something that is not there.
        """
        self._need("draft", "plan")
        self._ledger.expire(self._address, self._now())
        earlier = self._ledger.sent(self._planner.intent(draft))
        if earlier:
            plan = self._as_sent(earlier)
        else:
            with telling(progress):
                plan = self._planner.plan(draft).model_copy(update={"read_others": read_others})
            self._ledger.record_plan(plan, who=user_name(), via=self.face)
        plan._approve = self.approve
        return plan

    def checker(self, contacts: Contacts) -> Callable[[Draft], Plan]:
        """A function that shows what a plan of a draft would be on an earlier `ws.snapshot()`: findings while it is
        written.

        Nothing is recorded, so what it gives can be neither approved nor sent; only the senders are read, once.
        The function raises DraftError or SegmentError if the draft names something that is not there. Media are not
        asked for.
        """
        check = self._planner.checker(contacts)

        def checked(draft: Draft) -> Plan:
            earlier = self._ledger.sent(self._planner.intent(draft))
            return self._as_sent(earlier) if earlier else check(draft)

        return checked

    def _as_sent(self, earlier: Entry) -> Plan:
        plan = self._ledger.entry(earlier.plan.id).plan
        plan._already_sent = str(earlier.receipt or "It was sent, and its outcome is unknown.")
        return plan

    def split_by_zone(self, draft: CampaignDraft) -> ZoneSplit:
        """Split a campaign into ones that start in local daytime; `.drafts(draft)` makes scheduled campaigns of it."""
        return self._planner.zones(draft)

    def plans(self, *, states: Sequence[State] = (), limit: int = 50) -> list[Entry]:
        """Plans of this workspace in this machine's ledger, newest first, from every interface."""
        self._ledger.expire(self._address, self._now())
        return self._ledger.entries(self._address, states, limit=limit)

    def get_plan(self, plan_id: str) -> Entry:
        """One plan of this workspace, its state and its receipt; PlanNotFound if it does not exist."""
        entry = self._ledger.entry(plan_id)
        if entry.plan.workspace != self._address:
            raise PlanNotFound(f"Plan {plan_id} is for another workspace: plan the draft again in this one.")
        return entry

    def open_plan(self, plan_id: str) -> Entry:
        """One plan that can still be approved; otherwise PlanBlocked, PlanExpired, PlanWithdrawn or PlanNotFound."""
        entry = self.get_plan(plan_id)
        check_open(entry.plan, entry.state, self._now())
        return entry

    def approval_of(self, plan_id: str) -> Approval:
        """The latest approval of a plan, a signed one first; ApprovalInvalid if it has none."""
        return self._ledger.approval_of(self.get_plan(plan_id).plan.id)

    def approve(self, plan_id: str, *, recipients: int, by: str, via: Asked) -> Approval:
        """Record a person's approval of the exact number of recipients; see `toolkit.sending.approver`."""
        self._need("draft", "approve")
        return self._approver.approve(self.get_plan(plan_id).plan.id, recipients=recipients, by=by, via=via)

    def ask_at_terminal(self, plan_id: str, *, by: str, ask: Callable[[], str]) -> Approval:
        """Have the person at the terminal type the number of recipients; see `toolkit.sending.approver`."""
        self._need("draft", "approve")
        return self._approver.ask_at_terminal(self.get_plan(plan_id).plan.id, by=by, ask=ask)

    def sign_at_terminal(
        self, plan_id: str, *, approver: str, ask: Callable[[], str], ask_passphrase: Callable[[], SecretStr]
    ) -> Approval:
        """Have the person at the terminal type the number of recipients and the passphrase of their key."""
        self._need("draft", "approve")
        plan_id = self.get_plan(plan_id).plan.id
        return self._approver.sign_at_terminal(plan_id, approver=approver, ask=ask, ask_passphrase=ask_passphrase)

    def sign(self, plan_id: str, *, recipients: int, approver: str, passphrase: SecretStr) -> Approval:
        """Record an approver's signature, made with the key unlocked by their passphrase; see
        `toolkit.sending.keys`. The passphrase is not kept or passed on."""
        self._need("draft", "approve")
        plan_id = self.get_plan(plan_id).plan.id
        return self._approver.sign(plan_id, recipients=recipients, approver=approver, passphrase=passphrase)

    def needed(self, plan_id: str, *, can_ask: bool = True) -> Needed:
        """What is required to send a plan: how many approvers, and whether they have to sign."""
        plan = self.get_plan(plan_id).plan
        return needed(plan, self.policy, self._ledger.reached(plan, self._now()), can_ask=can_ask)

    def check_approved(self, plan_id: str) -> None:
        """Raise ApprovalRefused or ApprovalInvalid, with what is missing, unless a plan has the approvals it needs."""
        self._outbox.check_approved(self.get_plan(plan_id).plan)

    def approvers(self) -> dict[str, str]:
        """Who can sign here: the fingerprint of each public key, by name."""
        return self._keys.names()

    def send(self, approval: Approval) -> Receipt:
        """Send what was approved, once; see `toolkit.sending.outbox.Outbox.send`."""
        return self._outbox.send(approval)

    def close_plan(self, plan_id: str, outcome: Literal["declined", "withdrawn"], *, by: str, via: str) -> bool:
        """Close a plan that was not sent, or the rest of one sent in part; False if there is nothing to close.

        What the service already has stays with it: `ws.scheduled(plan_id)` is what still starts.
        """
        return self._ledger.close(self.get_plan(plan_id).plan.id, outcome, by=by, via=via, at=self._now())

    def on_its_way(self, plan_id: str) -> str:
        """What to do about a plan that was sent and whose outcome is unknown, in words."""
        return on_its_way(self._ledger, self.get_plan(plan_id), now=self._now())

    def scheduled(self, plan_id: str = "") -> list[StepReceipt]:
        """What the service already has, of one plan or of all sent from here, and will start later by itself.

        `ws.close_plan()` and `seax halt` do not stop it: cancel it in SeaX.
        """
        if plan_id:
            receipt = self.get_plan(plan_id).receipt
            return scheduled(receipt.steps if receipt else (), now=self._service_now())
        return scheduled(self._ledger.receipts(self._address), now=self._service_now())

    def reconcile(
        self,
        plan_id: str,
        *,
        found: str | EllipsisType | None = ...,
        by: str = "",
        ask: Callable[[str], str] | None = None,
    ) -> Receipt:
        """Settle a plan of unknown outcome: by asking the service, or with what somebody found in SeaX, an id or None.

        None is accepted only when the service, asked once more, has nothing of it, and nothing can still appear; on a
        live workspace a person has to type it at this process's terminal, with `ask`. Raises OutcomeUnknown, which says
        how to find out, where the service cannot tell; see `toolkit.sending.reconcile`.
        """
        witness = Witness(
            self._client,
            None if self.live else self._history,
            self._reader.snapshot,
            self._planner.uploaded,
            live=self.live,
            ask=ask,
        )
        plan_id = self.get_plan(plan_id).plan.id
        return reconcile(
            witness, self._ledger, plan_id, found=found, by=by or user_name(), via=self.face, now=self._now()
        )

    def events(self, plan_id: str) -> list[Event]:
        """What happened to a plan, oldest first."""
        return self._ledger.events(self.get_plan(plan_id).plan.id)

    def audit(self, anchor: str = "") -> Audit:
        """Check every row of this machine's ledger against its chain of events, and the chain against an anchor.

        An anchor is a line of `anchor` that was kept elsewhere. Raises SettingsError for anything else, ApprovalInvalid
        if its signature is not the approver's.
        """
        if not anchor:
            return self._ledger.verify()
        given = read_anchor(anchor)
        self._keys.verify_anchor(given)
        return self._ledger.verify(given)

    def anchor(self, *, approver: str = "", passphrase: SecretStr | None = None) -> str:
        """The latest seal of the ledger as a line to keep where this account has no access; an approver may sign it.

        Raises ApprovalRefused without that approver's key or passphrase.
        """
        anchor = self._ledger.anchor(self._now())
        return str(self._keys.sign_anchor(anchor, approver, passphrase) if approver and passphrase else anchor)

    def _need(self, mode: Mode, verb: str) -> None:
        if not allows(self.mode, mode):
            raise ModeForbids(f"Mode {self.mode} does not allow you to {verb}: set SEAX_MODE={mode}. Nothing was done.")
