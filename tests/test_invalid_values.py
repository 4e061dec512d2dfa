"""What somebody types wrong is refused in our own sentences: what was given, and what to give instead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from toolkit.audience.rules.combined_rules import AndRule
from toolkit.audience.rules.conditions import ColumnRule
from toolkit.audience.rules.contact_rules import ContactRule, LabelRule
from toolkit.audience.segment import Segment
from toolkit.errors import DraftError, SegmentError, SettingsError, ToolkitError
from toolkit.experiments.split import Experiment
from toolkit.plans.draft import CampaignDraft, ImportDraft, MessageDraft, MessagesDraft
from toolkit.plans.policy import SendPolicy, load_policy
from toolkit.settings import Settings
from toolkit.texting.quiet_hours_rules import load_hours

GOOD: dict[str, Any] = {"name": "n", "message": "Hi", "segment": Segment.any_of("vip"), "senders": ("p",)}
ARMS = {"a": 0.5, "b": 0.5}
THEIRS = ("pydantic", "input should", "field required", "extra inputs", "validation error", "type=", "codec", "msgspec")


def campaign(**given: Any) -> Callable[[], object]:
    return lambda: CampaignDraft(**GOOD | given)


MISTAKES: list[tuple[Callable[[], object], type[ToolkitError], str]] = [
    (
        campaign(start_at=datetime(2026, 12, 1)),
        DraftError,
        "start_at 2026-12-01 00:00:00 has no time zone: write it as",
    ),
    (campaign(start_at="tomorrow"), DraftError, "start_at cannot be 'tomorrow': give a time with its zone"),
    (campaign(message="x" * 1601), DraftError, "message has 1,601 characters, and the limit is 1,600"),
    (campaign(message=None), DraftError, "message cannot be None: give a text"),
    (campaign(message="\ud83d"), DraftError, "half a character"),
    (campaign(name=""), DraftError, "name is empty"),
    (campaign(senders=[]), DraftError, "senders is empty: give at least 1"),
    (campaign(senders="main"), DraftError, "senders cannot be 'main': give a list"),
    (campaign(sender="main"), DraftError, "CampaignDraft has no sender: did you mean senders?"),
    (campaign(segment="labels:vip"), DraftError, r"segment takes a Segment, such as Segment.parse\(\"labels:vip\"\)"),
    (campaign(type="sms"), DraftError, "did you mean SMS?"),
    (campaign(most_campaigns=4), DraftError, "most_campaigns is 4, and must be at most 3"),
    (campaign(overrides={"TIM01": "why"}), DraftError, "did you mean TIM001"),
    (campaign(overrides=["TIM001"]), DraftError, "overrides cannot be .*: give a mapping"),
    (lambda: CampaignDraft(), DraftError, "CampaignDraft is missing name"),  # type: ignore[call-arg]  # the mistake
    (lambda: CampaignDraft("n"), DraftError, r"Pass the value by name, as in CampaignDraft\(name"),  # type: ignore[call-arg, misc]  # the mistake
    (lambda: MessageDraft(message="Hi", contact_id=7, sender="p"), DraftError, "contact_id cannot be 7: give a text"),  # type: ignore[arg-type]  # the mistake
    (
        lambda: MessagesDraft(name="n", message="Hi", contact_ids=("c",) * 5_001, sender="p"),
        DraftError,
        "5,001 entries",
    ),
    (lambda: ImportDraft(name="n", path=Path("a.csv"), on_duplicate="skp"), DraftError, "did you mean skip?"),  # type: ignore[arg-type]  # the mistake
    (lambda: ImportDraft(name="n", path=Path("a.csv"), phone_country="mars"), DraftError, "give its two-letter code"),
    (lambda: Experiment(name="e", arms={"a": 1}), DraftError, "An experiment has at least two arms"),
    (lambda: Experiment(name="e", arms=ARMS, holdout=2), DraftError, "holdout is 2, and must be below 1"),
    (lambda: Experiment(name="e", arms=ARMS, wait=timedelta(-1)), DraftError, "must be at least 0 seconds"),
    (lambda: SendPolicy(max_recipients=-1), SettingsError, "max_recipients is -1, and must be at least 0"),
    (lambda: SendPolicy(max_recipient=1), SettingsError, "did you mean max_recipients?"),  # type: ignore[call-arg]  # the mistake
    (lambda: SendPolicy(currency="usd"), SettingsError, "three capital letters, such as USD"),
    (lambda: Settings(home=Path("x"), mode="send"), SettingsError, "mode cannot be 'send': give read or draft"),  # type: ignore[arg-type]  # the mistake
    (lambda: LabelRule(match="any", labels=()), SegmentError, "labels is empty"),
    (lambda: ColumnRule(column="name", test="like"), SegmentError, "test cannot be 'like'"),  # type: ignore[arg-type]  # the mistake
    (lambda: ContactRule(ids=(1,)), SegmentError, r"ids\[0\] cannot be 1: give a text"),  # type: ignore[arg-type]  # the mistake
    (lambda: AndRule(rules=()), SegmentError, "rules is empty: give at least 2"),
    (lambda: Segment.model_validate_json('{"rule": {"rule": "labls"}}'), SegmentError, "did you mean labels?"),
    (lambda: Segment.model_validate_json("labels:vip"), SegmentError, "is not a segment"),
]


@pytest.mark.parametrize(("make", "kind", "words"), MISTAKES)
def test_a_mistake_is_refused_in_our_words(make: Callable[[], object], kind: type[ToolkitError], words: str) -> None:
    with pytest.raises(kind, match=words) as refusal:
        make()

    assert not any(word in str(refusal.value).lower() for word in THEIRS)
    assert refusal.value.__cause__ is None


def test_a_value_is_not_changed_and_says_so() -> None:
    draft = CampaignDraft(**GOOD)

    with pytest.raises(DraftError, match="CampaignDraft cannot be changed once created"):
        draft.name = "other"  # type: ignore[misc]  # the mistake

    assert draft == CampaignDraft(**GOOD)


def test_a_key_of_the_wrong_kind_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings(home=Path("x"), api_key=b"not-for-others")  # type: ignore[arg-type]  # the mistake

    assert "not-for-others" not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"max_recipients = \xff", "not UTF-8 text: save it as UTF-8"),
        (b"max_recipients =", "cannot be parsed .at end of document"),
        (b"max recipients = 1", "cannot be parsed .at line 1, column"),
        (b"max_recipients = 'many'", "wrong at max_recipients: max_recipients cannot be 'many': give a whole number"),
        (b"max_per_dya = 1", "did you mean max_per_day?"),
    ],
)
def test_a_policy_file_is_refused_in_our_words(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "policy.toml").write_bytes(content)

    with pytest.raises(SettingsError, match=words) as refusal:
        load_policy(tmp_path / "policy.toml")

    assert not any(word in str(refusal.value).lower() for word in THEIRS)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff", "not UTF-8"),
        (b"[[jurisdiction]", "not valid TOML .at line 1"),
        (b"x = 1", r"no \[\[jurisdiction\]\] tables"),
        (b'[[jurisdiction]]\ncode = "US"', "The row is missing source"),
    ],
)
def test_an_hours_file_is_refused_in_our_words(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "hours.toml").write_bytes(content)

    with pytest.raises(SettingsError, match=words) as refusal:
        load_hours(tmp_path / "hours.toml")

    assert not any(word in str(refusal.value).lower() for word in THEIRS)
