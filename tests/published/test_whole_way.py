"""Everything over the API that SeaX publishes, on the embedded service, each request and reply judged by its file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import Clock, campaign_draft
from tests.judge import Judged
from toolkit.audience.segment import Segment
from toolkit.engagement.outcomes import COUNTS, RATES
from toolkit.errors import DraftError, NotSupported, PlanChanged, ToolkitError
from toolkit.plans.approval import Approval
from toolkit.plans.draft import CampaignDraft, ImportDraft, MessageDraft
from toolkit.plans.plan import Plan
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


@pytest.fixture
def judged(sandbox: Sandbox) -> Judged:
    return Judged(sandbox.transport())


@pytest.fixture
def ws(tmp_path: Path, sandbox: Sandbox, judged: Judged, clock: Clock) -> Workspace:
    return connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, transport=judged, now=clock)


@pytest.fixture
def other(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> Workspace:
    """The same workspace, with the same ledger, over the guide's API."""
    return connect(Settings(home=tmp_path), sandbox=sandbox, now=clock)


def yes(plan: Plan) -> Approval:
    return plan.approve(recipients=plan.recipients, by="ana")


def posts(judged: Judged) -> int:
    return sum(count for operation, count in judged.judged.items() if operation.startswith("post"))


def test_a_campaign_goes_all_the_way_once(
    ws: Workspace, judged: Judged, sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    assert len(ws.contacts()) == 400
    plan = ws.plan(campaign_draft())
    receipt = ws.send(yes(plan))
    assert receipt.campaign_id is not None
    clock.move(hours=2)
    sandbox.clock.advance(timedelta(hours=2))

    *_, last = ws.follow(receipt.campaign_id)
    report = ws.report(receipt.campaign_id)
    checked = ws.ledger.check_campaign_recipients(receipt.campaign_id)
    again = ws.plan(campaign_draft())

    assert last.is_finished
    assert (report.messages, report.problems, report.seconds_p50) == (plan.recipients, (), None)
    assert checked.is_exact
    assert again.id == plan.id
    assert again.already_sent
    assert ws.send(ws.approvals.latest(plan.id)).repeated
    assert ws.mirror(tmp_path / "mirror").refresh().contacts == 400
    assert posts(judged) == judged.judged["post /campaigns 200"] == 1


def test_a_message_and_an_import_are_sent_once(ws: Workspace, judged: Judged, sandbox: Sandbox, tmp_path: Path) -> None:
    person = ws.plan(campaign_draft()).recipient_ids[0]
    message = ws.plan(MessageDraft(name="One", message="Your order is in.", contact_id=person, sender="Marketing Line"))
    file = tmp_path / "fair.csv"
    file.write_text("name,phone\nAda,+12125550142\n", encoding="utf-8")
    rows = ws.plan(ImportDraft(name="Fair", path=file, on_duplicate="merge"))

    sent, imported = ws.send(yes(message)), ws.send(yes(rows))
    sandbox.clock.advance(timedelta(minutes=5))

    assert sent.message_id
    assert ws.imports.job(str(imported.job_id)).status == "finished"
    assert "Ada" in set(ws.contacts()["name"])
    assert posts(judged) == judged.judged["post /messages/sms 200"] + judged.judged["post /import_contacts 201"] == 2


def test_the_log_names_sender_text_and_parts_and_no_delivery_time(ws: Workspace) -> None:
    log = ws.logs(ws.campaign_ids())

    delivered = log[log["status"] == "delivered"]
    assert len(delivered)
    assert log["delivered_time"].isna().all()
    assert delivered[["sender", "text", "parts", "changed_time", "sent_time", "contact_id"]].notna().all(axis=None)
    assert set(log["sender"]) <= set(ws.phones()["phone"])


def test_both_faces_of_one_workspace_are_read_alike(ws: Workspace, other: Workspace) -> None:
    theirs, ours = ws.contacts().set_index("id").sort_index(), other.contacts().set_index("id").sort_index()
    columns = ["name", "phone", "note", "labels", "created_time", "updated_time"]
    assert theirs[columns].map(str).equals(ours[columns].map(str))

    named = {f"campaign_{campaign_id}": campaign_id for campaign_id in ws.campaign_ids()}
    assert set(named) == set(other.campaign_ids())
    lacking = {"campaign_id", "id", "message_id", "contact_name", "delivered_time", "sender", "text", "parts"}
    logs = [
        each.logs(ids).drop(columns=[*lacking, "changed_time"]).map(str).sort_values(["contact_id", "sent_time"])
        for each, ids in ((ws, [*named.values()]), (other, [*named]))
    ]
    assert logs[0].reset_index(drop=True).equals(logs[1].reset_index(drop=True))
    for ours_id, their_id in named.items():
        counted = [each.campaign(x).statistics for each, x in ((ws, their_id), (other, ours_id))]
        assert counted[0] is not None
        assert counted[1] is not None
        assert counted[0] == counted[1].model_copy(update={"opened": None})
        rates = [each.engagement(x)[[*COUNTS, *RATES]] for each, x in ((ws, their_id), (other, ours_id))]
        assert rates[0].equals(rates[1])


def test_a_draft_sent_through_one_face_is_not_sent_through_the_other(
    ws: Workspace, other: Workspace, judged: Judged
) -> None:
    receipt = other.send(yes(other.plan(campaign_draft())))

    assert ws.plan(campaign_draft()).id == receipt.plan_id
    assert f"campaign_{ws.campaign_ids()[-1]}" == receipt.campaign_id
    assert posts(judged) == 0


def test_what_was_approved_in_one_dialect_is_not_sent_in_another(
    ws: Workspace, other: Workspace, judged: Judged
) -> None:
    approval = yes(other.plan(campaign_draft()))

    with pytest.raises(PlanChanged, match="another version of its API"):
        ws.send(approval)

    assert posts(judged) == 0


@pytest.mark.parametrize("policy", ["daily_messages = 100", "max_per_day = 1"])
def test_limits_count_what_was_sent_through_either_face(
    tmp_path: Path, sandbox: Sandbox, clock: Clock, policy: str
) -> None:
    (tmp_path / "policy.toml").write_text(policy, encoding="utf-8")
    faces = [
        connect(Settings(home=tmp_path, dialect=each), sandbox=sandbox, now=clock) for each in ("guide", "published")
    ]
    faces[0].send(yes(faces[0].plan(campaign_draft())))

    second = faces[1].plan(campaign_draft("Second"))

    if policy.startswith("max"):
        assert second.recipients == 0
    else:
        with pytest.raises(ToolkitError, match="limit of 100"):
            faces[1].send(yes(second))


@pytest.mark.parametrize("strategy", ["skip", "update"])
def test_what_this_service_does_not_do_with_duplicates_is_said_before_anything_is_shown(
    ws: Workspace, tmp_path: Path, strategy: str
) -> None:
    file = tmp_path / "fair.csv"
    file.write_text("name,phone\nAda,+12125550142\n", encoding="utf-8")

    with pytest.raises(NotSupported, match=f"cannot {strategy} duplicates: set on_duplicate to one of mark, merge"):
        ws.plan(ImportDraft(name="Fair", path=file, on_duplicate=strategy))  # type: ignore[arg-type]


def test_a_single_message_that_would_not_arrive_as_shown_is_not_planned(ws: Workspace) -> None:
    person = ws.plan(campaign_draft()).recipient_ids[0]

    with pytest.raises(NotSupported, match="in braces"):
        ws.plan(MessageDraft(name="One", message="Code {1}", contact_id=person, sender="Marketing Line"))


def test_senders_of_no_common_messaging_service_are_named(ws: Workspace) -> None:
    phones = ws.phones()
    draft = campaign_draft().model_copy(update={"senders": tuple(phones["id"])})

    with pytest.raises(DraftError, match="No messaging service that carriers have verified has all of"):
        ws.plan(draft)


def test_labels_that_nobody_has_are_listed(ws: Workspace) -> None:
    labels = ws.labels().set_index("name")

    of_contacts = ws.labels(contacts=ws.snapshot()).set_index("name")
    assert set(of_contacts.index) <= set(labels.index)
    assert labels.loc[of_contacts.index, "contacts"].equals(of_contacts["contacts"])


def test_a_segment_of_who_received_it_excludes_them_from_the_next(ws: Workspace, sandbox: Sandbox) -> None:
    receipt = ws.send(yes(ws.plan(campaign_draft())))
    sandbox.clock.advance(timedelta(hours=8))
    log = ws.logs(str(receipt.campaign_id))

    again = CampaignDraft(
        name="Again",
        message="Hello. Reply STOP to opt out.",
        segment=campaign_draft().segment & ~Segment.received(str(receipt.campaign_id)),
        senders=("Marketing Line",),
    )

    received = set(log.loc[log["status"] == "delivered", "contact_id"])
    plan = ws.plan(again)
    assert received
    assert plan.recipients > 0
    assert not received & set(plan.recipient_ids)
