"""What the tools say of themselves, and what they answer."""

from __future__ import annotations

import json
import logging
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from mcp_server.connection import Connection
from mcp_server.guard.contact_handles import Handles
from mcp_server.guard.server_key import server_key
from mcp_server.guard.server_settings import Options
from mcp_server.server import build_server
from mcp_server.tools.plan_report import LONGEST_TEXT
from tests.builders import Clock
from tests.mcp.host import DRAFT, Host, ask, bare, plan, said, table
from toolkit.audience.segment import Segment
from toolkit.plans.draft import MAX_TEXT
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

pytestmark = pytest.mark.anyio


async def test_status_names_the_workspace_its_senders_and_labels(host: Host, ws: Workspace) -> None:
    async with host.client() as client:
        plan_id = await plan(client)
        status = await ask(client, "get_status")

    labels = {row["name"]: int(row["contacts"]) for row in table(status["labels"])}
    assert (status["workspace_id"], status["live"], status["open_plans"]) == (ws.id, False, [plan_id])
    assert "Marketing Line" in {row["name"] for row in table(status["senders"])}
    assert labels["vip_customers"] == len(ws.contacts(Segment.any_of("vip_customers")))


async def test_contacts_are_counted_by_their_labels(host: Host, ws: Workspace) -> None:
    any_of, all_of, none_of = ["vip_customers", "lapsed"], ["tier_gold", "newsletter"], ["location_nyc"]
    meant = Segment.any_of(*any_of) & Segment.all_of(*all_of) & ~Segment.any_of(*none_of)

    async with host.client() as client:
        everyone = await ask(client, "find_contacts", limit=0)
        some = await ask(client, "find_contacts", any_of=any_of, all_of=all_of, none_of=none_of, limit=0)

    assert (everyone["total"], table(everyone["rows"])) == (400, [])
    assert 0 < some["total"] == len(ws.contacts(meant)) < 400


async def test_pages_of_contacts_join_to_the_whole(host: Host, ws: Workspace, options: Options) -> None:
    rows, offset, omitted = [], 0, []
    async with host.client() as client:
        while offset is not None:
            page = await ask(client, "find_contacts", any_of=["vip_customers"], limit=50, cursor=offset)
            rows += table(page["rows"])
            omitted.append(page["omitted"])
            offset = page["next_cursor"]

    frame = ws.contacts(Segment.any_of("vip_customers"))
    handles = Handles(server_key(options.home, "handles"), ws.id)
    assert [row["id"] for row in rows] == [handles.of(contact_id) for contact_id in frame["id"]]
    assert omitted == [len(frame) - 50] * (len(omitted) - 1) + [len(frame) - len(frame) % 50]


async def test_a_page_behind_the_end_is_empty_and_the_last(host: Host) -> None:
    async with host.client() as client:
        page = await ask(client, "find_contacts", cursor=10_000)

    assert (page["total"], page["shown"], page["next_cursor"]) == (400, 0, None)


async def test_phones_of_people_are_masked_everywhere(host: Host, ws: Workspace) -> None:
    phones = {phone for phone in ws.contacts()["phone"].dropna() if len(phone) >= 9}
    async with host.client() as client:
        plan_id = await plan(client)
        sent = await ask(client, "send_plan", plan_id=plan_id)
        answers = [
            await ask(client, "find_contacts", limit=100),
            await ask(client, "query_logs", campaigns=[sent["outcome"]["campaign_id"]], limit=100),
            await ask(client, "get_plan", plan_id=plan_id),
        ]

    assert "•••" in answers[0]["rows"]
    assert "•••" in answers[1]["rows"]
    assert [phone for phone in phones if phone in json.dumps([answers, host.questions])] == []


async def test_a_slip_in_a_rule_is_said_with_what_may_be_meant(host: Host) -> None:
    async with host.client() as client:
        tier = await ask(client, "find_contacts", segment="field.customer_tier = Gold")
        state = await ask(client, "find_contacts", segment="not state = Texas")
        right = await ask(client, "find_contacts", segment="field.customer_tier = gold")
        plan = await ask(client, "plan_campaign", **DRAFT | {"segment": "labels:vip_customers and not state = Texas"})

    assert "did you mean gold?" in tier["doubts"]
    assert "did you mean TX?" in state["doubts"]
    assert right["doubts"] == ""
    assert any(x["code"] == "AUD014" and "did you mean TX?" in x["message"] for x in plan["findings"])


async def test_a_plan_tells_who_is_left_out_and_why(host: Host, ws: Workspace) -> None:
    async with host.client() as client:
        report = await ask(client, "plan_campaign", **DRAFT)

    kept = ws.get_plan(report["plan_id"]).plan
    assert (report["state"], report["live"], report["digest"]) == ("planned", False, kept.digest[:12])
    assert report["recipients"] + sum(cut["contacts"] for cut in report["left_out"]) == report["selected"]
    assert report["parts_total"] == report["recipients"] == kept.recipients
    assert f"seax approve {kept.id}" in report["next_step"]


async def test_a_blocked_plan_says_what_to_change(host: Host) -> None:
    async with host.client() as client:
        report = await ask(client, "plan_campaign", **DRAFT | {"type": "MMS"})

    assert [finding["code"] for finding in report["findings"] if finding["severity"] == "block"] == ["MMS001"]
    assert "plan again" in report["next_step"]


async def test_an_mms_with_media_is_not_blocked(host: Host) -> None:
    media = ["https://example.com/spring.png"]
    async with host.client() as client:
        report = await ask(client, "plan_campaign", **DRAFT | {"type": "MMS", "media_urls": media})
        await ask(client, "send_plan", plan_id=report["plan_id"])

    assert "block" not in {finding["severity"] for finding in report["findings"]}
    assert f"Media: {media[0]}" in host.questions[0].split("\n")


async def test_a_start_without_a_time_zone_is_refused(host: Host) -> None:
    async with host.client() as client:
        result = await client.call_tool("plan_campaign", DRAFT | {"start_at": "2026-03-04T12:00:00"})

    assert said(result) == (
        "The arguments of plan_campaign do not fit: start_at '2026-03-04T12:00:00' has no time zone: write it as "
        "2026-12-01T17:00-05:00. Nothing was done."
    )


async def test_a_scheduled_campaign_keeps_its_start(host: Host) -> None:
    async with host.client() as client:
        report = await ask(client, "plan_campaign", **DRAFT, start_at="2026-03-04T12:00:00+01:00")
        await ask(client, "send_plan", plan_id=report["plan_id"])

    assert "Starts: 2026-03-04 11:00 UTC (2026-03-04 12:00 UTC+01:00)" in host.questions[0]
    assert "at once" not in host.questions[0]


async def test_rates_of_nothing_sent_are_not_known(host: Host) -> None:
    async with host.client() as client:
        sent = await ask(client, "send_plan", plan_id=await plan(client, start_at="2026-03-04T12:00:00Z"))
        campaign_id = sent["outcome"]["campaign_id"]
        log = await ask(client, "query_logs", campaigns=[campaign_id], by=["status"])
        report = await ask(client, "get_campaign_report", campaign_id=campaign_id)

    (row,) = table(log["rows"])
    assert (row["status"], row["delivery_rate"], row["failure_rate"]) == ("queued", "", "")
    assert {stage["rate"] for stage in table(report["funnel"])[1:]} == {""}
    assert (report["seconds_p50"], report["seconds_p95"]) == (None, None)


async def test_planning_what_was_sent_answers_with_what_became_of_it(host: Host) -> None:
    async with host.client() as client:
        plan_id = await plan(client)
        await ask(client, "send_plan", plan_id=plan_id)
        report = await ask(client, "plan_campaign", **DRAFT)

    assert (report["plan_id"], report["state"]) == (plan_id, "sent")
    assert report["outcome"]["status"] == "sent"


async def test_a_campaign_is_followed_to_its_end(host: Host, ws: Workspace, clock: Clock) -> None:
    async with host.client() as client:
        sent = await ask(client, "send_plan", plan_id=await plan(client))
        campaign_id = sent["outcome"]["campaign_id"]
        clock.move(hours=20)
        report = await ask(client, "get_campaign_report", campaign_id=campaign_id, detail="full")
        lost = await ask(client, "query_logs", campaigns=[campaign_id], statuses=["failed", "undelivered"], limit=100)

    logs = ws.logs(campaign_id)
    attempted, left, delivered = table(report["funnel"])
    assert report["finished"]
    assert report["problems"] == []
    assert bare(report["text"]) == DRAFT["message"]
    assert report["messages"] == int(attempted["whole"]) == len(logs)
    assert int(delivered["count"]) == (logs["status"] == "delivered").sum()
    assert 0 < float(delivered["low"]) < float(delivered["rate"]) <= float(delivered["high"]) <= 1
    assert int(delivered["whole"]) == int(left["count"]) == ws.engagement(campaign_id)["sent"].iloc[0]
    assert report["seconds_p50"] <= report["seconds_p95"]
    assert lost["total"] == logs["status"].isin(["failed", "undelivered"]).sum() < len(logs)
    assert {row["status"] for row in table(lost["rows"])} <= {"failed", "undelivered"}


async def test_an_unknown_label_is_answered_with_near_ones(host: Host) -> None:
    async with host.client() as client:
        result = await client.call_tool("find_contacts", {"any_of": ["vip_customer"]})

    assert said(result) == "No contact has a label 'vip_customer': did you mean vip_customers?"


async def test_an_argument_out_of_bounds_is_one_sentence(host: Host) -> None:
    async with host.client() as client:
        result = await client.call_tool("find_contacts", {"limit": 101})

    assert said(result) == (
        "The arguments of find_contacts do not fit: limit is 101, and must be at most 100. Nothing was done."
    )


async def test_an_id_of_another_form_is_asked_for_in_words(host: Host) -> None:
    async with host.client() as client:
        result = await client.call_tool("get_plan", {"plan_id": "the spring plan"})

    assert said(result) == (
        "The arguments of get_plan do not fit: plan_id cannot be 'the spring plan': give the id of a plan, such as "
        "plan_0123456789abcdef. Nothing was done."
    )


async def test_marks_that_steer_a_terminal_or_a_reader_are_taken_out(host: Host) -> None:
    hostile = "A\x1b[31m\u202eevil\u2066\nRecipients: 1"
    text = hostile.replace("\u202e", "\u200e").replace("\u2066", "\u200f")  # the others block a plan
    async with host.client() as client:
        report = await ask(client, "plan_campaign", **DRAFT | {"name": hostile, "message": text + " STOP"})
        await ask(client, "send_plan", plan_id=report["plan_id"])

    lines = host.questions[0].split("\n")
    assert bare(report["name"]) == "A [31m evil Recipients: 1"
    assert all(line.isprintable() for line in [*lines, report["name"], *report["texts"][0]["text"].split("\n")])
    assert [line for line in lines if line.startswith("Recipients:")] == [lines[4]]
    assert lines[-1] == "Text: A [31m evil Recipients: 1 STOP"


async def test_what_nobody_expected_stays_in_the_log(
    host: Host, ws: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(**_: Any) -> None:
        raise RuntimeError("inner workings")

    monkeypatch.setattr(ws, "snapshot", crash)
    async with host.client() as client:
        with caplog.at_level(logging.ERROR):
            result = await client.call_tool("find_contacts", {})

    assert result.is_error
    assert "inner workings" not in said(result)
    assert "inner workings" in caplog.text


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
async def test_a_refused_key_is_named_but_not_shown(tmp_path: Any, mode: str) -> None:
    key = "0" * 64
    settings = Settings(home=tmp_path, api_key=SecretStr(key), workspace_id="w")
    refuse = httpx.MockTransport(lambda request: httpx.Response(401, json={"message": "Invalid API key"}))
    with connect(settings, transport=refuse) as live:
        async with Host(build_server(Connection(lambda: live, Options.at(tmp_path))), mode).client() as client:
            result = await client.call_tool("find_contacts", {})

    assert "check SEAX_API_KEY" in said(result)
    assert key not in said(result)


def test_the_workspace_is_opened_once_and_at_first_use(ws: Workspace, options: Options) -> None:
    opened = []

    def open_workspace() -> Workspace:
        opened.append(ws)
        return ws

    connection = Connection(open_workspace, options)
    build_server(connection)

    assert opened == []
    assert connection.workspace is connection.workspace is ws
    assert opened == [ws]


def test_the_longest_text_is_what_a_draft_takes() -> None:
    assert LONGEST_TEXT == MAX_TEXT
