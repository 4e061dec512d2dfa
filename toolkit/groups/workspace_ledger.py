"""`ws.ledger`: what is written down about each plan, what became of it, and whether the records are intact."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import EllipsisType
from typing import Literal

import pandas as pd
from pydantic import SecretStr

from toolkit.errors import NotSupported, PlanNotFound, ServiceError
from toolkit.ledger.anchor import read_anchor
from toolkit.ledger.audit import Audit
from toolkit.ledger.calendar import calendar_frame
from toolkit.ledger.chain import Event
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.plan_entry import Entry
from toolkit.ledger.transaction import LedgerAccess
from toolkit.models import Campaign
from toolkit.plans.receipt import Receipt, StepReceipt
from toolkit.platform_support import user_name
from toolkit.sending.approver import check_open
from toolkit.sending.approver_keys import Approvers
from toolkit.sending.recipient_check import RecipientCheck, check_campaign_recipients, check_plan_recipients
from toolkit.sending.reconciling.lost_step import Witness
from toolkit.sending.reconciling.reconcile import reconcile
from toolkit.sending.scheduled import held_words, scheduled
from toolkit.sending.sent_summary import on_its_way
from toolkit.workspace_reads import Records

_RECENT = timedelta(days=30)


class WorkspaceLedger:
    """The records of one workspace, `address`, in the ledger that every interface on this machine shares."""

    def __init__(
        self,
        records: Records,
        ledger: Ledger,
        *,
        address: str,
        countries: Callable[[], Sequence[str]],
        witness: Witness,
        keys: Approvers,
        face: str,
        now: Callable[[], datetime],
    ) -> None:
        self._records = records
        self._ledger = ledger
        self._address = address
        self._countries = countries
        self._witness = witness
        self._keys = keys
        self._face = face
        self._now = now

    def open_plan(self, plan_id: str) -> Entry:
        """One plan that can still be approved; otherwise PlanBlocked, PlanExpired, PlanWithdrawn or PlanNotFound."""
        entry = self._records.get_plan(plan_id)
        check_open(entry.plan, entry.state, self._now())
        return entry

    def close_plan(self, plan_id: str, outcome: Literal["declined", "withdrawn"], *, by: str, via: str) -> bool:
        """Close a plan that was not sent, or the rest of one sent in part; False if there is nothing to close.

        What the service already has stays with it: `ws.ledger.scheduled(plan_id)` is what still starts.
        """
        plan_id = self._records.get_plan(plan_id).plan.id
        return self._ledger.close(plan_id, outcome, by=by, via=via, at=self._now())

    def events(self, plan_id: str) -> list[Event]:
        """What happened to a plan, oldest first."""
        return self._ledger.events(self._records.get_plan(plan_id).plan.id)

    def wait_for_event(self, seconds: float, *, after: int = 0) -> int:
        """Wait until anybody's event is in a team's ledger after number `after`, or for these seconds, as
        always if the ledger is a file; returns the number of the last event that was noticed."""
        return self._ledger.wait_for_event(seconds, after=after)

    def on_its_way(self, plan_id: str) -> str:
        """What to do about a plan that was sent and whose outcome is unknown, in words."""
        return on_its_way(self._ledger, self._records.get_plan(plan_id), now=self._now())

    def scheduled(self, plan_id: str = "") -> list[StepReceipt]:
        """What the service already has, of one plan or of all sent from here, and will start later by itself.

        `close_plan` and `seax halt` do not stop it: `ws.cancel` does, or SeaX itself.
        """
        if plan_id:
            receipt = self._records.get_plan(plan_id).receipt
            return scheduled(receipt.steps if receipt else (), now=self._records.service_time())
        return scheduled(self._ledger.receipts(self._address), now=self._records.service_time())

    def calendar(self, *, limit: int = 200) -> pd.DataFrame:
        """What is planned, scheduled and sent from here, day by day: a row per step of the latest `limit` plans.

        Columns as `toolkit.ledger.calendar.calendar_frame`; `ws.table(ws.ledger.calendar())` sorts and filters it.
        """
        return calendar_frame(self._records.plans(limit=limit), self._records.service_time())

    @property
    def can_cancel(self) -> bool:
        """The service can be asked to cancel a campaign; otherwise only SeaX itself can.

        A service that was never asked how it is spoken to is asked now, and ServiceError raised if it does not answer.
        """
        try:
            self._witness.client.check_cancel("")
        except NotSupported:
            return False
        return True

    def scheduled_words(self, plan_id: str = "", *, cancel: str, with_names: bool = True) -> str:
        """What `scheduled` has and how to stop it, in a sentence; empty if that is nothing.

        `cancel` is how one is canceled in the interface that shows it, if the service can and answers.
        """
        held = self.scheduled(plan_id)
        try:
            return held_words(held, with_names=with_names, cancel=cancel if held and self.can_cancel else "")
        except ServiceError:
            return held_words(held, with_names=with_names)

    def unfinished(self) -> list[Campaign]:
        """The campaigns sent from here within 30 days that are scheduled or running, newest first, as the service
        reports them now."""
        since = self._records.service_time() - _RECENT
        sent = {
            each.campaign_id
            for each in self._ledger.receipts(self._address)
            if each.campaign_id and not each.canceled_at and max(each.at, each.start_at or each.at) >= since
        }
        return [campaign for campaign in self._reported(sent) if not campaign.is_finished]

    def _reported(self, ids: Collection[str]) -> list[Campaign]:
        if not self._witness.client.has_lists:
            found = map(self._records.campaign, ids)
            return sorted(found, key=lambda campaign: campaign.created_time, reverse=True)
        listed = list[Campaign]()
        for campaign in self._witness.client.campaigns() if ids else ():
            listed += [campaign] if campaign.id in ids else []
            if len(listed) == len(ids):
                break
        return listed

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
        how to find out, where the service cannot tell; see `toolkit.sending.reconciling.reconcile`.
        """
        plan_id, witness = self._records.get_plan(plan_id).plan.id, replace(self._witness, ask=ask)
        return reconcile(
            witness, self._ledger, plan_id, found=found, by=by or user_name(), via=self._face, now=self._now()
        )

    def check_plan_recipients(self, plan_id: str) -> RecipientCheck:
        """Whether all of a plan went to exactly the planned recipients: planned and missing, sent and unplanned."""
        entry = self._records.get_plan(plan_id)
        campaigns = entry.receipt.campaign_ids if entry.receipt else ()
        return check_plan_recipients(entry, self._records.logs(campaigns), self._countries)

    def check_campaign_recipients(self, campaign_id: str, *, logs: pd.DataFrame | None = None) -> RecipientCheck:
        """Whether a campaign went to exactly the planned recipients; PlanNotFound if it was not sent from here."""
        entry = self._ledger.plan_of(self._address, campaign_id)
        if entry is None:
            raise PlanNotFound(
                f"Campaign {campaign_id} was not sent from this machine, so there is no plan to compare it with."
            )
        logs = self._records.logs(campaign_id) if logs is None else logs
        return check_campaign_recipients(entry, campaign_id, logs, self._countries)

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

    def access(self) -> LedgerAccess | None:
        """What this login may do in a team's ledger in PostgreSQL; None for a file, which its owner may change."""
        return self._ledger.access()

    def anchor(self, *, approver: str = "", passphrase: SecretStr | None = None) -> str:
        """The latest seal of the ledger as a line to keep where this account has no access; an approver may sign it.

        Raises ApprovalRefused without that approver's key or passphrase.
        """
        anchor = self._ledger.anchor(self._now())
        return str(self._keys.sign_anchor(anchor, approver, passphrase) if approver and passphrase else anchor)
