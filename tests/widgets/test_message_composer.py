"""The composer as a person uses it, on the embedded service; the page is played by messages."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.widgets.page import HOSTILE, SAFE_TAGS, Browser, Wire, controls, page_html, tags
from toolkit.audience.eligibility import Outcome
from toolkit.audience.segment import Segment
from toolkit.errors import DraftError
from toolkit.plans.draft import MessageDraft
from toolkit.widgets import MessageComposer
from toolkit.workspace import Workspace


@pytest.fixture
def person(ws: Workspace) -> pd.Series:
    """A row of the contact frame who can be texted."""
    return ws.audience(Segment.any_of("vip_customers")).frame.iloc[0]


def write(browser: Browser, composer: MessageComposer, text: str = "Your order is on its way.") -> None:
    page = controls(composer)
    browser.edit(page["seax-sender"], index=[name for _, name in page["seax-sender"].options].index("Marketing Line"))
    browser.edit(page["seax-message"], value=text)


def test_a_contact_row_opens_it_and_one_click_sends_once(
    ws: Workspace, browser: Browser, wire: Wire, person: pd.Series
) -> None:
    composer = MessageComposer(ws, person)
    assert str(person["name"]) in controls(composer)["seax-to"].value
    write(browser, composer)
    assert composer.value == MessageDraft(
        message="Your order is on its way.", contact_id=person["id"], sender="Marketing Line"
    )

    browser.click(controls(composer)["seax-see-plan"])
    browser.edit(controls(composer)["seax-count"], value="1")
    browser.edit(controls(composer)["seax-by"], value="ana")
    browser.click(controls(composer)["seax-send"])
    browser.click(controls(composer)["seax-send"])

    assert "sent: " in controls(composer)["seax-outcome"].value
    assert wire.posts == 1


def test_the_same_text_again_is_shown_as_sent_and_another_name_is_another_message(
    ws: Workspace, browser: Browser, person: pd.Series
) -> None:
    draft = MessageDraft(message="Hello", contact_id=person["id"], sender="Marketing Line")
    ws.send(ws.plan(draft).approve(recipients=1, by="test"))
    composer = MessageComposer(ws, person, draft)

    browser.click(controls(composer)["seax-see-plan"])
    assert "sent earlier; nothing was sent now" in controls(composer)["seax-outcome"].value
    browser.edit(controls(composer)["seax-name"], value="again")
    browser.click(controls(composer)["seax-see-plan"])
    assert "type the exact number of recipients" in controls(composer)["seax-outcome"].value


def test_who_opted_out_gets_nothing(ws: Workspace, browser: Browser, wire: Wire) -> None:
    contact_id = ws.audience(Segment.everyone()).ids(Outcome.OPTED_OUT)[0]
    composer = MessageComposer(ws, contact_id)
    write(browser, composer)

    browser.click(controls(composer)["seax-see-plan"])

    assert "This plan is blocked" in controls(composer)["seax-outcome"].value
    assert controls(composer)["seax-send"].disabled


def test_an_mms_offers_those_who_can_send_it_and_checks_its_media(
    ws: Workspace, browser: Browser, person: pd.Series
) -> None:
    composer = MessageComposer(ws, person)
    page = controls(composer)
    browser.edit(page["seax-type"], index=1)

    browser.edit(page["seax-media"], value="http://example.com/a.png")

    assert len(page["seax-sender"].options) == len(ws.phones().query("enabled and mms"))
    assert "not a public https address" in page["seax-found-media"].value
    assert composer.value is None


def test_a_frame_is_no_contact(ws: Workspace) -> None:
    with pytest.raises(DraftError, match=r"contacts\.iloc\[0\]"):
        MessageComposer(ws, pd.Series({"name": "Ana"}))


def test_nothing_hostile_becomes_markup(ws: Workspace, browser: Browser, person: pd.Series) -> None:
    composer = MessageComposer(ws, person.to_frame().T.assign(name=HOSTILE).iloc[0])
    write(browser, composer, HOSTILE)
    browser.click(controls(composer)["seax-see-plan"])

    assert tags(page_html(composer)) <= SAFE_TAGS
    assert tags(composer._repr_mimebundle_()["text/html"]) <= SAFE_TAGS


def test_every_control_has_a_label(ws: Workspace, browser: Browser, person: pd.Series) -> None:
    shown = controls(MessageComposer(ws, person))

    assert all(c.description for c in shown.values() if hasattr(c, "description") and c._model_name != "HTMLModel")
