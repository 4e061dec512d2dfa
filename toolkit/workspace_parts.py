"""What a workspace is put together of. Each part is imported when it is first used, so that connecting is quick."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from toolkit.sending.evidence import EvidenceFile
from toolkit.sending.kill_switch import KillSwitch
from toolkit.settings import Mode, Settings
from toolkit.workspace_after_sending import AfterSending

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.api.client import Client
    from toolkit.groups.approvals import Approvals
    from toolkit.groups.drafts import Drafts
    from toolkit.groups.experiments import Experiments
    from toolkit.groups.imports import Imports
    from toolkit.groups.kept_folder import KeptWork
    from toolkit.groups.replies import Replies
    from toolkit.groups.saved_segments import SavedSegments
    from toolkit.groups.workspace_ledger import WorkspaceLedger
    from toolkit.ledger.journal import Journal
    from toolkit.planning.planner import Planner
    from toolkit.planning.preflight import Past
    from toolkit.plans.policy import SendPolicy
    from toolkit.sending.approver_keys import Approvers
    from toolkit.sending.outbox import Outbox


class WorkspaceParts(AfterSending):
    """The client, ledger and policy of a workspace, and what is made of them."""

    def __init__(
        self,
        client: Client,
        journal: Journal,
        settings: Settings,
        *,
        face: str,
        live: bool,
        policy: SendPolicy,
        keys: Approvers,
        now: Callable[[], datetime],
        service_now: Callable[[], datetime],
        history: Callable[[], Sequence[str]] = tuple,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(
            client,
            journal,
            live=live,
            now=now,
            service_now=service_now,
            history=history,
            country=policy.country,
            label_names=policy.label_names,
        )
        self.policy = policy
        self.face = face or _face()
        self.mode: Mode = settings.mode
        self.switch = KillSwitch(settings.home, journal)
        self._home = settings.home
        self._evidence = EvidenceFile(settings.service_path, self._address)
        self._keys = keys
        self._on_close = on_close

    @cached_property
    def _planner(self) -> Planner:
        from toolkit.planning.planner import Planner
        from toolkit.planning.read import Sources

        sources = Sources(self._client, self._reader, self.live, self.policy, self._past, self._service_now)
        return Planner(sources, keep=self._keep, now=self._now)

    @cached_property
    def _outbox(self) -> Outbox:
        from toolkit.sending.outbox import Outbox

        return Outbox(
            self._client,
            self._planner,
            self._ledger,
            policy=self.policy,
            keys=self._keys,
            mode=self.mode,
            switch=self.switch,
            via=self.face,
            campaigns=self.campaign_ids,
            now=self._now,
            service_now=self._service_now,
            live=self.live,
            is_rehearsed=self._has_rehearsed_stages,
        )

    def _has_rehearsed_stages(self) -> bool:
        return bool(self._evidence.of("two stages").on) and self._client.has_stages

    @cached_property
    def approvals(self) -> Approvals:
        """A person's approval of a plan, in each way in which one is given."""
        from toolkit.groups.approvals import Approvals
        from toolkit.sending.approver import Approver

        approver = Approver(self._ledger, self.policy, self._keys, now=self._now)
        return Approvals(self, self._ledger, approver, self._keys, self.mode)

    @cached_property
    def drafts(self) -> Drafts:
        """Drafts that are kept between sessions."""
        from toolkit.groups.drafts import Drafts

        return Drafts(self._kept("drafts"), self._ledger, self._planner, self._client, now=self._now)

    @cached_property
    def segments(self) -> SavedSegments:
        """Segments that are kept between sessions."""
        from toolkit.groups.saved_segments import SavedSegments

        return SavedSegments(self._kept("segments"), now=self._now)

    def _kept(self, kind: str) -> KeptWork:
        """Where work of a kind is kept: beside a file's ledger in a folder, or in a team's."""
        from toolkit.groups.kept_folder import KeptFolder

        return self._ledger.shared_work(kind, self._address) or KeptFolder(self._home / kind, self._address)

    @cached_property
    def experiments(self) -> Experiments:
        """What the experiments of this workspace's plans showed."""
        from toolkit.groups.experiments import Experiments

        return Experiments(self, self._ledger, self._reader, self.replies)

    @cached_property
    def imports(self) -> Imports:
        """Importing files of contacts."""
        from toolkit.groups.imports import Imports

        return Imports(self._client, self._ledger, self._planner, workspace=self._address, keep=self._keep)

    @cached_property
    def replies(self) -> Replies:
        """What people wrote back."""
        from toolkit.groups.replies import Replies

        return Replies(self._client, self._reader, keep=self._keep, now=self._service_now)

    @cached_property
    def ledger(self) -> WorkspaceLedger:
        """The records of this workspace in the ledger."""
        from toolkit.groups.workspace_ledger import WorkspaceLedger
        from toolkit.sending.reconciling.lost_step import Witness

        planner, reader = self._planner, self._reader
        witness = Witness(self._client, self._newest_first, reader.snapshot, planner.uploaded, live=self.live)
        return WorkspaceLedger(
            self,
            self._ledger,
            address=self._address,
            countries=reader.countries,
            witness=witness,
            keys=self._keys,
            face=self.face,
            now=self._now,
        )

    def _keep(self, name: str, content: bytes) -> Path:
        from toolkit.ledger.uploads import keep_upload

        return keep_upload(self._home / "uploads", name, content, now=self._now().timestamp())

    def _past(self, but: str) -> Past:
        from toolkit.ledger.past_sends import read_past

        is_first = not self.campaign_ids()
        return read_past(self._ledger, self._address, self.policy, now=self._service_now(), is_first=is_first, but=but)


def _face() -> str:
    """The interface this runs in: a notebook, if there is a kernel, or a program."""
    ipython = sys.modules.get("IPython")
    return "notebook" if ipython and getattr(ipython.get_ipython(), "kernel", None) else "code"
