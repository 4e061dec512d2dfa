"""What is kept between sessions is listed, planned and changed from the terminal, too."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

import toolkit
from tests.cli.test_for_programs import read
from toolkit.cli.app import app
from toolkit.errors import DraftError, SegmentError, SettingsError
from toolkit.platform_support import user_name
from toolkit.workspace import connect


def seax(*words: str) -> Result:
    return CliRunner().invoke(app, [*words], catch_exceptions=False)


@pytest.fixture
def kept() -> toolkit.CampaignDraft:
    draft = toolkit.CampaignDraft(
        name="Spring [bold]",
        message="Hello. Reply STOP to opt out.",
        segment=toolkit.Segment.any_of("vip_customers"),
        senders=("Marketing Line",),
    )
    with connect() as ws:
        ws.drafts.keep(draft)
        ws.drafts.keep_fields("Half", {"message": "Hel"}, None)
    return draft


def test_where_nothing_is_kept_one_reads_how_to_keep_it() -> None:
    assert "ws.drafts keep them" in seax("drafts").stdout
    assert "seax segments NAME --rule RULE" in seax("segments").stdout


def test_drafts_are_listed_the_latest_first_and_shown_as_written(kept: toolkit.CampaignDraft) -> None:
    listed = seax("drafts").stdout

    assert listed.index("Half") < listed.index("Spring [bold]")
    assert "not complete" in listed
    assert [each["name"] for each in read("drafts")] == ["Half", "Spring [bold]"]
    assert toolkit.CampaignDraft.model_validate(read("drafts", kept.name)) == kept


def test_a_draft_is_planned_and_removed_from_the_terminal(kept: toolkit.CampaignDraft) -> None:
    planned = json.loads(seax("drafts", kept.name, "--plan", "--json").stdout)
    removed = seax("drafts", kept.name, "--remove")

    with connect() as ws:
        assert ws.get_plan(planned["id"]).plan.draft == kept
        assert [*ws.drafts] == ["Half"]
    assert removed.stdout == "Removed: Spring [bold].\n"


def test_segments_are_kept_used_by_name_and_removed() -> None:
    seax("segments", "vips", "--rule", "labels:vip_customers")
    again, table = seax("segments", "vips", "--rule", "labels:vip_customers").stdout, seax("segments").stdout
    seax("segments", "few", "--rule", "segment:vips and not labels:location_nyc")
    listed, one = read("segments"), seax("segments", "few").stdout
    seax("segments", "vips", "--remove")

    assert {each["name"]: each["rule"] for each in listed}["few"] == "labels:vip_customers and not labels:location_nyc"
    assert f"It replaces what {user_name()} kept under this name." in again
    assert user_name() in table
    assert "Contacts with the label vip_customers" in one
    assert [each["name"] for each in read("segments")] == ["few"]


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (["drafts", "--plan"], SettingsError, "Name the draft"),
        (["drafts", "x", "--plan", "--remove"], SettingsError, "either --plan or --remove"),
        (["drafts", "x", "--remove"], DraftError, "No draft 'x' is kept here"),
        (["segments", "--remove"], SettingsError, "Name the segment"),
        (["segments", "x"], SegmentError, "No segment 'x' is kept here"),
        (["segments", "x", "--rule", "labels:"], SegmentError, "x|label"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_changes(words: list[str], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        seax(*words)

    assert (read("drafts"), read("segments")) == ([], [])
