from __future__ import annotations

from collections.abc import Callable
from datetime import time

from tests.builders import campaign_draft
from toolkit.audience.segment import Segment
from toolkit.workspace import Workspace


def test_a_plan_says_who_how_many_what_and_why_not(ws: Workspace) -> None:
    plan = ws.plan(campaign_draft())

    for shown in (str(plan), plan._repr_html_()):
        assert "Spring Sale" in shown
        assert f"{plan.recipients:,}" in shown
        assert "embedded workspace: invented people" in shown
        assert "Hello. Reply STOP to opt out." in shown
        assert "opted out" in shown
        assert "cannot be recalled" in shown
        assert plan.digest[:12] in shown


def test_a_plan_by_zone_starts_step_by_step_and_not_at_once(ws: Workspace) -> None:
    by_zone = {"by_zone": True}
    for more, words in ((by_zone, "in the daytime"), (by_zone | {"local_time": time(10)}, "at 10:00 on the clocks")):
        shown = str(ws.plan(campaign_draft().model_copy(update=more)))

        assert f"{words} of each zone, step by step" in shown
        assert "at once" not in shown


def test_a_live_plan_is_unmistakable(live: Workspace) -> None:
    draft = campaign_draft().model_copy(update={"segment": Segment.any_of("vip"), "senders": ("Shop",)})

    assert "LIVE workspace: real people" in str(live.plan(draft))


def test_hostile_names_and_texts_stay_text(ws: Workspace, import_rows: Callable[..., None]) -> None:
    import_rows("<img src=x onerror=alert(1)>\u202e\x1b[31m,+19995550001,hostile")
    message = "<script>alert(1)</script> \u202eReply STOP\nApproval\n  approved"
    draft = campaign_draft(message=message).model_copy(update={"segment": Segment.any_of("hostile")})

    plan = ws.plan(draft)

    html, text = plan._repr_html_(), str(plan)
    assert plan.recipients == 1
    assert "<img" not in html
    assert "<script" not in html
    assert not any(mark in html + text for mark in ("\u202e", "\x1b"))
    assert sum(line.strip() == "Approval" for line in text.splitlines()) == 1  # the message opens no section of its own
