"""The inbox as a person uses it, on the embedded service; the page is played by messages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import Clock
from tests.ledger.team import TeamLedger
from tests.sending.interrupted.test_team_ledger_lost import opened
from tests.widgets.page import HOSTILE, SAFE_TAGS, Browser, Wire, controls, page_html, tags
from toolkit.audience.segment import Segment
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.plan import Plan
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.widgets import Inbox, SendPanel
from toolkit.widgets.inbox_card import InboxCard
from toolkit.workspace import Workspace, connect


def draft(name: str = "Spring Sale", message: str = "20% off. Reply STOP to opt out.") -> CampaignDraft:
    segment = Segment.any_of("vip_customers") & ~Segment.any_of("location_nyc")
    return CampaignDraft(name=name, message=message, segment=segment, senders=("Marketing Line",))


@pytest.fixture
def assistant(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> Iterator[Workspace]:
    """The same workspace as an assistant's server has it open."""
    with connect(Settings(home=tmp_path), sandbox=sandbox, now=clock, face="mcp:assistant") as workspace:
        yield workspace


@pytest.fixture
def inbox(ws: Workspace, browser: Browser) -> Iterator[Inbox]:
    inbox = Inbox(ws, every=0.01)
    yield inbox
    inbox.close()
    inbox._thread.join(10)


def seen(inbox: Inbox) -> list[str]:
    return [page_html(card) for card in cards(inbox)]


def cards(inbox: Inbox) -> list[InboxCard]:
    return [part for part in controls(inbox)["seax-waiting"].children if isinstance(part, InboxCard)]


def review(browser: Browser, card: InboxCard) -> None:
    browser.click(controls(card)["seax-review"])


def plan_waits(inbox: Inbox, assistant: Workspace, **said: str) -> Plan:
    """A plan made by an assistant, once the inbox shows it."""
    plan = assistant.plan(draft(**said))
    arrived = (change for change in iter(lambda: [e.plan.id for e in inbox.value], None))
    for ids in arrived:
        if plan.id in ids:
            break
        inbox._stopping.wait(0.01)
    return plan


def test_a_plan_that_an_assistant_made_appears_by_itself_and_says_whose_it_is(
    inbox: Inbox, assistant: Workspace
) -> None:
    assert "No plan waits" in controls(inbox)["seax-said"].value

    plan = plan_waits(inbox, assistant)

    assert [entry.plan.id for entry in inbox.value] == [plan.id]
    [card] = seen(inbox)
    assert "Spring Sale</bdi></b> · SMS" in card
    assert f"<b>{plan.recipients:,} recipients</b>" in card
    assert "at once · " in card
    assert "(mcp:assistant)" in card
    assert "From an assistant" in page_html(controls(inbox)["seax-waiting"])
    assert "1 plan waits for you." in controls(inbox)["seax-said"].value


def test_an_inbox_without_plans_asks_for_nothing(inbox: Inbox, assistant: Workspace) -> None:
    assert "seax-withdrawn-by" not in controls(inbox)

    plan_waits(inbox, assistant)

    assert len(cards(inbox)) == 1
    assert "seax-withdrawn-by" not in controls(inbox), "a plan is withdrawn after it was opened"


def test_a_plan_of_a_team_appears_at_once(
    tmp_path: Path, team: TeamLedger, browser: Browser, sandbox: Sandbox, wire: Wire, clock: Clock
) -> None:
    homes = [(team.address(login), tmp_path / login) for login in ("ana", "assistant")]
    for _, home in homes:
        home.mkdir()
    with opened(*homes[0], sandbox, wire, clock) as ana, opened(*homes[1], sandbox, wire, clock) as assistant:
        inbox = Inbox(ana, every=600)  # so that only news shows it
        try:
            shown = threading.Event()
            inbox.observe(lambda _: shown.set(), "value")
            plan = assistant.plan(draft())

            assert shown.wait(60)
            assert [entry.plan.id for entry in inbox.value] == [plan.id]
        finally:
            inbox.close()
            assistant.plan(draft("Next"))  # the thread that follows the ledger wakes, and ends
            inbox._thread.join(10)


def test_a_person_reviews_approves_and_sends_it(
    ws: Workspace, browser: Browser, wire: Wire, inbox: Inbox, assistant: Workspace
) -> None:
    plan = plan_waits(inbox, assistant)
    browser.click(controls(inbox)["seax-review"])
    browser.edit(controls(inbox)["seax-count"], value=str(plan.recipients))
    browser.edit(controls(inbox)["seax-by"], value="ana")
    browser.click(controls(inbox)["seax-send"])

    assert "sent: campaign_" in controls(inbox)["seax-outcome"].value
    assert wire.posts == 1
    inbox.refresh()
    assert inbox.value == ()
    assert assistant.get_plan(plan.id).state == "sent"


def test_a_withdrawn_plan_cannot_be_sent_by_anybody(
    ws: Workspace, browser: Browser, wire: Wire, inbox: Inbox, assistant: Workspace
) -> None:
    plan = plan_waits(inbox, assistant)
    review(browser, cards(inbox)[0])
    browser.click(controls(inbox)["seax-withdraw"])
    assert "Type your name" in controls(inbox)["seax-said"].value

    browser.edit(controls(inbox)["seax-withdrawn-by"], value="ana")
    browser.click(controls(inbox)["seax-withdraw"])

    assert "was withdrawn by ana" in controls(inbox)["seax-said"].value
    assert assistant.get_plan(plan.id).state == "withdrawn"
    assert [event.who for event in ws.ledger.events(plan.id)][-1] == "ana"
    assert seen(inbox) == []


def test_a_send_that_was_halted_midway_and_withdrawn_says_what_goes_out_all_the_same(
    ws: Workspace, browser: Browser, wire: Wire, inbox: Inbox, assistant: Workspace, clock: Clock
) -> None:
    segment = Segment.all_of("vip_customers", "interest_shoes") | Segment.all_of("newsletter", "tier_gold")
    later = {"segment": segment, "most_campaigns": 2, "start_at": clock() + timedelta(hours=2)}
    plan = assistant.plan(draft().model_copy(update=later))
    inbox.refresh()
    browser.click(controls(inbox)["seax-review"])
    browser.edit(controls(inbox)["seax-count"], value=str(plan.recipients))
    browser.edit(controls(inbox)["seax-by"], value="ana")
    wire.meanwhile = lambda: ws.switch.halt(by="bob") if wire.posts else None

    browser.click(controls(inbox)["seax-send"])
    halted = controls(inbox)["seax-outcome"].value
    inbox.refresh()
    browser.edit(controls(inbox)["seax-withdrawn-by"], value="ana")
    browser.click(controls(inbox)["seax-withdraw"])
    withdrawn = controls(inbox)["seax-said"].value

    assert (
        f"1 of 2 steps ({plan.steps[0].recipients} of {plan.recipients} recipients) was handed to the service" in halted
    )
    assert "othing was sent" not in halted
    assert "nothing more of it will be sent" in withdrawn
    assert "The service has already scheduled a campaign that starts later and goes out anyway" in withdrawn


def test_a_panel_of_a_plan_that_is_being_sent_says_to_wait(
    ws: Workspace, browser: Browser, assistant: Workspace, clock: Clock
) -> None:
    plan = assistant.plan(draft())
    assistant._ledger.claim(plan.approve(recipients=plan.recipients, by="ana"), 1, at=clock())

    panel = SendPanel(ws, plan)

    assert "another process is sending it" in controls(panel)["seax-outcome"].value
    assert controls(panel)["seax-send"].disabled
    panel.retire()


def test_an_assistants_plans_stand_first_and_the_newest_of_each_first(
    ws: Workspace, inbox: Inbox, assistant: Workspace, clock: Clock
) -> None:
    for workspace, name in ((assistant, "One"), (ws, "Two"), (assistant, "Three"), (ws, "Four")):
        workspace.plan(draft(name))
        clock.move(minutes=1)
    blocked = ws.plan(draft("Blocked", message="Hi {name}"))
    assert blocked.is_blocked

    inbox.refresh()

    shown = page_html(controls(inbox)["seax-waiting"])
    order = ["From an assistant", "Three", "One", "From people and programs", "Four", "Two"]
    assert sorted(order, key=shown.index) == order
    assert "Blocked" not in shown
    assert "4 plans wait for you." in controls(inbox)["seax-said"].value


def test_beside_an_open_plan_no_card_comes_or_goes_by_itself(
    browser: Browser, inbox: Inbox, assistant: Workspace, clock: Clock
) -> None:
    gone, kept = plan_waits(inbox, assistant, name="Gone"), plan_waits(inbox, assistant, name="Kept")
    review(browser, next(card for card in cards(inbox) if "Kept" in page_html(card)))
    before = cards(inbox)
    clock.move(minutes=1)
    plan_waits(inbox, assistant, name="New")
    assistant.ledger.close_plan(gone.id, "declined", by="ben", via="terminal")
    inbox.refresh()

    assert cards(inbox) == before
    assert (controls(inbox)["seax-arrived"].description, len(inbox.value)) == ("Show 1 more plan", 2)
    panel = controls(inbox)["seax-send-panel"]
    browser.click(controls(inbox)["seax-arrived"])
    assert ["New" in page_html(card) for card in cards(inbox)] == [True, False]
    assert controls(inbox)["seax-arrived"].layout.display == "none"
    assert controls(inbox)["seax-send-panel"] is panel
    assert assistant.get_plan(kept.id).state == "planned"


def test_a_click_on_a_card_is_about_its_plan_whatever_arrives_between(
    browser: Browser, inbox: Inbox, assistant: Workspace, clock: Clock
) -> None:
    wanted = plan_waits(inbox, assistant)
    clock.move(minutes=1)
    meant = plan_waits(inbox, assistant, name="Meant")
    card = next(card for card in cards(inbox) if "Meant" in page_html(card))
    clock.move(minutes=1)
    newer = plan_waits(inbox, assistant, name="Newer")

    review(browser, card)
    shown = controls(inbox)
    review(browser, next(card for card in cards(inbox) if "Newer" in page_html(card)))
    browser.edit(shown["seax-withdrawn-by"], value="ana")
    browser.click(shown["seax-withdraw"])

    assert [assistant.get_plan(each.id).state for each in (wanted, meant, newer)] == ["planned", "withdrawn", "planned"]
    assert "Newer" in controls(inbox)["seax-plan"].value, "the plan that is open stays"


def test_a_withdrawal_of_a_plan_that_is_gone_ends_no_other(
    browser: Browser, inbox: Inbox, assistant: Workspace
) -> None:
    gone, other = plan_waits(inbox, assistant), assistant.plan(draft("Other"))
    inbox.refresh()
    review(browser, next(card for card in cards(inbox) if "Spring Sale" in page_html(card)))
    shown = controls(inbox)
    assistant.ledger.close_plan(gone.id, "declined", by="ben", via="terminal")

    browser.edit(shown["seax-withdrawn-by"], value="ana")
    browser.click(shown["seax-withdraw"])

    assert f"Plan {gone.id} was already sent or closed" in controls(inbox)["seax-said"].value
    assert assistant.get_plan(other.id).state == "planned"
    inbox.refresh()
    assert shown["seax-withdraw"].disabled
    assert "declined · " in "".join(seen(inbox))


def test_a_closed_inbox_reads_the_ledger_no_more(inbox: Inbox) -> None:
    inbox.close()
    inbox._thread.join(10)

    assert not inbox._thread.is_alive()


def test_nothing_hostile_becomes_markup(
    browser: Browser, inbox: Inbox, assistant: Workspace, csv_of: Callable[..., Any]
) -> None:
    plan_waits(inbox, assistant, name=HOSTILE, message=HOSTILE)

    browser.click(controls(inbox)["seax-review"])

    assert "&lt;img" in page_html(inbox)
    assert tags(page_html(inbox)) <= SAFE_TAGS
    assert tags(inbox._repr_mimebundle_()["text/html"]) <= SAFE_TAGS
    assert HOSTILE in inbox._repr_mimebundle_()["text/plain"]


def test_every_control_has_a_label(browser: Browser, inbox: Inbox, assistant: Workspace) -> None:
    plan_waits(inbox, assistant)
    browser.click(controls(inbox)["seax-review"])

    shown = {name: control for name, control in controls(inbox).items() if hasattr(control, "description")}
    assert {name for name, control in shown.items() if not control.description} <= {
        name for name, control in shown.items() if control._model_name == "HTMLModel"
    }
