"""A label that was made for a campaign's recipients is removed again, under the guard, and nothing else with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.builders import Clock, campaign_draft
from tests.judge import Judged
from tests.published.test_exact_targets import draft_to, reachable, relabel, send, yes
from toolkit import LabelRemovalDraft
from toolkit.api import published
from toolkit.errors import (
    ApprovalRefused,
    AudienceChanged,
    DraftError,
    NotSupported,
    OutcomeUnknown,
    PlanBlocked,
    PlanChanged,
    SegmentError,
)
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


class Deleting(httpx.BaseTransport):
    """Passes requests on and counts deletions, before and after which something may happen."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.paths: list[str] = []
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "DELETE":
            return self._inner.handle_request(request)
        self.paths.append(request.url.path)
        self.before()
        response = self._inner.handle_request(request)
        self.after()
        return response


@pytest.fixture
def wire(served: Judged) -> Deleting:
    return Deleting(served)


@pytest.fixture
def ws(tmp_path: Path, sandbox: Sandbox, wire: Deleting, clock: Clock) -> Workspace:
    return connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, transport=wire, now=clock)


@pytest.fixture
def labelled(ws: Workspace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Sixty contacts with a label of their own."""
    monkeypatch.setattr(published, "MOST_NAMED", 20)
    ids = sorted(reachable(ws)[:60])
    send(ws, ws.imports.label(draft_to(ids)))
    sandbox.clock.advance(timedelta(hours=1))
    return ids


def label_made(ws: Workspace) -> str:
    return next(label.name for label in ws.snapshot().labels if label.name.startswith("seax:"))


def removal(ws: Workspace, name: str = "Remove it") -> LabelRemovalDraft:
    return LabelRemovalDraft(name=name, label=label_made(ws))


def labels_of(ws: Workspace) -> dict[str, set[str]]:
    return {row["id"]: set(row["labels"]) for row in ws.contacts().to_dict("records")}


def test_a_label_made_here_is_removed_from_everybody_and_nothing_else_changes(
    ws: Workspace, labelled: list[str], wire: Deleting
) -> None:
    before, label = labels_of(ws), label_made(ws)

    plan = ws.plan(removal(ws))
    receipt = ws.send(yes(plan))

    assert plan.recipient_ids == tuple(labelled)
    assert (plan.counted, plan.cost, plan.previews) == ("60 contacts", None, ())
    assert str(receipt).endswith(f"The service has deleted the label {label}.")
    assert len(wire.paths) == 1
    assert labels_of(ws) == {each: labels - {label} for each, labels in before.items()}
    assert label not in {each.name for each, _ in ws._client.labels()}
    check = ws.imports.check_removal(plan.id)
    assert (check.is_exact, check.planned) == (True, 60)
    assert str(check) == "None of the 60 contacts of the plan has the label any more, nor does anybody else."
    assert ws.send(yes(ws.plan(LabelRemovalDraft(name="Remove it", label=label)))).repeated
    assert len(wire.paths) == 1


def test_a_removal_texts_nobody_and_counts_toward_no_limit(
    tmp_path: Path, ws: Workspace, labelled: list[str], sandbox: Sandbox, clock: Clock
) -> None:
    (tmp_path / "policy.toml").write_text("daily_messages = 30\nmax_per_day = 1\nsigned_above = 30\n", "utf-8")
    limited = connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, now=clock)
    campaigns = len(sandbox.campaigns())

    send(limited, removal(ws))

    assert len(sandbox.campaigns()) == campaigns
    assert limited.plan(draft_to(labelled[:20])).recipients == 20


def test_a_label_that_was_not_made_here_is_not_removed(ws: Workspace, labelled: list[str], wire: Deleting) -> None:
    with pytest.raises(DraftError, match=r"'vip_customers' was not made by ws\.imports\.label"):
        ws.plan(LabelRemovalDraft(name="No", label="vip_customers"))
    with pytest.raises(SegmentError):
        ws.plan(LabelRemovalDraft(name="No", label="seax:000000000000"))

    assert wire.paths == []


def test_the_wrong_number_is_no_approval(ws: Workspace, labelled: list[str], wire: Deleting) -> None:
    plan = ws.plan(removal(ws))

    with pytest.raises(ApprovalRefused, match="takes a label from 60 contacts and 59 were approved"):
        plan.approve(recipients=59, by="ana")
    assert wire.paths == []


@pytest.mark.parametrize("who", ["an outsider", "one of them"])
def test_people_who_change_after_the_approval_stop_the_removal(
    ws: Workspace, sandbox: Sandbox, labelled: list[str], wire: Deleting, who: str
) -> None:
    approval = yes(ws.plan(removal(ws)))
    label = next(label.id for label in ws.snapshot().labels if label.name.startswith("seax:"))
    outsider = next(each for each in reachable(ws) if each not in labelled)

    if who == "an outsider":
        relabel(ws, sandbox, outsider, lambda theirs: theirs | {label})
    else:
        relabel(ws, sandbox, labelled[0], lambda theirs: theirs - {label})

    with pytest.raises(AudienceChanged):
        ws.send(approval)
    assert wire.paths == []


def test_a_label_that_a_scheduled_campaign_is_for_stays(
    ws: Workspace, labelled: list[str], wire: Deleting, clock: Clock
) -> None:
    later = {"start_at": ws.service_time() + timedelta(days=2, hours=3)}
    receipt = send(ws, draft_to(labelled).model_copy(update=later))
    assert receipt.status == "scheduled"

    plan = ws.plan(removal(ws))

    with pytest.raises(PlanBlocked, match=r"The service starts 'Exactly these' at .* addressed by the label seax:"):
        yes(plan)
    ws.cancel(receipt.campaign_ids[0], sleep=lambda _: None)
    assert ws.send(yes(ws.plan(removal(ws, "Again")))).status == "sent"
    assert len(wire.paths) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_removal_whose_answer_is_lost_is_found_by_reading(
    ws: Workspace, labelled: list[str], wire: Deleting, clock: Clock, when: str
) -> None:
    def lose() -> None:
        raise httpx.ReadError("gone")

    approval = yes(ws.plan(removal(ws)))
    setattr(wire, when, lose)
    with pytest.raises(OutcomeUnknown):
        ws.send(approval)
    clock.move(minutes=11)

    settled = ws.ledger.reconcile(approval.plan_id)

    assert settled.status == ("sent" if when == "after" else "refused")
    assert len(wire.paths) == 1
    check = ws.imports.check_removal(approval.plan_id)
    assert (check.is_exact, len(check.remaining)) == ((True, 0) if when == "after" else (False, 60))


def test_a_service_that_counts_others_deletes_nothing(
    ws: Workspace, labelled: list[str], wire: Deleting, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = yes(ws.plan(removal(ws)))
    monkeypatch.setattr("toolkit.api.client.Client.count", lambda self, target: 61)

    with pytest.raises(PlanChanged, match="counts 61 contacts where step 1"):
        ws.send(approval)
    assert wire.paths == []


def test_a_service_without_such_a_call_says_where_to_delete_it(
    tmp_path: Path, ws: Workspace, labelled: list[str], sandbox: Sandbox, clock: Clock
) -> None:
    guided = connect(Settings(home=tmp_path, dialect="guide"), sandbox=sandbox, now=clock)

    with pytest.raises(NotSupported, match=r"open seax:.* in SeaX under Contacts, Labels, and delete it there"):
        guided.plan(removal(ws))


def test_only_a_removal_is_checked_as_one(ws: Workspace) -> None:
    plan = ws.plan(campaign_draft())

    with pytest.raises(DraftError, match="removes no label"):
        ws.imports.check_removal(plan.id)
