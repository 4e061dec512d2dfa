"""A policy is read whole or refused, and an empty list of it allows nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from toolkit.errors import SettingsError
from toolkit.plans.policy import SendPolicy, load_policy
from toolkit.settings import Settings
from toolkit.workspace import connect


def written(folder: Path, text: str, name: str = "policy.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_only_the_defaults_hold() -> None:
    assert load_policy(None) == SendPolicy()
    assert SendPolicy().senders is None
    assert SendPolicy().signed_above == 100


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    toml = written(tmp_path, 'max_recipients = 500\nsenders = []\nprice_per_part = "0.0079"\n')
    same = written(tmp_path, json.dumps({"max_recipients": 500, "senders": [], "price_per_part": "0.0079"}), "p.json")

    assert load_policy(toml) == load_policy(same)
    assert load_policy(toml).senders == ()


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("max_recipient = 5", "wrong at max_recipient: The policy has no max_recipient: did you mean max_recipients"),
        ("max_recipients = -1", "wrong at max_recipients"),
        ("max_recipients = ", "cannot be parsed"),
        ('hours_file = "gone.toml"', "hours file .*gone.toml cannot be read"),
    ],
)
def test_a_policy_that_is_not_understood_stops_the_work(tmp_path: Path, text: str, refusal: str) -> None:
    with pytest.raises(SettingsError, match=refusal):
        load_policy(written(tmp_path, text))


def test_a_policy_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"gone\.toml cannot be read"):
        connect(Settings(home=tmp_path, policy=tmp_path / "gone.toml"))


def test_a_workspace_has_the_policy_of_its_home_or_of_the_environment(tmp_path: Path) -> None:
    written(tmp_path, "max_recipients = 1")
    named = written(tmp_path, "max_recipients = 2", "other.toml")

    usual = Settings.from_environment({"SEAX_HOME": str(tmp_path)})
    other = Settings.from_environment({"SEAX_HOME": str(tmp_path), "SEAX_POLICY": str(named)})

    assert [load_policy(x.policy_path).max_recipients for x in (usual, other)] == [1, 2]


def test_hours_of_its_own_are_found_beside_the_policy(tmp_path: Path) -> None:
    (tmp_path / "hours.toml").write_text(
        '[[jurisdiction]]\ncode = "US"\nwindows = { mon-fri = "10:00-16:00" }\nopen_on_holidays = true\n'
        'basis = "practice"\napplies_to = "texts"\nsource = "our own"\nread_on = 2026-11-24\nconfidence = "high"\n',
        encoding="utf-8",
    )

    policy = load_policy(written(tmp_path, 'hours_file = "hours.toml"'))

    assert [row.source for row in policy.hours.rows if row.code == "US"] == ["our own"]
