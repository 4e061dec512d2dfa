"""Plans of several steps: each leaves once, a stop between two loses nothing, and the rest is looked at anew."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.builders import Clock
from tests.sending.step_plans import Connect, approved_and_sent
from tests.wire import Wire, fault
from toolkit.audience.segment import Segment
from toolkit.errors import (
    DraftError,
    Halted,
    LedgerTampered,
    LimitReached,
    OutcomeUnknown,
    Unreachable,
)
from toolkit.plans.draft import CampaignDraft, MessageDraft, MessagesDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


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
    with pytest.raises(DraftError, match="the limit is 5,000"):
        MessagesDraft(name="x", message="y", contact_ids=tuple(map(str, range(5_001))), sender="z")


def test_a_list_keeps_to_the_days_limit_between_its_steps(under: Connect, wire: Wire) -> None:
    with under("daily_messages = 2") as ws:
        approval = ws.plan(personal(ws)).approve(recipients=3, by="ana")

        with pytest.raises(
            LimitReached, match="2 messages are sent or scheduled, and 1 more would exceed the policy's limit of 2"
        ):
            ws.send(approval)

        assert len(wire.posts) == 2


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
