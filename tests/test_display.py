"""What notebooks show reads as plain text and as HTML without a kernel, and what came from outside stays text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from IPython.lib.pretty import pretty

from tests.builders import START, make_contacts
from tests.widgets.page import tags
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import build_audience
from toolkit.display import Section, as_html, as_text, n_recipients
from toolkit.engagement.campaign_report import campaign_report
from toolkit.experiments.comparison import compare_campaigns
from toolkit.experiments.read_out import ArmResult, read_out
from toolkit.models import Campaign, CampaignSender, Statistics
from toolkit.plans.draft import CampaignDraft, ImportDraft
from toolkit.plans.receipt import Receipt
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

HOSTILE = "<img src=x onerror=alert(1)>\u202e\x1b[31m\n\"'& $x$"


def campaign(name: str = HOSTILE) -> Campaign:
    return Campaign(
        id=f"c-{name}",
        name=name,
        type="SMS",
        status=HOSTILE,
        message=HOSTILE,
        created_time=START,
        updated_time=START,
        senders=(CampaignSender(id="p", phone="+12025550100", name=HOSTILE),),
        statistics=Statistics(total=4, sent=3, failed=1, delivered=2, bounced=1, opened=0, clicked=1),
    )


def hostile_plan(ws: Workspace) -> Any:
    return ws.plan(
        CampaignDraft(
            name=HOSTILE,
            message=HOSTILE,
            segment=Segment.any_of("vip_customers"),
            senders=("Marketing Line",),
            media_urls=("https://example.com/<script>.png",),
            type="MMS",
        )
    )


def hostile_report(ws: Workspace) -> Any:
    logs = ws.logs(ws.campaign_ids()[0])
    return campaign_report(campaign(), logs.assign(error=HOSTILE))


def comparison(ws: Workspace) -> Any:
    logs = ws.logs(ws.campaign_ids()[0])
    return compare_campaigns([campaign_report(campaign(HOSTILE + x), logs) for x in "ab"], "click")


def arms(ws: Workspace) -> Any:
    results = [ArmResult(arm=HOSTILE + x, assigned=9, sent=9, delivered=9, successes=i) for i, x in enumerate("ab")]
    return read_out(results, fixed_time=START, now=START)


def receipt(ws: Workspace) -> Any:
    return Receipt(plan_id="p", status="unknown", at=START, recipients=3, campaign_id=HOSTILE, detail=HOSTILE)


def audience(ws: Workspace) -> Any:
    contacts = make_contacts([{"id": "a", "phone": "+12025550101", "labels": [HOSTILE]}])
    return build_audience(Segment.any_of(HOSTILE), contacts, live=False)


MAKERS: dict[str, Callable[[Workspace], Any]] = {
    "workspace": lambda ws: ws,
    "plan": hostile_plan,
    "audience": audience,
    "receipt": receipt,
    "campaign": lambda ws: campaign(),
    "report": hostile_report,
    "comparison": comparison,
    "read-out": arms,
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_it_shows_as_a_table_and_as_text_and_nothing_from_outside_becomes_markup(
    make: Callable[[Workspace], Any], ws: Workspace
) -> None:
    shown = make(ws)

    bundle = shown._repr_mimebundle_()
    html, text = bundle["text/html"], bundle["text/plain"]
    assert tags(html) <= {"div", "p", "b", "table", "tr", "td"}
    assert text == as_text(shown.describe())
    for each in (html, text):
        assert "\u202e" not in each
        assert "\x1b" not in each
        assert "onerror" not in each or "img src=x" in each


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_within_a_list_it_is_one_short_line(make: Callable[[Workspace], Any], ws: Workspace) -> None:
    shown = make(ws)

    assert pretty([shown]) == f"[{shown!r}]"


def test_a_workspace_says_what_it_is_and_where_to_begin_and_asks_the_service_nothing(
    ws: Workspace, tmp_path: Path
) -> None:
    ws._client.close()

    assert ["kind", "embedded: invented people, nothing is sent"] in [list(row) for row in ws.describe()[0].rows]
    text = as_text(ws.describe())
    assert all(each in text for each in ("ws.plan(draft)", "then CampaignBuilder(ws)"))
    assert "ws.replies" not in text, "the guide's dialect lists no replies"
    with connect(Settings(home=tmp_path, dialect="published")) as published:
        assert "ws.replies.opt_outs(since)" in as_text(published.describe())


def test_shares_stand_with_what_they_are_of_and_their_intervals(ws: Workspace) -> None:
    report = as_text(campaign_report(campaign(), ws.logs(ws.campaign_ids()[0])).describe())

    assert "1 of 2 delivered" in report
    assert "50.0 % (9.5 to 90.5 %)" in report
    assert "1 of 9 assigned · 11.1 % (2.0 to 43.5 %)" in as_text(arms(ws).describe())


@pytest.mark.parametrize(
    ("status", "repeated", "title"),
    [("sent", False, "Sent, once"), ("sent", True, "Sent earlier"), ("refused", False, "Refused: nothing was sent")],
)
def test_a_receipt_says_first_what_became_of_it(status: Any, repeated: bool, title: str) -> None:
    shown = Receipt(plan_id="p", status=status, at=START, recipients=3, accepted=3, repeated=repeated)

    assert as_text(shown.describe()).startswith(title)


def test_an_import_and_its_entry_in_the_ledger_read_too(ws: Workspace, sandbox: Sandbox, tmp_path: Path) -> None:
    csv = tmp_path / "people.csv"
    csv.write_text("name,phone\nAna,+12025550123\n", encoding="utf-8")
    plan = ws.plan(ImportDraft(name="people", path=csv))
    sandbox.clock.advance(timedelta(minutes=1))

    assert "people.csv" in plan._repr_html_()
    assert repr(ws.plans()[0]) == f"<Entry planned: {ws.plans()[0].plan!r}>"


def test_no_sections_and_no_rows_are_no_error() -> None:
    assert as_text([]) == ""
    assert as_text([Section("Nothing", [])]) == "Nothing"
    assert tags(as_html([Section("Nothing", [])])) == {"div", "p", "b", "table"}


def test_recipients_are_counted_in_words_for_one_and_for_many() -> None:
    assert [n_recipients(1), n_recipients(0), n_recipients(2_400)] == [
        "1 recipient",
        "0 recipients",
        "2,400 recipients",
    ]
    assert [n_recipients(n, "has", "have") for n in (1, 2)] == ["1 recipient has", "2 recipients have"]
