"""`ws.drafts`: campaigns that somebody is still writing, kept between sessions, and what a plan would say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import pandas as pd
from pydantic import AwareDatetime, Field, ValidationError

from toolkit.api.client import Client
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import Audience
from toolkit.data.contacts import Contacts
from toolkit.display import Described, Section, when
from toolkit.engagement.failures import failures
from toolkit.errors import DraftError
from toolkit.groups.kept_folder import KeptWork
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.plan_entry import Entry
from toolkit.models import Frozen
from toolkit.planning.planner import Planner
from toolkit.planning.wording import word
from toolkit.plans.cost import Preview
from toolkit.plans.draft import LONGEST_NAME, CampaignDraft, Draft
from toolkit.plans.plan import Plan
from toolkit.suggest import suggest

MOST_AGAIN = 1_000  # people of a draft once more: a rule that names each of them


class KeptDraft(Frozen):
    """A campaign as it was last written, and `by` whom: an account of this machine, or a login of the team's ledger.

    `draft` is None while something is missing; `fields` are those of the form.
    """

    name: str
    at: AwareDatetime
    by: str
    draft: CampaignDraft | None = None
    fields: dict[str, Any] = Field(default_factory=dict)


class Drafts(Described, Mapping[str, CampaignDraft]):
    """Drafts by name: `ws.drafts["Spring Sale"]`. They stay until they are removed; sending one leaves it there."""

    def __init__(
        self, work: KeptWork, ledger: Ledger, planner: Planner, client: Client, *, now: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._work = work
        self._ledger = ledger
        self._planner = planner
        self._now = now

    def __getitem__(self, name: str) -> CampaignDraft:
        kept = self.find(name)
        if kept is None:
            raise DraftError(f"No draft {name!r} is kept here: {suggest(name, [*self])}")
        if kept.draft is None:
            raise DraftError(f"The draft {name!r} is not complete: open it in the builder with CampaignBuilder(ws).")
        return kept.draft

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.find(name) is not None

    def __iter__(self) -> Iterator[str]:
        return (kept.name for kept in self.kept())

    def __len__(self) -> int:
        return len(self.kept())

    def kept(self) -> list[KeptDraft]:
        """All drafts, the latest first."""
        found = [kept for each in self._work.read_all() if (kept := _read(each)) is not None]
        return sorted(found, key=lambda kept: kept.at, reverse=True)

    def find(self, name: str) -> KeptDraft | None:
        """The draft of a name as it was last kept; None if there is none."""
        found = self._work.read(name)
        return None if found is None else _read(found)

    def keep(self, draft: CampaignDraft) -> KeptDraft:
        """Keep a draft under its name, in place of the one before."""
        return self.keep_fields(draft.name, {}, draft)

    def keep_fields(self, name: str, fields: Mapping[str, Any], draft: CampaignDraft | None) -> KeptDraft:
        """Keep a form as it is filled in, complete or not."""
        kept = KeptDraft(name=name, at=self._now(), by="", draft=draft, fields=dict(fields))
        return KeptDraft.model_validate(self._work.write(name, kept.model_dump(mode="json")))

    def remove(self, name: str) -> bool:
        """Remove a draft; False if none of this name is kept."""
        return self._work.remove(name)

    def again(self, campaign_id: str, logs: pd.DataFrame) -> CampaignDraft | None:
        """A sent campaign once more, to those of its log whose message may still arrive if it is sent later.

        It has a name of its own and starts at once; it is neither kept nor planned. None if there is nobody, or more
        than 1,000, or the campaign was not sent from here.
        """
        lost = failures(logs)
        ids = tuple(lost[lost["action"] == "retry"]["contact_id"].dropna().unique().tolist())
        entry = self._ledger.plan_of(f"{self._client.host}/{self._client.workspace_id}", campaign_id)
        if not 0 < len(ids) <= MOST_AGAIN or entry is None or entry.receipt is None:
            return None
        number = next((step.number for step in entry.receipt.steps if step.campaign_id == campaign_id), None)
        if number is None or entry.plan.draft.kind != "campaign":
            return None
        draft = entry.plan.draft.for_arm(entry.plan.steps[number - 1].arm)
        own = {"name": f"{draft.name[: LONGEST_NAME - 11]}, once more", "segment": Segment.from_contacts(ids)}
        return draft.model_copy(update=own | {"start_at": None, "end_at": None, "overrides": {}})

    def checker(self, contacts: Contacts) -> Callable[[Draft], Plan]:
        """A function that shows what a plan of a draft would be on an earlier `ws.snapshot()`: for findings while it is
        written.

        Nothing is recorded, so what it gives can be neither approved nor sent; only the senders are read, once.
        Media are not asked for. The function raises DraftError or SegmentError if the draft names something that is not
        there.
        """
        check = self._planner.checker(contacts)

        def checked(draft: Draft) -> Plan:
            earlier = self._ledger.sent(self._planner.intent(draft))
            return as_sent(self._ledger, earlier) if earlier else check(draft)

        return checked

    @property
    def fills_fields(self) -> bool:
        """Whether the service fills contacts' `{fields}` into a campaign's text."""
        return self._client.fills_placeholders

    def previews(self, text: str, audience: Audience) -> tuple[Preview, ...]:
        """What some recipients of an audience would read of a text, as a plan shows it."""
        return word(text, audience, is_filled=self._client.fills_placeholders).previews()

    def templates(self) -> pd.DataFrame:
        """The WhatsApp templates, all `str`: `name, language, status, category, text, header, header_format,
        account_id`.

        Only those with the status APPROVED can be planned. NotSupported where the service lists none.
        """
        rows = [template.model_dump() for template in self._client.templates()]
        columns = ["name", "language", "status", "category", "text", "header", "header_format", "account_id"]
        return pd.DataFrame(rows, columns=columns).astype("str")

    def agents(self) -> pd.DataFrame:
        """The AI agents that answer texts: `id, name`, both `str`; NotSupported where the service lists none."""
        rows = [agent.model_dump() for agent in self._client.agents()]
        return pd.DataFrame(rows, columns=["id", "name"]).astype("str")

    def describe(self) -> list[Section]:
        """Which drafts are kept, the latest first."""
        rows = [[kept.name, when(kept.at), kept.by, "" if kept.draft else "not complete"] for kept in self.kept()]
        return [Section("Drafts", rows or [["none"]])]


def as_sent(ledger: Ledger, earlier: Entry) -> Plan:
    """The plan that a draft was sent as, with its outcome."""
    plan = ledger.entry(earlier.plan.id).plan
    plan._already_sent = str(earlier.receipt or "It was sent, and its outcome is unknown.")
    return plan


def _read(kept: dict[str, Any]) -> KeptDraft | None:
    try:
        return KeptDraft.model_validate(kept)
    except ValidationError:
        return None
