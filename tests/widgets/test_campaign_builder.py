# One file: one page, filled in as a person does, from its first field to its receipt.
"""The builder as a person uses it, on the embedded service; the page is played by messages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from tests.builders import Clock, in_both_dialects
from tests.widgets.page import HOSTILE, SAFE_TAGS, Browser, Wire, chips, controls, page_html, tags
from toolkit.audience.segment import Segment
from toolkit.errors import ApprovalRefused, DraftError
from toolkit.plans.draft import CampaignDraft, ImportDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import DialectName, Settings
from toolkit.widgets import CampaignBuilder, SegmentExplorer
from toolkit.workspace import Workspace, connect

DRAFT = CampaignDraft(
    name="Spring Sale",
    message="20% off until Sunday. Reply STOP to opt out.",
    segment=Segment.any_of("vip_customers") & ~Segment.any_of("location_nyc"),
    senders=("Marketing Line",),
)


@pytest.fixture
def builder(ws: Workspace, browser: Browser) -> CampaignBuilder:
    builder = CampaignBuilder(ws)
    builder.wait(30)
    return builder


@pytest.fixture
def planned(ws: Workspace, browser: Browser) -> CampaignBuilder:
    """A builder with a plan on the page."""
    builder = CampaignBuilder(ws, DRAFT)
    browser.click(controls(builder)["seax-see-plan"])
    return builder


def fill(browser: Browser, builder: CampaignBuilder, *, recipients: int, by: str = "ana") -> SimpleNamespace:
    """Type the number and the name; returns the controls."""
    on_page = controls(builder)
    browser.edit(on_page["seax-count"], value=str(recipients))
    browser.edit(on_page["seax-by"], value=by)
    return SimpleNamespace(**{name.removeprefix("seax-").replace("-", "_"): w for name, w in on_page.items()})


def recipients_of(ws: Workspace) -> int:
    return ws.plan(DRAFT).recipients


def test_typing_a_message_counts_its_parts(browser: Browser, builder: CampaignBuilder) -> None:
    page = controls(builder)

    browser.edit(page["seax-message"], value="Hi 🌸")

    assert page["seax-counter"].value == "UCS-2 · 5 units · 1 part, because of 🌸 (cherry blossom)"


def test_the_counter_shows_no_direction_marks(browser: Browser, builder: CampaignBuilder) -> None:
    page = controls(builder)

    browser.edit(page["seax-message"], value="Hi\u202e")

    assert "(right-to-left override)" in page["seax-counter"].value
    assert "\u202e" not in page["seax-counter"].value


def test_an_incomplete_campaign_has_no_value_and_says_what_is_missing(
    browser: Browser, builder: CampaignBuilder
) -> None:
    page = controls(builder)

    assert builder.value is None
    assert page["seax-see-plan"].disabled
    assert page["seax-next"].description == "Choose who gets it"
    assert "at least one label or condition" in page["seax-see-plan-said"].value


def test_filling_in_every_field_makes_the_draft_that_code_would_write(
    browser: Browser, builder: CampaignBuilder
) -> None:
    page = controls(builder)
    browser.edit(page["seax-name"], value=DRAFT.name)
    browser.edit(page["seax-message"], value=DRAFT.message)
    browser.click(chips(builder, "any-of")["vip_customers"])
    browser.edit(page["seax-none-of-find"], value="_nyc")
    browser.click(chips(builder, "none-of")["location_nyc"])

    assert builder.value == DRAFT
    assert not page["seax-see-plan"].disabled
    assert page["seax-next"].layout.display == "none"
    browser.click(chips(builder, "any-of")["vip_customers"])
    browser.click(chips(builder, "any-of")["newsletter"])
    browser.click(chips(builder, "any-of")["vip_customers"])
    assert builder.value.segment == Segment.any_of("newsletter", "vip_customers") & ~Segment.any_of("location_nyc")


def test_a_value_can_be_observed_printed_and_given_back(ws: Workspace, browser: Browser) -> None:
    seen: list[Any] = []
    builder = CampaignBuilder(ws, DRAFT)
    builder.observe(lambda change: seen.append(change["new"]), "value")

    browser.edit(controls(builder)["seax-name"], value="Summer Sale")

    assert [draft.name for draft in seen] == ["Summer Sale"]
    assert "Summer Sale" in repr(builder.value)
    assert CampaignBuilder(ws, builder.value).value == builder.value


def test_a_rebuilt_value_keeps_the_order_and_the_names_of_a_draft(ws: Workspace, browser: Browser) -> None:
    sender = ws.phones().query("enabled and sms")["phone"].iloc[-1]
    draft = DRAFT.model_copy(
        update={"segment": Segment.any_of("tier_gold", "newsletter", "vip_customers"), "senders": (sender,)}
    )

    assert CampaignBuilder(ws, draft).value == draft


def test_a_draft_with_a_sender_that_is_not_there_is_refused(ws: Workspace) -> None:
    with pytest.raises(DraftError, match="no enabled SMS sender 'Nobody'"):
        CampaignBuilder(ws, DRAFT.model_copy(update={"senders": ("Nobody",)}))


def test_the_plan_is_shown_as_it_prints(ws: Workspace, planned: CampaignBuilder) -> None:
    shown = controls(planned)["seax-plan"].value

    assert "Campaign plan: Spring Sale" in shown
    assert f"{recipients_of(ws):,}" in shown
    assert "embedded workspace: invented people" in shown


def test_only_the_exact_count_and_a_name_free_the_send_button(
    ws: Workspace, browser: Browser, planned: CampaignBuilder
) -> None:
    count = recipients_of(ws)

    assert fill(browser, planned, recipients=count + 1).send.disabled
    assert fill(browser, planned, recipients=count, by="").send.disabled
    assert not fill(browser, planned, recipients=count).send.disabled


def test_a_click_sends_once_and_shows_the_receipt_and_the_progress(
    ws: Workspace, browser: Browser, wire: Wire, clock: Clock, planned: CampaignBuilder
) -> None:
    page = fill(browser, planned, recipients=recipients_of(ws))

    browser.click(page.send)
    browser.click(page.send)  # a double-click

    assert wire.posts == 1
    assert "sent: campaign_" in page.outcome.value
    [entry] = ws.plans(states=["sent"])
    approved = next(event for event in ws.ledger.events(entry.plan.id) if event.event == "approved")
    assert (approved.who, approved.via) == ("ana", "panel")
    clock.move(minutes=1)
    controls(planned)["seax-monitor"].wait(10)
    assert "Spring Sale is finished" in controls(planned)["seax-figures"].value


def test_two_clicks_that_a_kernel_handles_at_once_send_once(
    ws: Workspace, browser: Browser, wire: Wire, planned: CampaignBuilder
) -> None:
    page = fill(browser, planned, recipients=recipients_of(ws))
    arrived = threading.Semaphore(0)
    page.send._click_handlers.callbacks.insert(0, lambda _: arrived.release())
    clicks = [threading.Thread(target=browser.click, args=[page.send]) for _ in range(2)]

    with controls(planned)["seax-panel"].children[0]._lock:
        for click in clicks:
            click.start()
        assert all(arrived.acquire(timeout=10) for _ in clicks)
    for click in clicks:
        click.join(10)

    assert "sent: campaign_" in page.outcome.value
    assert wire.posts == 1


def test_the_receipt_stays_while_one_goes_on_editing_until_the_next_plan(
    ws: Workspace, browser: Browser, planned: CampaignBuilder
) -> None:
    browser.click(fill(browser, planned, recipients=recipients_of(ws)).send)
    page = controls(planned)
    browser.click(page["seax-edit"])

    browser.edit(page["seax-name"], value="The next one")

    assert "sent: campaign_" in controls(planned)["seax-outcome"].value
    assert page["seax-build"].layout.display is None
    browser.click(page["seax-see-plan"])
    page["seax-monitor"].wait(10)
    assert not page["seax-follow"].disabled
    assert "Campaign plan: The next one" in controls(planned)["seax-plan"].value


def test_an_edit_while_the_plan_is_made_makes_it_the_plan_of_what_is_on_the_page(
    ws: Workspace, browser: Browser, wire: Wire
) -> None:
    builder = CampaignBuilder(ws, DRAFT, contacts=ws.snapshot())
    page = controls(builder)
    late = ["Another", "Another one"]
    wire.meanwhile = lambda: browser.edit(page["seax-name"], value=late.pop()) if late else None

    browser.click(page["seax-see-plan"])

    assert "Campaign plan: Another<" in controls(builder)["seax-plan"].value
    assert builder.value is not None
    assert builder.value.name == "Another"


def test_code_in_a_cell_cannot_send(ws: Workspace, browser: Browser, wire: Wire, planned: CampaignBuilder) -> None:
    count = recipients_of(ws)
    page = fill(browser, planned, recipients=count)

    with pytest.raises(ApprovalRefused, match="by a person in a browser"):
        page.send.click()
    with pytest.raises(ApprovalRefused, match="by clicking in a browser"):
        ws.approvals.approve(ws.plans()[0].plan.id, recipients=count, by="a cell", via="panel")
    assert wire.posts == 0


def test_code_that_plays_the_click_is_refused_by_the_approver(
    ws: Workspace, browser: Browser, wire: Wire, planned: CampaignBuilder
) -> None:
    page = fill(browser, planned, recipients=recipients_of(ws))

    page.send._handle_button_msg(page.send, {"event": "click"}, [])

    assert "by clicking in a browser, not by running code" in page.outcome.value
    assert wire.posts == 0


def test_an_edit_takes_the_plan_off_the_page_and_its_button_is_dead(
    ws: Workspace, browser: Browser, wire: Wire, planned: CampaignBuilder
) -> None:
    page = fill(browser, planned, recipients=recipients_of(ws))

    browser.edit(page.message, value="Something else")
    browser.edit(page.count, value=page.count.value + " ")  # typed before the page had caught up
    browser.click(page.send)

    assert "seax-send" not in controls(planned)
    assert wire.posts == 0


def test_the_same_campaign_again_shows_the_earlier_receipt_and_cannot_be_sent(
    ws: Workspace, browser: Browser, wire: Wire, planned: CampaignBuilder
) -> None:
    browser.click(fill(browser, planned, recipients=recipients_of(ws)).send)

    again = CampaignBuilder(ws, DRAFT)
    browser.click(controls(again)["seax-see-plan"])
    page = fill(browser, again, recipients=recipients_of(ws))
    browser.click(page.send)

    assert "sent earlier; nothing was sent now" in page.outcome.value
    assert page.send.disabled
    assert wire.posts == 1


def test_a_changed_audience_is_refused_on_the_page(
    ws: Workspace, browser: Browser, clock: Clock, wire: Wire, planned: CampaignBuilder, csv_of: Callable[..., Any]
) -> None:
    page = fill(browser, planned, recipients=recipients_of(ws))
    rows = ws.plan(ImportDraft(name="more", path=csv_of("name,phone,labels\nZoe,+19992000001,vip_customers\n")))
    ws.send(rows.approve(recipients=1, by="test"))
    clock.move(minutes=5)
    posts = wire.posts

    browser.click(page.send)

    assert "The audience changed since it was approved" in page.outcome.value
    assert 'role="alert"' in page.outcome.value
    assert wire.posts == posts


def test_a_lost_answer_is_shown_as_unknown_and_stays_so(
    ws: Workspace, browser: Browser, wire: Wire, planned: CampaignBuilder
) -> None:
    page = fill(browser, planned, recipients=recipients_of(ws))
    wire.lost = {"POST"}

    browser.click(page.send)
    browser.click(controls(planned)["seax-see-plan"])
    again = controls(planned)

    assert "no definite answer came" in page.outcome.value
    assert "its outcome is unknown" in again["seax-outcome"].value
    assert again["seax-send"].disabled
    assert wire.posts == 1


def test_a_service_that_fails_while_planning_is_shown_on_the_page(
    ws: Workspace, browser: Browser, wire: Wire, builder: CampaignBuilder
) -> None:
    again = CampaignBuilder(ws, DRAFT)
    wire.lost = {"GET"}

    browser.click(controls(again)["seax-see-plan"])

    assert 'role="alert"' in controls(again)["seax-see-plan-said"].value
    assert "seax-plan" not in controls(again)


def test_nothing_hostile_in_names_labels_or_texts_becomes_markup(
    ws: Workspace, browser: Browser, csv_of: Callable[..., Any], clock: Clock
) -> None:
    csv = f'name,phone,labels\n"{HOSTILE}",+19992000002,"{HOSTILE}"\n'
    ws.send(ws.plan(ImportDraft(name="hostile", path=csv_of(csv))).approve(recipients=1, by="test"))
    clock.move(minutes=5)
    draft = CampaignDraft(name=HOSTILE, message=HOSTILE, segment=Segment.any_of(HOSTILE), senders=("Marketing Line",))

    builder = CampaignBuilder(ws, draft)
    browser.click(controls(builder)["seax-see-plan"])
    browser.click(fill(browser, builder, recipients=1, by=HOSTILE).send)
    controls(builder)["seax-monitor"].wait(10)

    assert "sent: campaign_" in controls(builder)["seax-outcome"].value
    assert tags(page_html(builder)) <= SAFE_TAGS
    assert tags(builder._repr_mimebundle_()["text/html"]) <= SAFE_TAGS


def test_a_stored_notebook_reads_without_a_kernel(ws: Workspace, browser: Browser) -> None:
    bundle = CampaignBuilder(ws, DRAFT)._repr_mimebundle_()

    assert "application/vnd.jupyter.widget-view+json" in bundle
    for twin in (bundle["text/plain"], bundle["text/html"]):
        assert DRAFT.name in twin
        assert DRAFT.message in twin
        assert "vip_customers" in twin


def test_every_control_has_a_label(ws: Workspace, planned: CampaignBuilder) -> None:
    unlabelled = [name for name, control in controls(planned).items() if getattr(control, "description", "x") == ""]
    controlled = [controls(planned)[name] for name in unlabelled]
    shown = {each for each in controlled if each._model_name != "HTMLModel" and each.layout.display != "none"}

    assert shown == set()


def test_a_live_workspace_says_so_above_the_form_and_above_the_button(
    tmp_path: Path, sandbox: Sandbox, wire: Wire, clock: Clock, browser: Browser
) -> None:
    settings = Settings(
        home=tmp_path, api_key=SecretStr("0" * 64), workspace_id=sandbox.workspace_id, base_url=sandbox.base_url
    )
    with connect(settings, transport=wire, now=clock) as ws:
        builder = CampaignBuilder(ws, DRAFT)
        browser.click(controls(builder)["seax-see-plan"])
        page = fill(browser, builder, recipients=0)

    assert page_html(builder).count("<b>LIVE</b> <span>real people receive what you send</span>") == 2
    assert "a live workspace never texts fictional numbers" in page.plan.value
    assert "This plan is blocked" in page.outcome.value  # the embedded people have numbers that no live plan accepts
    assert page.send.disabled


def found(builder: CampaignBuilder, field: str) -> str:
    return page_html(controls(builder)[f"seax-found-{field}"])


def test_mms_offers_those_who_can_send_it_and_checks_the_media_as_they_are_typed(
    ws: Workspace, browser: Browser
) -> None:
    builder = CampaignBuilder(ws, DRAFT)
    page = controls(builder)
    able = ws.phones().query("enabled and mms")["name"]

    builder.wait(30)
    browser.edit(page["seax-type"], index=1)
    browser.edit(page["seax-media"], value="http://example.com/a.png")
    browser.wait()

    assert [text.rpartition(" ")[0] for text, _ in page["seax-sender"].options] == list(able)
    assert "not a public https address" in found(builder, "media")
    browser.edit(page["seax-media"], value="https://example.com/a.png")
    browser.wait()
    assert found(builder, "media") == ""


def test_an_edit_that_comes_while_labels_are_being_offered_counts(ws: Workspace, wire: Wire, browser: Browser) -> None:
    watched = threading.Event()
    wire.meanwhile = lambda: threading.current_thread() is threading.main_thread() or watched.wait(30)
    builder = CampaignBuilder(ws, DRAFT)
    page = controls(builder)
    edit = threading.Thread(target=browser.edit, args=(page["seax-message"],), kwargs={"value": "Meanwhile"})
    page["seax-any-of"].observe(lambda _: (edit.start(), edit.join(0.2)), "options")

    watched.set()
    builder.wait(60)
    edit.join(60)

    assert builder.value is not None
    assert builder.value.message == "Meanwhile"


def test_a_schedule_is_typed_in_a_zone_and_echoed_in_utc(ws: Workspace, browser: Browser) -> None:
    builder = CampaignBuilder(ws, DRAFT)
    page = controls(builder)
    assert page["seax-echo"].value == "Starts at once."

    browser.edit(page["seax-when"], index=1)
    assert "Choose when it starts" in page["seax-echo"].value
    browser.edit(
        page["seax-start"],
        value={"year": 2026, "month": 2, "date": 4, "hours": 10, "minutes": 0, "seconds": 0, "milliseconds": 0},
    )
    browser.edit(page["seax-zone"], value="New York")

    assert "2026-03-04 10:00 America/New_York = 2026-03-04 15:00 UTC, in 21 h 45 m" in page["seax-echo"].value
    assert builder.value is not None
    assert builder.value.start_at is not None
    browser.edit(page["seax-zone"], value="America/NewYork")
    assert builder.value is None
    assert "did you mean America/New_York" in page["seax-see-plan-said"].value
    assert "did you mean America/New_York" in page["seax-echo"].value


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ((2026, 3, 2, 10), None, "in the past"),
        ((2026, 3, 5, 10), (2026, 3, 5, 9), "The end is not after the start"),
        ((2026, 3, 8, 2, 30), None, "skip 02:30"),
    ],
)
def test_a_time_that_cannot_be_is_said_where_it_was_typed(
    ws: Workspace, browser: Browser, start: tuple[int, ...], end: tuple[int, ...] | None, said: str
) -> None:
    zone = ZoneInfo("America/New_York")
    draft = DRAFT.model_copy(update={"start_at": datetime(2026, 3, 4, 10, tzinfo=zone)})
    builder = CampaignBuilder(ws, draft, contacts=ws.snapshot())
    assert builder.value == draft

    builder._fields.schedule._end.value = datetime(*end) if end else None
    builder._fields.schedule._start.value = datetime(*start)

    assert builder.value is None
    assert said in controls(builder)["seax-echo"].value
    assert said in controls(builder)["seax-see-plan-said"].value


def test_whom_can_be_a_rule_and_one_that_cannot_be_read_says_why(ws: Workspace, browser: Browser) -> None:
    builder = CampaignBuilder(ws, DRAFT)
    builder.wait(30)

    browser.click(controls(builder)["seax-as-text"])
    assert controls(builder)["seax-rule"].value == str(DRAFT.segment)
    browser.edit(controls(builder)["seax-rule"], value="labels:vip_customers and field.customer_tier = gold")
    assert builder.value is not None
    assert str(builder.value.segment) == "labels:vip_customers and field.customer_tier = gold"
    browser.edit(controls(builder)["seax-rule"], value="labels:")
    assert builder.value is None
    assert "expected a label right behind labels:" in controls(builder)["seax-see-plan-said"].value
    assert "expected a label right behind labels:" in controls(builder)["seax-rule-said"].value
    assert "of the last rule that could be read" in controls(builder)["seax-reach"].value
    browser.edit(controls(builder)["seax-rule"], value="labels:vip_customers and field.customer_tier = gold")
    browser.click(controls(builder)["seax-as-text"])
    assert [each.description for each in controls(builder)["seax-conditions"].children] == [
        f"✕ field.customer_tier = gold ({Segment.parse('field.customer_tier = gold').count(ws.snapshot())})"
    ]
    browser.click(controls(builder)["seax-conditions"].children[0])
    assert builder.value is not None
    assert builder.value.segment == Segment.any_of("vip_customers")


def test_it_is_for_the_segment_that_an_explorer_shows(ws: Workspace, browser: Browser) -> None:
    explorer = SegmentExplorer(ws, Segment.any_of("vip_customers"))
    builder = CampaignBuilder(ws, DRAFT, explorer=explorer)

    browser.edit(controls(explorer)["seax-rule"], value="labels:lapsed")

    assert builder.value is not None
    assert builder.value.segment == explorer.value == Segment.any_of("lapsed")
    browser.edit(controls(explorer)["seax-rule"], value="labels:lapsedd")
    assert builder.value is None


def test_findings_stand_beside_their_field_once_and_a_click_repairs_them(ws: Workspace, browser: Browser) -> None:
    draft = DRAFT.model_copy(update={"message": "Hi {name}, visit http://bit.ly/x today"})
    builder = CampaignBuilder(ws, draft, contacts=ws.snapshot())
    page = controls(builder)
    browser.wait()

    assert "MSG005" in found(builder, "message")
    assert "MSG009" in found(builder, "links")
    assert "MSG011" in found(builder, "links")
    assert "seax-repair-MSG011" not in controls(builder), "one button shortens the links"
    assert "MSG" not in found(builder, "sender") + found(builder, "whom") + found(builder, "when")
    assert "shorten_links" not in page_html(builder)
    assert page["seax-findings"].children[0].description == "■ 2 blocks"
    assert page["seax-next"].description == "Go to the first block"
    browser.click(controls(builder)["seax-repair-MSG009"])
    browser.click(controls(builder)["seax-repair-MSG006"])
    assert builder.value is not None
    assert builder.value.shorten_links
    assert builder.value.message.endswith("today Reply STOP to opt out.")
    browser.edit(page["seax-message"], value="Hello. Reply STOP to opt out.")
    browser.wait()
    assert "■" not in page_html(builder)
    assert page["seax-next"].layout.display == "none"


def test_a_block_that_may_be_overridden_asks_for_a_reason_and_takes_it(ws: Workspace, browser: Browser) -> None:
    message = "Win at http://bit.ly/x Reply STOP to opt out."
    builder = CampaignBuilder(ws, DRAFT.model_copy(update={"message": message}), contacts=ws.snapshot())
    browser.wait()
    blocking = {name for name in controls(builder) if name.startswith("seax-reason-")}
    assert "seax-reason-MSG009" in blocking

    for name in blocking:
        browser.edit(controls(builder)[name], value="the customer wants this very link")
    browser.wait()

    assert builder.value is not None
    assert builder.value.overrides["MSG009"] == "the customer wants this very link"
    assert "Overridden" in found(builder, "links")


def test_the_card_follows_every_edit_with_count_waterfall_cost_and_timetable(ws: Workspace, browser: Browser) -> None:
    builder = CampaignBuilder(ws, DRAFT, contacts=ws.snapshot())
    page = controls(builder)
    browser.wait()
    count = ws.audience(DRAFT.segment)
    assert f">{len(count):,}</span><p>people would receive it" in page["seax-reach"].value
    assert f"<td>{count.selected:,}</td>" in page["seax-waterfall"].value
    assert f"{len(count):,} parts" in page["seax-card-facts"].value

    browser.edit(page["seax-when"], index=2)
    browser.wait()

    plan = ws.plan(builder.value) if builder.value else None
    assert plan is not None
    assert len(plan.steps) > 1
    assert "Their clock" in page["seax-timetable"].value
    assert f'<td class="n">{plan.recipients:,}</td>' in page["seax-timetable"].value
    assert len(ws.plans()) == 1, "checking while somebody writes records no plan"


def test_the_form_is_there_while_the_contacts_are_read_which_can_be_stopped(
    ws: Workspace, browser: Browser, wire: Wire
) -> None:
    asked = threading.Semaphore(0)
    going = threading.Event()

    def meanwhile() -> None:
        if threading.current_thread() is not threading.main_thread():
            asked.release()
            going.wait(30)

    wire.meanwhile = meanwhile
    builder = CampaignBuilder(ws, DRAFT)
    page = controls(builder)
    assert asked.acquire(timeout=30)

    assert builder.value == DRAFT
    assert page["seax-any-of"].value == ("vip_customers",)
    page["seax-contacts-stop"]._click_handlers(page["seax-contacts-stop"])
    going.set()
    builder.wait(30)

    assert "Stopped after 400 of 400 rows" in page["seax-contacts-said"].value
    browser.click(page["seax-contacts"])
    assert "400 contacts, read at" in page["seax-contacts-said"].value
    assert builder.value == DRAFT
    assert len(page["seax-any-of"].options) > 1


def test_planning_can_be_stopped_and_begun_anew(ws: Workspace, browser: Browser, wire: Wire) -> None:
    builder = CampaignBuilder(ws, DRAFT, contacts=ws.snapshot())
    page = controls(builder)
    wire.meanwhile = lambda: browser.click(page["seax-see-plan-stop"])

    browser.click(page["seax-see-plan"])

    assert "Stopped after" in page["seax-see-plan-said"].value
    assert ws.plans() == []
    wire.meanwhile = lambda: None
    browser.click(page["seax-see-plan"])
    assert "Campaign plan: Spring Sale" in controls(builder)["seax-plan"].value


def test_the_message_is_shown_to_people_it_goes_to_as_it_is_typed(ws: Workspace, browser: Browser) -> None:
    builder = CampaignBuilder(ws, DRAFT, contacts=ws.snapshot())
    first = ws.audience(DRAFT.segment).frame.iloc[0]

    browser.edit(controls(builder)["seax-message"], value="Good news: more soon.")

    page = controls(builder)
    assert "Good news: more soon." in page["seax-read"].value
    assert str(first["name"]) in page["seax-reader"].value
    assert str(first["phone"]) not in page_html(builder)
    browser.click(page["seax-next-person"])
    assert str(first["name"]) not in page["seax-reader"].value
    browser.click(chips(builder, "any-of")["vip_customers"])
    browser.click(chips(builder, "none-of")["location_nyc"])
    assert "Good news: more soon." in page["seax-read"].value
    assert page["seax-reach"].value.startswith('<div role="status"><span class="seax-people seax-quiet">0<')


def test_personal_messages_are_filled_for_each(ws: Workspace, browser: Browser) -> None:
    draft = DRAFT.model_copy(update={"message": "20% off. Reply STOP to opt out."})
    builder = CampaignBuilder(ws, draft, contacts=ws.snapshot())
    browser.click(controls(builder)["seax-insert"].children[1])
    assert controls(builder)["seax-message"].value.endswith("opt out. {name}")
    browser.click(controls(builder)["seax-repair-MSG005"])
    browser.wait()

    audience = ws.audience(DRAFT.segment)
    assert builder.value is not None
    assert builder.value.kind == "messages"
    assert set(builder.value.contact_ids) == set(audience.frame["id"])
    assert "MSG005" not in found(builder, "message")
    assert "{name}" not in controls(builder)["seax-read"].value


@in_both_dialects
def test_personal_messages_go_to_as_many_as_the_service_takes(
    ws: Workspace, browser: Browser, dialect: DialectName
) -> None:
    draft = DRAFT.model_copy(update={"segment": Segment.where("created").is_present(), "message": "Hi {name}. STOP"})
    builder = CampaignBuilder(ws, draft, contacts=ws.snapshot())

    controls(builder)["seax-personal"].value = True
    browser.wait()

    assert builder.value is not None
    assert builder.value.kind == "messages"
    assert len(builder.value.contact_ids) > 200
    assert ("so a list has 200 people at most" in page_html(builder)) == (dialect == "guide")


def test_a_test_goes_to_the_own_numbers_of_the_policy(ws: Workspace, browser: Browser, wire: Wire) -> None:
    assert controls(CampaignBuilder(ws, DRAFT, contacts=ws.snapshot()))["seax-test"].layout.display == "none"
    policy = ws.policy.model_copy(update={"test_numbers": ("+12025550147",)})
    ws.policy = policy
    builder = CampaignBuilder(ws, DRAFT, contacts=ws.snapshot())
    page = controls(builder)

    assert page["seax-test"].description == "Send a test to my number"
    browser.click(page["seax-test"])

    assert "Test of Spring Sale" in controls(builder)["seax-plan"].value
    assert wire.posts == 0


def test_these_people_are_shown_and_follow_the_choice(ws: Workspace, browser: Browser) -> None:
    builder = CampaignBuilder(ws, DRAFT, contacts=ws.snapshot())
    page = controls(builder)
    table = page["seax-people-table"]

    browser.click(page["seax-show-people"])

    assert table.shown["found"] == len(ws.audience(DRAFT.segment))
    browser.edit(table, asked=table.asked | {"sort": "name", "page": 1})
    assert table.value.page == 1
    browser.click(chips(builder, "none-of")["location_nyc"])
    assert table.shown["found"] == len(ws.audience(Segment.any_of("vip_customers")))
    assert (table.value.sort, table.value.page) == ("name", 0)
    assert not [phone for phone in ws.contacts()["phone"].dropna() if phone in str(table.shown)]


def test_a_plan_that_an_edit_replaces_is_withdrawn(ws: Workspace, browser: Browser, planned: CampaignBuilder) -> None:
    browser.edit(controls(planned)["seax-message"], value="Something else. Reply STOP to opt out.")

    assert [entry.state for entry in ws.plans()] == ["withdrawn"]


def test_a_second_text_is_an_arm_beside_the_first_with_people_held_out(ws: Workspace, browser: Browser) -> None:
    builder = CampaignBuilder(ws, DRAFT)
    builder.wait(30)
    page = controls(builder)
    add = page["seax-add-arm"].shown[0]
    browser.click(add)
    browser.click(add)  # a second click on the same button adds no third arm
    page = controls(builder)
    browser.edit(page["seax-message-b"], value="Shoes are 20% off. Reply STOP to opt out.")
    browser.edit(page["seax-held-out"], index=2)
    browser.edit(page["seax-counts"], value="an order")
    columns = [column for _, column in page["seax-strata"].options]
    browser.edit(page["seax-strata"], index=columns.index("field.customer_tier"))
    browser.wait()

    draft = builder.value
    assert isinstance(draft, CampaignDraft)
    assert draft.experiment is not None
    assert (draft.experiment.arms, draft.experiment.holdout) == ({"A": 0.5, "B": 0.5}, 0.1)
    assert draft.experiment.strata == "field.customer_tier"
    assert draft.messages == {"B": "Shoes are 20% off. Reply STOP to opt out."}
    assert page["seax-arms"].titles == ("A · 45%", "B · 45%", "Held out · 10%")
    assert "people an arm can" in page["seax-arm-size"].value
    assert "EXP001" in page_html(page["seax-found-message"])
    assert CampaignBuilder(ws, draft).value == draft
    plan = ws.plan(draft)
    assert {step.arm for step in plan.steps} == {"A", "B"}
    assert len(plan.assigned["held out"]) > 0

    browser.click(controls(builder)["seax-remove-arm"])
    assert builder.value == DRAFT


def test_a_repair_changes_the_text_of_each_arm_once(ws: Workspace, browser: Browser) -> None:
    builder = CampaignBuilder(ws, DRAFT.model_copy(update={"message": "20% off until Sunday."}))
    builder.wait(30)
    browser.click(controls(builder)["seax-add-arm"].shown[0])
    browser.wait()
    repair = controls(builder)["seax-repair-MSG006"]

    browser.click(repair)
    browser.click(repair)

    assert isinstance(builder.value, CampaignDraft)
    assert set(builder.value.texts) == {"20% off until Sunday. Reply STOP to opt out."}


def test_a_repair_changes_only_the_texts_that_its_finding_is_about(ws: Workspace, browser: Browser) -> None:
    builder = CampaignBuilder(ws, DRAFT.model_copy(update={"message": "20% off. Text END to unsubscribe."}))
    builder.wait(30)
    browser.click(controls(builder)["seax-add-arm"].shown[0])
    browser.edit(controls(builder)["seax-message"], value="20% off until Sunday.")
    browser.wait()

    browser.click(controls(builder)["seax-repair-MSG006"])

    assert isinstance(builder.value, CampaignDraft)
    assert set(builder.value.texts) == {
        "20% off until Sunday. Reply STOP to opt out.",
        "20% off. Text END to unsubscribe.",
    }


def test_utm_parameters_are_put_on_links_by_a_click_and_counted(ws: Workspace, browser: Browser) -> None:
    builder = CampaignBuilder(ws, DRAFT)
    page = controls(builder)
    assert page["seax-utm"].layout.display == "none"
    browser.edit(page["seax-message"], value="Shoes: https://example.com Reply STOP to opt out.")
    assert page["seax-utm"].layout.display is None

    browser.click(page["seax-utm"])
    browser.click(page["seax-utm"])

    link = "https://example.com?utm_source=sms&utm_medium=sms&utm_campaign=spring-sale"
    assert page["seax-message"].value == f"Shoes: {link} Reply STOP to opt out."
    assert isinstance(builder.value, CampaignDraft)
    assert link in builder.value.message
    assert f"{len(page['seax-message'].value)} units" in page["seax-counter"].value
    assert page["seax-utm"].layout.display == "none"


def test_it_starts_at_a_time_on_the_clocks_of_each_recipient(ws: Workspace, browser: Browser) -> None:
    builder = CampaignBuilder(ws, DRAFT, contacts=ws.snapshot())
    page = controls(builder)

    browser.edit(page["seax-when"], index=3)
    assert builder.value is None
    assert "Choose the time on their clocks" in page["seax-echo"].value
    browser.edit(page["seax-local-time"], value={"hours": 10, "minutes": 0, "seconds": 0, "milliseconds": 0})

    assert builder.value == DRAFT.model_copy(update={"by_zone": True, "local_time": time(10)})
    assert "starts at 10:00 on the clocks there" in page["seax-echo"].value
    browser.wait()
    assert page["seax-timetable"].value.count("10:00") > 1
    assert CampaignBuilder(ws, builder.value, contacts=ws.snapshot()).value == builder.value
    browser.edit(page["seax-when"], index=0)
    assert builder.value == DRAFT
