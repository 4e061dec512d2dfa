"""Plans of several steps: each leaves once, a stop between two loses nothing, and the rest is looked at anew."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest

from tests.builders import Clock, live_draft
from tests.wire import LiveService, Wire, fault
from toolkit.api.arrow_schemas import Page
from toolkit.audience.segment import Segment
from toolkit.errors import (
    AudienceChanged,
    CanaryStopped,
    DraftError,
    Halted,
    LedgerTampered,
    LimitReached,
    ModeForbids,
    OutcomeUnknown,
    PlanBlocked,
    PlanWithdrawn,
    Unreachable,
)
from toolkit.plans.draft import CampaignDraft, MessageDraft, MessagesDraft
from toolkit.plans.plan import Plan
from toolkit.plans.receipt import Receipt
from toolkit.sandbox import Sandbox
from toolkit.sending.human_presence import answered_form
from toolkit.settings import Mode, Settings
from toolkit.workspace import Workspace, connect

Connect = Callable[..., Workspace]
CANARY = "canary_above = 20\ncanary_size = 15\n"


@pytest.fixture
def under(tmp_path: Path, sandbox: Sandbox, wire: Wire, clock: Clock) -> Connect:
    """The embedded workspace under a policy."""

    def open_it(policy: str = "", mode: Mode = "live") -> Workspace:
        (tmp_path / "policy.toml").write_text(policy, encoding="utf-8")
        return connect(Settings(home=tmp_path, mode=mode), sandbox=sandbox, transport=wire, now=clock)

    return open_it


def approved_and_sent(ws: Workspace, plan: Plan) -> Receipt:
    return ws.send(plan.approve(recipients=plan.recipients, by="ana"))


def some_ids(ws: Workspace, number: int) -> tuple[str, ...]:
    return tuple(ws.audience(Segment.any_of("vip_customers")).frame["id"].tolist()[:number])


def personal(ws: Workspace, number: int = 3) -> MessagesDraft:
    return MessagesDraft(
        name="Thanks",
        message="Hi {name}, thank you. Reply STOP to opt out.",
        contact_ids=some_ids(ws, number),
        sender="Marketing Line",
    )


# Personal messages


def test_everybody_on_a_list_gets_their_own_text_once(ws: Workspace, wire: Wire) -> None:
    draft = personal(ws)
    plan = ws.plan(draft)
    names = ws.contacts().set_index("id")["name"]

    receipt = approved_and_sent(ws, plan)

    assert (receipt.status, len(receipt.steps), plan.recipient_ids) == ("sent", 3, draft.contact_ids)
    expected = [f"Hi {names[each]}, thank you. Reply STOP to opt out." for each in draft.contact_ids]
    assert [body["content"] for body in wire.bodies] == expected
    assert approved_and_sent(ws, ws.plan(draft)).repeated
    assert len(wire.posts) == 3


def stop_after(wire: Wire, posts: int, stop: Callable[[], None]) -> None:
    def before() -> None:
        if len(wire.posts) == posts:
            wire.before = None
            stop()

    wire.before = before


def test_a_list_that_stopped_goes_on_where_it_ended(ws: Workspace, wire: Wire) -> None:
    plan = ws.plan(personal(ws))
    approval = plan.approve(recipients=3, by="ana")
    stop_after(wire, 1, fault(httpx.ConnectError("refused")))
    with pytest.raises(Unreachable) as caught:
        ws.send(approval)
    entry = ws.get_plan(plan.id)
    assert (entry.state, entry.steps) == ("partial", ("sent", "waiting", "waiting"))
    assert "1 of 3 steps (1 of 3 recipients) was handed to the service; 2 steps remain" in str(caught.value)

    receipt = ws.send(approval)

    assert receipt.status == "sent"
    assert len({body["to_phone_number"] for body in wire.bodies}) == len(wire.posts) == 3


def test_halting_between_two_steps_stops_the_others(ws: Workspace, wire: Wire) -> None:
    approval = ws.plan(personal(ws)).approve(recipients=3, by="ana")
    wire.after = lambda: ws.switch.halt(by="bob")  # type: ignore[assignment,func-returns-value]

    with pytest.raises(Halted):
        ws.send(approval)

    assert len(wire.posts) == 1
    ws.switch.resume()
    wire.after = None
    assert ws.send(approval).status == "sent"
    assert len(wire.posts) == 3


def test_an_unknown_step_stops_the_list_until_it_is_settled(ws: Workspace, wire: Wire, clock: Clock) -> None:
    plan = ws.plan(personal(ws))
    approval = plan.approve(recipients=3, by="ana")
    wire.after = fault(httpx.ReadTimeout("slow"))  # type: ignore[assignment]
    with pytest.raises(OutcomeUnknown):
        ws.send(approval)
    wire.after = None
    with pytest.raises(OutcomeUnknown):
        ws.send(approval)
    assert len(wire.posts) == 1
    with pytest.raises(OutcomeUnknown, match=r"cannot be asked.*in the conversation with.*--found ID"):
        ws.ledger.reconcile(plan.id)

    ws.ledger.reconcile(plan.id, found="msg_1", by="ana")

    assert ws.send(approval).status == "sent"
    assert len(wire.posts) == 3


def test_who_opts_out_while_a_list_is_being_sent_is_left_out(
    ws: Workspace, wire: Wire, import_rows: Callable[..., None]
) -> None:
    draft = personal(ws)
    plan = ws.plan(draft)
    people = ws.contacts().set_index("id")
    person = people.loc[draft.contact_ids[2]]

    def opts_out() -> None:
        wire.after = None
        import_rows(f'{person["name"]},{person["phone"]},"vip_customers,DNC"')

    wire.after = opts_out  # type: ignore[assignment]

    receipt = approved_and_sent(ws, plan)

    assert [step.state for step in receipt.steps] == ["sent", "sent", "refused"]
    assert "opted out" in receipt.steps[2].detail
    texted = [body["to_phone_number"] for body in wire.bodies if "to_phone_number" in body]
    assert texted == people.loc[list(draft.contact_ids[:2]), "phone"].tolist()


@pytest.mark.parametrize("channel", ["phone", "whatsapp_phone"])
def test_who_opts_out_under_another_writing_while_a_list_is_being_sent_is_left_out(
    tmp_path: Path, sandbox: Sandbox, clock: Clock, channel: str
) -> None:
    wire = OptingOut(sandbox)
    with connect(Settings(home=tmp_path), sandbox=sandbox, transport=wire, now=clock) as ws:
        draft = personal(ws)
        plan = ws.plan(draft)
        phone = ws.contacts().set_index("id").loc[draft.contact_ids[2], "phone"]

        def opts_out() -> None:
            wire.opted_out = {channel: f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}"}

        wire.after = opts_out  # type: ignore[assignment]

        receipt = approved_and_sent(ws, plan)

    assert [step.state for step in receipt.steps] == ["sent", "sent", "refused"]


class OptingOut(Wire):
    """A wire on which somebody more, with these numbers, has opted out."""

    opted_out: dict[str, str] | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if not self.opted_out or "any_contact_label_ids" not in request.url.params:
            return response
        page = json.loads(response.read())
        person = page["data"][0] | {"phone": None, "whatsapp_phone": None, "id": "one-more"} | self.opted_out
        return httpx.Response(200, json={"data": [*page["data"], person], "total": page["total"] + 1})


def test_a_number_the_service_turns_down_does_not_stop_the_others(ws: Workspace, wire: Wire) -> None:
    def turned_down() -> httpx.Response:
        wire.after = None
        return httpx.Response(422, json={"message": "no such number"})

    wire.after = turned_down

    receipt = approved_and_sent(ws, ws.plan(personal(ws)))

    assert [step.state for step in receipt.steps] == ["refused", "sent", "sent"]
    assert receipt.status == "sent"
    assert "1 refused" in receipt.detail


def test_a_list_is_of_five_thousand_at_most() -> None:
    with pytest.raises(DraftError, match="the limit is 5000"):
        MessagesDraft(name="x", message="y", contact_ids=tuple(map(str, range(5_001))), sender="z")


def test_a_list_keeps_to_the_days_limit_between_its_steps(under: Connect, wire: Wire) -> None:
    with under("daily_messages = 2") as ws:
        approval = ws.plan(personal(ws)).approve(recipients=3, by="ana")

        with pytest.raises(
            LimitReached, match="2 messages are sent or scheduled, and 1 more would exceed the policy's limit of 2"
        ):
            ws.send(approval)

        assert len(wire.posts) == 2


# A test to one's own numbers

OWN = 'test_numbers = ["+12025550147", "+12025550148"]\n'


def test_what_another_process_sends_to_the_same_number_counts_for_it(under: Connect, wire: Wire) -> None:
    with under("max_per_day = 1") as ws, under("max_per_day = 1") as other:
        people = ws.contacts()
        may_be = people[
            people["phone"].str.fullmatch(r"\+1\d{10}", na=False)
            & people["labels"].map({"DNC", "unsubscribed"}.isdisjoint)
        ]
        pair = may_be[may_be["phone"].duplicated(keep=False)].sort_values("phone")["id"].tolist()[:2]
        one, two = (
            here.plan(MessageDraft(name=each, message="Hi", contact_id=each, sender="Marketing Line"))
            for here, each in zip((ws, other), pair, strict=True)
        )
        approvals = [each.approve(recipients=1, by="ana") for each in (one, two)]
        prepare = ws._planner.prepare

        def prepare_while_the_other_sends(draft: MessageDraft, **now: Any) -> object:
            prepared = prepare(draft, **now)
            other.send(approvals[1])
            return prepared

        ws._planner.prepare = prepare_while_the_other_sends  # type: ignore[method-assign,assignment]
        with pytest.raises(LimitReached, match="1 recipient has already reached"):
            ws.send(approvals[0])

    assert len(wire.posts) == 1


def test_a_test_goes_to_the_operators_own_numbers_and_to_no_others(
    under: Connect, wire: Wire, draft: CampaignDraft
) -> None:
    with under(OWN) as ws:
        plan = ws.plan(draft.as_test())

        receipt = approved_and_sent(ws, plan)

    assert (receipt.status, plan.recipients) == ("sent", 2)
    assert [body["to_phone_number"] for body in wire.bodies] == ["+12025550147", "+12025550148"]
    assert {body["content"] for body in wire.bodies} == {draft.message}


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("", "lists no number"),
        ("test_numbers = []", "lists no number"),
        ('test_numbers = ["+999123456789"]', "texts no others"),
        ('test_numbers = ["555"]', "not written as"),
    ],
)
def test_without_numbers_of_ones_own_a_test_reaches_nobody(
    under: Connect, wire: Wire, draft: CampaignDraft, policy: str, says: str
) -> None:
    with under(policy) as ws:
        plan = ws.plan(draft.as_test())
        with pytest.raises(PlanBlocked, match=says):
            plan.approve(recipients=plan.recipients, by="ana")

    assert not wire.posts


def test_mode_test_sends_tests_and_nothing_else(under: Connect, wire: Wire, draft: CampaignDraft) -> None:
    with under(OWN, "test") as ws:
        with pytest.raises(ModeForbids):
            approved_and_sent(ws, ws.plan(draft))
        assert not wire.posts
        assert approved_and_sent(ws, ws.plan(draft.as_test())).status == "sent"

    with under(OWN, "draft") as ws, pytest.raises(ModeForbids, match="SEAX_MODE=test"):
        approved_and_sent(ws, ws.plan(draft.model_copy(update={"name": "other"}).as_test()))


def test_above_a_size_the_policy_wants_a_test_first(under: Connect, draft: CampaignDraft) -> None:
    with under(OWN + "test_send_above = 1") as ws:
        assert "AUD012" in {finding.code for finding in ws.plan(draft).findings}

        approved_and_sent(ws, ws.plan(draft.as_test()))

        assert "AUD012" not in {finding.code for finding in ws.plan(draft).findings}
        edited = draft.model_copy(update={"message": f"{draft.message} Now."})
        assert "AUD012" in {finding.code for finding in ws.plan(edited).findings}


# A canary


def canary_sent(ws: Workspace, draft: CampaignDraft) -> tuple[Plan, Receipt]:
    plan = ws.plan(draft)
    return plan, approved_and_sent(ws, plan)


def test_the_first_few_go_alone_and_the_rest_when_they_fared_well(
    under: Connect, wire: Wire, sandbox: Sandbox, clock: Clock, draft: CampaignDraft
) -> None:
    with under(CANARY + "canary_margin = 1.0") as ws:
        plan, first = canary_sent(ws, draft)
        assert (first.status, len(wire.posts)) == ("partial", 1)
        assert "after 17:10 UTC" in first.detail
        approval = ws.approvals.latest(plan.id)
        clock.move(minutes=9)
        assert ws.send(approval).status == "partial"
        assert len(wire.posts) == 1

        clock.move(minutes=1)
        whole = ws.send(approval)

        assert whole.status == "sent"
        assert len(whole.campaign_ids) == len(wire.posts) == 2
        reached = [set(ws.logs(each)["contact_id"]) for each in whole.campaign_ids]
        assert len(reached[0]) == 15
        assert not reached[0] & reached[1]
        assert reached[0] | reached[1] == set(plan.recipient_ids)


def test_a_canary_that_fares_badly_stops_the_rest(
    under: Connect, wire: Wire, clock: Clock, draft: CampaignDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    with under(CANARY) as ws:
        plan, first = canary_sent(ws, draft)
        clock.move(minutes=10)
        client, campaign = ws._client, ws._client.campaign

        def failing(campaign_id: str) -> object:
            found = campaign(campaign_id)
            if campaign_id != first.campaign_id or found.statistics is None:
                return found
            counted = found.statistics.model_copy(update={"total": 15, "sent": 5, "failed": 10, "bounced": 0})
            return found.model_copy(update={"statistics": counted})

        monkeypatch.setattr(client, "campaign", failing)

        with pytest.raises(CanaryStopped, match=r"66\.7% of the first 15 messages failed"):
            ws.send(ws.approvals.latest(plan.id))

        assert ws.get_plan(plan.id).state == "stopped"
        assert ws.send(ws.approvals.latest(plan.id)).repeated
        assert len(wire.posts) == 1
        assert "66.7%" in ws.ledger.events(plan.id)[-1].detail


@pytest.mark.parametrize("rows", ["all", "failed", "none"])
def test_a_canary_whose_counters_cannot_be_read_is_judged_by_its_log(
    under: Connect, clock: Clock, draft: CampaignDraft, monkeypatch: pytest.MonkeyPatch, rows: str
) -> None:
    with under(CANARY + ("canary_margin = 1.0" if rows == "all" else "")) as ws:
        plan, _ = canary_sent(ws, draft)
        clock.move(minutes=10)
        client, campaign, logs = ws._client, ws._client.campaign, ws._client.logs

        def uncounted(campaign_id: str) -> object:
            return campaign(campaign_id).model_copy(update={"statistics": None, "status": "finished"})

        def other_logs(campaign_id: str) -> object:
            listing = logs(campaign_id)
            if rows == "none":
                return replace(listing, fetch=lambda offset, limit: b'{"data": [], "total": 0}')
            return listing if rows == "all" else replace(listing, decode=lambda body: as_failed(listing.decode(body)))

        monkeypatch.setattr(client, "campaign", uncounted)
        monkeypatch.setattr(client, "logs", other_logs)
        approval = ws.approvals.latest(plan.id)

        if rows == "all":
            assert ws.send(approval).status == "sent"
            return
        with pytest.raises(CanaryStopped, match="shows no message of theirs" if rows == "none" else "100.0% of the"):
            ws.send(approval)
        assert ws.get_plan(plan.id).state == "stopped"


@pytest.mark.parametrize("status", ["canceled", "Terminated", "finished"])
def test_a_canary_that_was_canceled_stops_the_rest(
    under: Connect, wire: Wire, clock: Clock, draft: CampaignDraft, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    with under(CANARY + "canary_margin = 1.0") as ws:
        plan, first = canary_sent(ws, draft)
        campaign = ws._client.campaign

        def stopped(campaign_id: str) -> object:
            found = campaign(campaign_id)
            if campaign_id != first.campaign_id or found.statistics is None:
                return found
            rest = 5 if status == "finished" else 0  # some counters say it where the status does not
            counted = {"total": 15, "sent": 15 - rest, "failed": 0, "delivered": 5, "bounced": 0, "canceled": rest}
            statistics = found.statistics.model_copy(update=counted)
            return found.model_copy(update={"statistics": statistics, "status": status})

        monkeypatch.setattr(ws._client, "campaign", stopped)

        with pytest.raises(CanaryStopped, match="The first few were canceled"):
            ws.send(ws.approvals.latest(plan.id))

        assert ws.get_plan(plan.id).state == "stopped"
        assert len(wire.posts) == 1


def as_failed(page: Page) -> Page:
    failed = pa.array(["failed"] * page.rows.num_rows)
    return replace(page, rows=page.rows.set_column(page.rows.schema.get_field_index("status"), "status", failed))


def test_who_opts_out_of_the_canary_keeps_nobody_else_waiting(
    under: Connect, wire: Wire, clock: Clock, draft: CampaignDraft, import_rows: Callable[..., None]
) -> None:
    with under(CANARY + "canary_margin = 1.0") as ws:
        plan, _ = canary_sent(ws, draft)
        person = ws.contacts().set_index("id").loc[plan.recipients_of(1)[0]]
        import_rows(f'{person["name"]},{person["phone"]},"vip_customers,DNC"')
        clock.move(minutes=10)

        assert ws.send(ws.approvals.latest(plan.id)).status == "sent"


@pytest.mark.parametrize("change", ["joins", "leaves"])
def test_the_rest_is_not_sent_to_others_than_were_approved(
    under: Connect, wire: Wire, clock: Clock, draft: CampaignDraft, import_rows: Callable[..., None], change: str
) -> None:
    with under(CANARY + "canary_margin = 1.0") as ws:
        plan, _ = canary_sent(ws, draft)
        person = ws.contacts().set_index("id").loc[plan.recipients_of(2)[0]]
        leaves = f'{person["name"]},{person["phone"]},"vip_customers,DNC"'
        import_rows(leaves if change == "leaves" else "New Person,+19995550001,vip_customers")
        clock.move(minutes=10)
        campaigns = [body for body in wire.posts if body.url.path.endswith("/campaigns")]

        with pytest.raises(AudienceChanged, match="1 contacts joined" if change == "joins" else "1 dropped out"):
            ws.send(ws.approvals.latest(plan.id))

        assert len([body for body in wire.posts if body.url.path.endswith("/campaigns")]) == len(campaigns) == 1


def test_a_stopped_plan_is_not_approved_again(under: Connect, draft: CampaignDraft) -> None:
    with under(CANARY) as ws:
        plan, _ = canary_sent(ws, draft)
        assert ws.ledger.close_plan(plan.id, "withdrawn", by="ana", via="code")

        with pytest.raises(PlanWithdrawn, match="stopped after a part"):
            plan.approve(recipients=plan.recipients, by="ana")


def test_a_small_campaign_needs_no_canary(under: Connect, draft: CampaignDraft) -> None:
    with under("canary_above = 1000") as ws:
        assert len(ws.plan(draft).steps) == 1


# By zone


def night_draft(ws: Workspace) -> CampaignDraft:
    return CampaignDraft(
        name="Morning",
        message="Good morning. Reply STOP to opt out.",
        segment=Segment.any_of("vip_customers"),
        senders=("Marketing Line",),
        by_zone=True,
    )


def test_a_campaign_by_zone_is_one_plan_whose_steps_start_where_it_is_day(
    ws: Workspace, wire: Wire, clock: Clock
) -> None:
    clock.move(hours=10)  # 22:00 on the east coast
    plan = ws.plan(night_draft(ws))
    clock.move(minutes=10)

    receipt = approved_and_sent(ws, plan)

    starts = [step.start_at for step in plan.steps]
    assert len(plan.steps) > 1
    assert starts == sorted(starts)
    assert "TIM001" not in {finding.code for finding in plan.findings}
    assert [body["start_time"] for body in wire.bodies] == [start.isoformat() for start in starts if start]
    assert receipt.status == "scheduled"
    assert receipt.accepted == plan.recipients


def test_somebody_who_joins_a_campaign_by_zone_stops_it(
    ws: Workspace, wire: Wire, clock: Clock, import_rows: Callable[..., None]
) -> None:
    clock.move(hours=10)
    plan = ws.plan(night_draft(ws))
    import_rows("New Person,+19995550001,vip_customers")
    wire.posts.clear()

    with pytest.raises(AudienceChanged, match="1 contacts joined and 0 dropped out"):
        approved_and_sent(ws, plan)

    assert not wire.posts


def test_by_zone_a_cap_leaves_out_only_whose_own_start_is_within_a_day(
    under: Connect, clock: Clock, draft: CampaignDraft
) -> None:
    with under("max_per_day = 1") as ws:
        clock.move(hours=21.25)
        first_left = ws.service_time()  # half past nine in the morning on the east coast
        approved_and_sent(ws, ws.plan(draft))
        clock.move(hours=12.5)

        plan = ws.plan(draft.model_copy(update={"name": "Next morning", "by_zone": True}))
        receipt = approved_and_sent(ws, plan)

        assert receipt.status == "scheduled"
        assert {step.outcome: step.count for step in plan.waterfall}["capped"] > 0
        assert all(step.start_at and step.start_at >= first_left + timedelta(hours=24) for step in plan.steps)


def test_an_end_before_the_last_zone_can_begin_is_told(ws: Workspace, clock: Clock) -> None:
    clock.move(hours=10)
    plan = ws.plan(night_draft(ws))
    last = plan.steps[-1].start_at
    assert last
    assert "TIM005" not in {finding.code for finding in plan.findings}

    too_soon = ws.plan(
        night_draft(ws).model_copy(update={"start_at": ws.service_time() + timedelta(hours=1), "end_at": last})
    )

    assert "TIM005" in {finding.code for finding in too_soon.findings}


# What the service says of a plan


def test_planned_and_sent_are_compared_over_all_steps(under: Connect, clock: Clock, draft: CampaignDraft) -> None:
    with under(CANARY + "canary_margin = 1.0") as ws:
        plan, _ = canary_sent(ws, draft)
        clock.move(minutes=10)
        assert set(ws.ledger.check_plan_recipients(plan.id).missing) == set(plan.recipients_of(2))

        ws.send(ws.approvals.latest(plan.id))

        assert ws.ledger.check_plan_recipients(plan.id).is_exact


# What the clock and a colleague change between the yes and the send


def test_a_send_that_the_clock_took_into_quiet_hours_is_refused_and_says_so(
    live: Workspace, live_service: LiveService, clock: Clock
) -> None:
    for contact in live_service.contacts:
        contact["contact_field_data"] = {"timezone": "America/New_York"}  # type: ignore[assignment]
    clock.move(hours=8, minutes=45)  # 20:45 there
    plan = live.plan(live_draft())
    with answered_form():
        approval = live.approvals.approve(plan.id, recipients=3, by="ana", via="form")
    clock.move(minutes=20)

    with pytest.raises(PlanBlocked, match=r"Since the plan was approved it was blocked: .*hours allowed"):
        live.send(approval)

    assert not live_service.posts
    assert live.get_plan(plan.id).state == "approved"


def test_a_text_edited_in_the_ledger_is_refused_and_says_so(
    ws: Workspace, wire: Wire, tmp_path: Path, draft: CampaignDraft
) -> None:
    plan = ws.plan(draft)
    approval = plan.approve(recipients=plan.recipients, by="ana")
    with sqlite3.connect(tmp_path / "embedded-ledger.sqlite3") as db:
        db.execute("UPDATE plans SET body = replace(body, 'Hello', 'Howdy')")
    db.close()

    with pytest.raises(LedgerTampered, match="its content was changed"):
        ws.send(approval)

    assert not wire.posts


def test_several_campaigns_that_spare_ids_are_steps_of_one_plan(ws: Workspace, wire: Wire) -> None:
    segment = Segment.all_of("vip_customers", "interest_shoes") | Segment.all_of("newsletter", "tier_gold")
    draft = CampaignDraft(name="Two", message="Hi. Reply STOP.", segment=segment, senders=("Marketing Line",))
    one = ws.plan(draft)
    assert len(one.steps) == 1
    assert any("contacts by id" in line for line in one.addressing)

    plan = ws.plan(draft.model_copy(update={"most_campaigns": 2}))
    receipt = approved_and_sent(ws, plan)

    assert [step.what for step in plan.steps] == ["Two, part 1 of 2", "Two, part 2 of 2"]
    assert len(plan.recipient_ids) == len(set(plan.recipient_ids))
    assert set(plan.recipient_ids) == set(one.recipient_ids)
    assert (receipt.status, len(receipt.campaign_ids), len(wire.posts)) == ("sent", 2, 2)
    assert sorted(ws.logs(receipt.campaign_ids)["contact_id"]) == sorted(plan.recipient_ids)
