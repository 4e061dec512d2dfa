# One file: all that a signature is for, beside what it is not.
"""The strong yes: who can make it, what it is bound to, and that nothing else passes for it."""

from __future__ import annotations

import base64
import sqlite3
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import SecretStr

from tests.builders import KEY, Clock, live_draft
from tests.wire import LiveService
from toolkit.errors import ApprovalInvalid, ApprovalRefused, LedgerTampered, PlanExpired, SettingsError
from toolkit.plans.approval import Approval
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.plan import Plan
from toolkit.sending import human_presence
from toolkit.sending.approver_keys import Approvers
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

WORDS = SecretStr("correct horse battery")
Connect = Callable[..., Workspace]


@pytest.fixture
def keys(tmp_path: Path) -> Approvers:
    keys = Approvers(tmp_path / "approvers")
    for name in ("ana", "bob"):
        keys.create(name, WORDS)
        keys.pin(name)
    return keys


@pytest.fixture
def strict(tmp_path: Path, live_service: LiveService, clock: Clock, keys: Approvers) -> Connect:
    """A real workspace whose policy wants signatures above two recipients, and says more if asked."""

    def open_it(policy: str = "signed_above = 2", **more: str) -> Workspace:
        (tmp_path / "policy.toml").write_text(policy, encoding="utf-8")
        environ = {"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1", "SEAX_HOME": str(tmp_path), "SEAX_MODE": "live"}
        return connect(Settings.from_environment(environ | more), transport=live_service.transport, now=clock)

    return open_it


def signed(ws: Workspace, plan: Plan, by: str = "ana") -> Approval:
    return ws.approvals.sign(plan.id, recipients=plan.recipients, approver=by, passphrase=WORDS)


def click(ws: Workspace, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> Approval:
    monkeypatch.setattr(human_presence, "is_browser_event", lambda: True)
    return ws.approvals.approve(plan.id, recipients=plan.recipients, by="eve", via="panel")


def test_a_signed_plan_is_sent(strict: Connect, live_service: LiveService) -> None:
    with strict() as ws:
        plan = ws.plan(live_draft())

        approval = signed(ws, plan)

        assert (approval.via, approval.by) == ("signature", "ana")
        assert ws.send(approval).status == "sent"
    assert len(live_service.posts) == 1


def test_above_the_limit_a_click_is_not_enough(
    strict: Connect, live_service: LiveService, monkeypatch: pytest.MonkeyPatch
) -> None:
    with strict() as ws, pytest.raises(ApprovalRefused, match="--sign NAME"):
        click(ws, ws.plan(live_draft()), monkeypatch)

    with strict("signed_above = 3") as ws:  # at the limit it is
        assert ws.send(click(ws, ws.plan(live_draft()), monkeypatch)).status == "sent"


def test_a_click_given_before_the_limit_was_set_is_not_enough(
    strict: Connect, live_service: LiveService, monkeypatch: pytest.MonkeyPatch
) -> None:
    with strict("signed_above = 3") as ws:
        approval = click(ws, ws.plan(live_draft()), monkeypatch)

    with strict() as ws, pytest.raises(ApprovalRefused, match="requires the signature of one person, and 0 approved"):
        ws.send(approval)

    assert not live_service.posts


def test_two_people_means_two_keys(strict: Connect, live_service: LiveService) -> None:
    with strict("two_person_above = 2") as ws:
        plan = ws.plan(live_draft())
        approval = signed(ws, plan)
        again = signed(ws, plan)
        with pytest.raises(ApprovalRefused, match="2 people, and 1 approved"):
            ws.send(again)
        assert not live_service.posts

        signed(ws, plan, "bob")

        assert ws.send(approval).status == "sent"


def test_a_passphrase_that_is_wrong_or_a_key_that_is_not_there_signs_nothing(strict: Connect) -> None:
    with strict() as ws:
        plan = ws.plan(live_draft())
        with pytest.raises(ApprovalRefused, match="for the key of ana is wrong"):
            ws.approvals.sign(plan.id, recipients=3, approver="ana", passphrase=SecretStr("wrong horse battery"))
        for name in ("carl", "../ana", ""):
            with pytest.raises(ApprovalRefused):
                ws.approvals.sign(plan.id, recipients=3, approver=name, passphrase=WORDS)
        with pytest.raises(ApprovalRefused, match="give its exact number"):
            ws.approvals.sign(plan.id, recipients=2, approver="ana", passphrase=WORDS)

        assert ws.get_plan(plan.id).state == "planned"


def _a_bit_off(signature: str) -> str:
    content = base64.b64decode(signature)
    return base64.b64encode(bytes([content[0] ^ 1]) + content[1:]).decode()


def forged(change: str, approval: Approval, ws: Workspace, keys: Approvers) -> Approval:
    """An approval that nobody signed as it stands."""
    other = ws.plan(live_draft().model_copy(update={"name": "Other"}))
    theirs = keys.sign(other, "ana", WORDS, now=approval.approved_at)
    changes = {
        "no signature": {"signature": ""},
        "garbage": {"signature": "@@@"},
        "a bit off": {"signature": _a_bit_off(approval.signature)},
        "replayed from another plan": {"signature": theirs.signature},
        "somebody else's name": {"by": "bob", "key": keys.names()["bob"]},
        "another key": {"key": "0" * 16},
        "another approver's key": {"key": keys.names()["bob"]},
        "a longer life": {"expires_at": approval.expires_at + timedelta(days=1)},
    }
    return approval.model_copy(update=changes[change])


CHANGES = (
    "no signature",
    "garbage",
    "a bit off",
    "replayed from another plan",
    "somebody else's name",
    "another key",
    "another approver's key",
    "a longer life",
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_forged_signature_in_the_ledger_sends_nothing(
    strict: Connect, live_service: LiveService, keys: Approvers, change: str
) -> None:
    with strict() as ws:
        plan = ws.plan(live_draft())
        fake = forged(change, keys.sign(plan, "ana", WORDS, now=ws._now()), ws, keys)
        ws._ledger.record_approval(fake)  # as somebody with the database would

        with pytest.raises(ApprovalInvalid, match="Nothing was sent"):
            ws.send(fake)

    assert not live_service.posts


def test_a_signature_for_an_earlier_plan_of_the_same_draft_is_not_one_for_this(
    strict: Connect, live_service: LiveService
) -> None:
    with strict() as ws:
        first = ws.plan(live_draft())
        approval = signed(ws, first)
        ws.ledger.close_plan(first.id, "withdrawn", by="ana", via="code")
        second = ws.plan(live_draft())
        assert second.digest == first.digest
        replayed = approval.model_copy(update={"plan_id": second.id, "id": "approval_again"})
        ws._ledger.record_approval(replayed)

        with pytest.raises(ApprovalInvalid):
            ws.send(replayed)

    assert not live_service.posts


def test_a_signature_expires_with_its_plan(strict: Connect, live_service: LiveService, clock: Clock) -> None:
    with strict() as ws:
        approval = signed(ws, ws.plan(live_draft()))
        clock.move(minutes=30)

        with pytest.raises(PlanExpired):
            ws.send(approval)

    assert not live_service.posts


def test_an_expired_yes_counts_for_nothing(strict: Connect, live_service: LiveService, clock: Clock) -> None:
    with strict("signed_above = 9") as ws:
        plan = ws.plan(live_draft())
        early = Approval(
            id="approval_early",
            plan_id=plan.id,
            digest=plan.digest,
            by="ana",
            via="panel",
            approved_at=clock(),
            expires_at=clock(),
        )
        ws._ledger.record_approval(early)

        with pytest.raises(ApprovalRefused, match="0 approved"):
            ws.send(early)

    assert not live_service.posts


def test_a_key_of_ones_own_counts_for_nothing_once_keys_are_named_outside(
    strict: Connect, live_service: LiveService, keys: Approvers
) -> None:
    keys.create("eve", WORDS)
    with strict(SEAX_APPROVERS=f"{keys.names()['ana']}, {keys.names()['bob']}") as ws:
        plan = ws.plan(live_draft())
        with pytest.raises(ApprovalInvalid, match="not among SEAX_APPROVERS"):
            signed(ws, plan, "eve")
        assert ws.get_plan(plan.id).state == "planned"
        assert ws.send(signed(ws, plan)).status == "sent"


@pytest.mark.parametrize("nothing", ["", " "])
def test_an_empty_setting_leaves_the_keys_pinned_at_a_terminal(
    strict: Connect, live_service: LiveService, keys: Approvers, tmp_path: Path, nothing: str
) -> None:
    keys.create("eve", WORDS)
    with strict(SEAX_APPROVERS=nothing) as ws:
        plan = ws.plan(live_draft())
        with pytest.raises(ApprovalInvalid, match="is not pinned"):
            signed(ws, plan, "eve")
        assert ws.send(signed(ws, plan)).status == "sent"

    (tmp_path / "approvers" / "pinned").unlink()
    with strict(SEAX_APPROVERS=nothing) as ws, pytest.raises(ApprovalInvalid, match="is not pinned"):
        signed(ws, ws.plan(live_draft().model_copy(update={"name": "Other"})))


def test_a_setting_that_names_no_key_accepts_nobody(strict: Connect, live_service: LiveService) -> None:
    for setting in (",", "none", "${user_config.approvers}"):
        with strict(SEAX_APPROVERS=setting) as ws, pytest.raises(ApprovalInvalid, match="not among SEAX_APPROVERS"):
            signed(ws, ws.plan(live_draft()))
    assert not live_service.posts


def test_a_plan_edited_in_the_ledger_is_not_sent_though_it_was_signed(
    strict: Connect, live_service: LiveService, tmp_path: Path
) -> None:
    with strict() as ws:
        approval = signed(ws, ws.plan(live_draft()))
        with sqlite3.connect(tmp_path / "ledger.sqlite3") as db:
            db.execute("UPDATE plans SET body = replace(body, 'Hi. Reply STOP.', 'Bye. Reply STOP.')")
        db.close()

        with pytest.raises(LedgerTampered):
            ws.send(approval)

    assert not live_service.posts


def test_the_private_key_is_its_owners_and_encrypted(keys: Approvers) -> None:
    path = keys.folder / "ana.key"

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(TypeError, match="encrypted"):
        load_pem_private_key(path.read_bytes(), None)


@pytest.mark.parametrize(
    ("name", "words", "says"),
    [("ana", WORDS, "already"), ("Ana B", WORDS, "small letters"), ("carl", SecretStr("short"), "12 characters")],
)
def test_a_key_that_cannot_be_made_is_a_sentence(keys: Approvers, name: str, words: SecretStr, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        keys.create(name, words)


def test_the_passphrase_is_in_nothing_that_is_kept(strict: Connect, tmp_path: Path) -> None:
    with strict() as ws:
        plan = ws.plan(live_draft())
        approval = signed(ws, plan)

    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert WORDS.get_secret_value().encode() not in kept
    assert WORDS.get_secret_value() not in repr(approval)


def test_what_it_takes_is_said_before_it_is_asked_for(strict: Connect, ws: Workspace, draft: CampaignDraft) -> None:
    with strict() as live:
        assert str(live.approvals.needed(live.plan(live_draft()).id)) == "the signature of one person"
    with strict("two_person_above = 2") as live:
        assert str(live.approvals.needed(live.plan(live_draft()).id)) == "the signature of 2 people"
    with strict("signed_above = 9") as live:
        plan = live.plan(live_draft())
        assert str(live.approvals.needed(plan.id)) == "the yes of one person"
        assert live.approvals.needed(plan.id, can_ask=False).signed  # a host that can ask nobody
    assert not ws.approvals.needed(ws.plan(draft).id, can_ask=False).signed  # nobody real is in the embedded workspace


def sliced(service: LiveService, monkeypatch: pytest.MonkeyPatch, ws: Workspace, label: str) -> Approval:
    """A click's yes to a campaign that reaches the three people with another name."""
    return click(ws, ws.plan(live_draft().model_copy(update={"name": label})), monkeypatch)


def test_a_large_send_in_slices_takes_the_signature_of_the_whole(
    strict: Connect, live_service: LiveService, monkeypatch: pytest.MonkeyPatch
) -> None:
    with strict("signed_above = 8") as ws:
        for slice_ in ("one", "two"):
            assert ws.send(sliced(live_service, monkeypatch, ws, slice_)).status == "sent"
        with pytest.raises(
            ApprovalRefused, match=r"requires the signature .*other plans reached 6 recipients within 24"
        ):
            sliced(live_service, monkeypatch, ws, "three")
        assert ws.send(signed(ws, ws.plan(live_draft().model_copy(update={"name": "three"})))).status == "sent"
        with pytest.raises(ApprovalRefused):  # what is signed adds nothing, what was not still counts
            sliced(live_service, monkeypatch, ws, "four")

    assert len(live_service.posts) == 3


def test_slices_that_were_all_approved_before_any_left_count_as_they_leave(
    strict: Connect, live_service: LiveService, monkeypatch: pytest.MonkeyPatch
) -> None:
    with strict("signed_above = 8") as ws:
        one, two, three = [sliced(live_service, monkeypatch, ws, name) for name in ("one", "two", "three")]
        ws.send(one)
        ws.send(two)

        with pytest.raises(ApprovalRefused, match="--sign NAME"):
            ws.send(three)

    assert len(live_service.posts) == 2


def test_slices_that_another_process_sends_meanwhile_count_in_the_claim(
    strict: Connect, live_service: LiveService, monkeypatch: pytest.MonkeyPatch
) -> None:
    with strict("signed_above = 5") as ws, strict("signed_above = 5") as other:
        one, two = [sliced(live_service, monkeypatch, ws, name) for name in ("one", "two")]
        claim = ws._ledger.claim

        def after_another_send(*args: Any, **options: Any) -> bool:
            other.send(two)
            return claim(*args, **options)

        monkeypatch.setattr(ws._ledger, "claim", after_another_send)
        with pytest.raises(ApprovalRefused, match="other plans reached 3 recipients"):
            ws.send(one)

        assert ws.get_plan(one.plan_id).state == "approved"
    assert len(live_service.posts) == 1


def test_a_day_later_slices_count_no_more(
    strict: Connect, live_service: LiveService, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    with strict("signed_above = 3") as ws:
        ws.send(sliced(live_service, monkeypatch, ws, "one"))
        clock.move(hours=24, seconds=1)

        assert ws.send(sliced(live_service, monkeypatch, ws, "two")).status == "sent"


def test_slices_signed_by_one_count_towards_two_people(strict: Connect, live_service: LiveService) -> None:
    with strict("two_person_above = 5") as ws:
        ws.send(signed(ws, ws.plan(live_draft())))
        plan = ws.plan(live_draft().model_copy(update={"name": "two"}))
        with pytest.raises(ApprovalRefused, match=r"2 people .*3 recipients.*, and 1 approved"):
            ws.send(signed(ws, plan))

        assert ws.send(signed(ws, plan, "bob")).status == "sent"


def test_no_signature_counts_on_a_real_workspace_before_a_person_pinned_its_key(
    strict: Connect, live_service: LiveService, tmp_path: Path
) -> None:
    keys = Approvers(tmp_path / "approvers")
    keys.create("eve", WORDS)
    with strict() as ws:
        plan = ws.plan(live_draft())
        with pytest.raises(ApprovalInvalid, match="seax approver pin eve"):
            signed(ws, plan, "eve")
        assert ws.get_plan(plan.id).state == "planned"

        keys.pin("eve")

        assert ws.send(signed(ws, plan, "eve")).status == "sent"


def test_a_foreign_signature_beside_the_pinned_one_stops_nothing(
    strict: Connect, live_service: LiveService, keys: Approvers
) -> None:
    mallory = keys.create("mallory", WORDS)
    pinned = ",".join(keys.pinned)
    with strict(SEAX_APPROVERS=f"{pinned},{mallory}") as ws:
        plan = ws.plan(live_draft())
        signed(ws, plan, "mallory")
    with strict(SEAX_APPROVERS=pinned) as ws:
        with pytest.raises(ApprovalInvalid, match="not among SEAX_APPROVERS"):
            ws.send(ws.approvals.latest(plan.id))

        assert ws.send(signed(ws, plan)).status == "sent"


@pytest.mark.parametrize(
    ("policy", "env", "in_force"),
    [
        ("signed_above = 155", {}, (100, None)),
        ("signed_above = 155", {"SEAX_SIGNED_ABOVE": "200"}, (155, None)),
        ("signed_above = 2", {"SEAX_SIGNED_ABOVE": "200"}, (2, None)),
        ("", {"SEAX_TWO_PERSON_ABOVE": "10"}, (100, 10)),
        ("two_person_above = 20", {"SEAX_TWO_PERSON_ABOVE": "10"}, (100, 10)),
        ("two_person_above = 5", {"SEAX_TWO_PERSON_ABOVE": "10"}, (100, 5)),
    ],
)
def test_where_approvers_are_pinned_the_policy_only_lowers_the_thresholds(
    strict: Connect, policy: str, env: dict[str, str], in_force: tuple[int, int | None]
) -> None:
    with strict(policy, **env) as ws:
        assert (ws.policy.signed_above, ws.policy.two_person_above) == in_force


def test_without_pinned_approvers_the_policy_decides(strict: Connect, tmp_path: Path) -> None:
    (tmp_path / "approvers" / "pinned").unlink()

    with strict("signed_above = 155") as ws:
        assert ws.policy.signed_above == 155


def test_a_threshold_that_is_no_number_is_a_sentence(strict: Connect) -> None:
    with pytest.raises(SettingsError, match="SEAX_SIGNED_ABOVE 'many' is not a number of recipients"):
        strict(SEAX_SIGNED_ABOVE="many")
