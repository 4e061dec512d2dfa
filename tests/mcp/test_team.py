"""Three homes and two people on one team's ledger, over a workspace that looks real: what one does, all see."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.builders import Clock
from tests.ledger.team import TeamLedger
from tests.mcp.host import ask, plan, said, yes
from tests.mcp.real import WORDS, Real, Renumbered, loopback
from tests.mcp.test_who_is_stopped import FEW
from toolkit.audience.segment import Segment
from toolkit.errors import ApprovalRefused, SendRefused
from toolkit.plans.draft import CampaignDraft
from toolkit.sandbox import Sandbox
from toolkit.sending.human_presence import answered_form
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

pytestmark = pytest.mark.anyio


class Team:
    """Homes of one workspace, each with a login of its own: an assistant's server, and two people."""

    def __init__(self, folder: Path, ledger: TeamLedger, sandbox: Sandbox, clock: Clock, opened: ExitStack) -> None:
        clock.move(minutes=15)
        self.clock, self.ledger, self._opened = clock, ledger, opened
        self.service = Renumbered(sandbox)
        url = opened.enter_context(loopback(self.service, sandbox.base_url))
        self.homes = {
            login: opened.enter_context(Real(folder / login, sandbox, url, self.service, clock))
            for login in ("assistant", "ana", "ben")
        }
        for login, home in self.homes.items():
            home.home.mkdir()
            home.environ["SEAX_LEDGER"] = ledger.address(login)

    def exchange_keys(self) -> None:
        """Each person made a key, and gave the public half to everybody."""
        keys = {name: self.homes[name].keys.create(name, WORDS) for name in ("ana", "ben")}
        for name in keys:
            for home in self.homes.values():
                place = home.home / "approvers" / f"{name}.pub"
                place.parent.mkdir(exist_ok=True)
                if not place.exists():
                    shutil.copy(self.homes[name].home / "approvers" / f"{name}.pub", place)
        for home in self.homes.values():
            home.environ |= {"SEAX_APPROVERS": ",".join(keys.values()), "SEAX_TWO_PERSON_ABOVE": "50"}

    def terminal(self, login: str) -> Workspace:
        settings = Settings.from_environment(self.homes[login].environ)
        return self._opened.enter_context(connect(settings, face="terminal", now=self.clock))


@pytest.fixture
def homes(tmp_path: Path, team: TeamLedger, sandbox: Sandbox, clock: Clock) -> Iterator[Team]:
    with ExitStack() as opened:
        yield Team(tmp_path, team, sandbox, clock, opened)


async def test_what_an_assistant_plans_two_people_sign_elsewhere_and_it_is_sent_once(homes: Team) -> None:
    homes.exchange_keys()
    ana, ben = homes.terminal("ana"), homes.terminal("ben")
    async with homes.homes["assistant"].host().client(yes) as client:
        plan_id = await plan(client, **FEW)
        recipients = ana.get_plan(plan_id).plan.recipients
        assert [entry.plan.id for entry in ben.plans(states=["planned"])] == [plan_id]
        ana.approvals.sign(plan_id, recipients=recipients, approver="ana", passphrase=WORDS)
        refused = said(await client.call_tool("send_plan", {"plan_id": plan_id}))
        assert not homes.service.posts
        ben.approvals.sign(plan_id, recipients=recipients, approver="ben", passphrase=WORDS)

        await ask(client, "send_plan", plan_id=plan_id)

    assert "another" in refused or "2 people" in refused or "two people" in refused, refused
    assert homes.service.recipients == recipients
    receipts = [each.get_plan(plan_id).receipt for each in (ana, ben)]
    assert receipts[0] is not None
    assert receipts[0] == receipts[1]
    assert receipts[0].status == "sent"
    assert [event.who for event in ana.ledger.events(plan_id) if event.event == "approved"] == ["ana", "ben"]
    assert ben.ledger.audit("").is_whole


async def test_the_same_draft_in_another_home_answers_with_the_receipt(homes: Team) -> None:
    ana, ben = homes.terminal("ana"), homes.terminal("ben")
    async with homes.homes["assistant"].host().client(yes) as client:
        plan_id = await plan(client, **FEW)
    draft = ana.get_plan(plan_id).plan.draft
    with answered_form():
        approval = ana.approvals.approve(
            plan_id, recipients=ana.get_plan(plan_id).plan.recipients, by="ana", via="form"
        )
    first = ana.send(approval)

    again = ben.plan(draft)
    second = ben.send(ben.approvals.latest(again.id))

    assert again.id == plan_id
    assert second == first.model_copy(update={"repeated": True})
    assert len(homes.service.posts) == 1


async def test_an_assistant_s_server_cannot_approve_and_asks_nobody_in_vain(homes: Team) -> None:
    server = homes.homes["assistant"]
    host = server.host()
    async with host.client(yes) as client:
        status = await ask(client, "get_status")
        plan_id = await plan(client, **FEW)
        words = said(await client.call_tool("send_plan", {"plan_id": plan_id}))

    assert "takes none from this server's login" in str(status["approvals"])
    assert host.questions == []
    assert f"seax approve {plan_id}" in words
    inside = server.workspace()
    with answered_form(), pytest.raises(ApprovalRefused, match="takes no approval from this login"):
        inside.approvals.approve(plan_id, recipients=inside.get_plan(plan_id).plan.recipients, by="ana", via="form")
    assert not homes.service.posts
    assert homes.terminal("ana").get_plan(plan_id).state == "planned"


async def test_a_login_that_may_approve_is_said_to(homes: Team) -> None:
    async with homes.homes["ana"].host().client(yes) as client:
        status = await ask(client, "get_status")

    assert "login ana may write one" in str(status["approvals"])


@pytest.mark.parametrize(
    "limit",
    ["daily_messages = 100\nsigned_above = 1000", "max_per_day = 1\nsigned_above = 1000", "signed_above = 100"],
    ids=["messages a day", "messages a day to one person", "recipients without a signature"],
)
def test_limits_count_what_the_other_homes_sent(homes: Team, limit: str) -> None:
    ana, ben = (homes.homes[login] for login in ("ana", "ben"))
    for home in (ana, ben):
        (home.home / "policy.toml").write_text(f"{limit}\n", encoding="utf-8")
    first, second = homes.terminal("ana"), homes.terminal("ben")
    drafts = [
        CampaignDraft(
            name=f"Sale {number}",
            message="20 % off until Sunday. Reply STOP to opt out.",
            senders=("Marketing Line",),
            segment=Segment.parse(FEW["segment"]),
        )
        for number in (1, 2)
    ]
    plans = [each.plan(draft) for each, draft in zip((first, second), drafts, strict=True)]
    approvals = []
    for each, planned in zip((first, second), plans, strict=True):
        with answered_form():
            approvals.append(
                each.approvals.approve(planned.id, recipients=planned.recipients, by=each.face, via="form")
            )
    first.send(approvals[0])

    with pytest.raises(SendRefused, match=r"24 hours|dropped out"):
        second.send(approvals[1])

    assert len(homes.service.posts) == 1


async def test_what_a_person_keeps_an_assistant_sees_and_its_rules_may_name(homes: Team) -> None:
    ana = homes.terminal("ana")
    ana.segments["few"] = Segment.parse(FEW["segment"])
    ana.drafts.keep_fields("Half written", {}, None)

    async with homes.homes["assistant"].host().client(yes) as client:
        status = await ask(client, "get_status")
        plan_id = await plan(client, **FEW | {"segment": "segment:few"})

    assert "few" in str(status["segments"])
    assert "Half written,ana,False" in str(status["drafts"])
    assert homes.terminal("ben").get_plan(plan_id).plan.draft.segment == ana.segments["few"]


async def test_what_an_assistant_had_read_is_known_in_every_home(homes: Team) -> None:
    draft = CampaignDraft(
        name="Sale",
        message="20 % off until Sunday. Reply STOP to opt out.",
        senders=("Marketing Line",),
        segment=Segment.parse(FEW["segment"]),
    )
    made = homes.homes["assistant"].workspace().plan(draft, read_others=True)

    assert homes.terminal("ben").get_plan(made.id).plan.read_others
