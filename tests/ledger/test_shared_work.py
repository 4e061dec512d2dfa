"""Drafts and named segments of a team, which are in its ledger: what one home keeps, all have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from tests.builders import Clock, campaign_draft
from tests.ledger.team import TeamLedger
from toolkit.audience.segment import Segment
from toolkit.errors import LedgerUnavailable
from toolkit.ledger.ledger import Ledger
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

Homes = dict[str, Workspace]


@pytest.fixture
def homes(tmp_path: Path, team: TeamLedger, sandbox: Sandbox, clock: Clock) -> Iterator[Homes]:
    """A home for each login, all of one workspace."""
    with ExitStack() as opened:
        yield {
            login: opened.enter_context(
                connect(Settings(home=tmp_path / login), sandbox=sandbox, now=clock, ledger=team.address(login))
            )
            for login in ("ana", "ben", "approver")
        }


def test_a_draft_that_one_home_keeps_is_replaced_and_removed_in_another(homes: Homes, clock: Clock) -> None:
    ana, ben = homes["ana"].drafts, homes["ben"].drafts
    ana.keep(campaign_draft())
    assert ben["Spring Sale"] == campaign_draft()
    clock.move(minutes=1)

    kept = ben.keep(campaign_draft(message="Hi. Reply STOP to opt out."))

    assert ana["Spring Sale"].message == "Hi. Reply STOP to opt out."
    assert [(each.by, each.at) for each in ana.kept()] == [("ben", clock())]
    assert kept == ana.find("Spring Sale")
    assert (ana.remove("Spring Sale"), ana.remove("Spring Sale"), [*ben]) == (True, False, [])


def test_a_segment_that_one_home_keeps_is_named_in_another_s_rules(homes: Homes) -> None:
    ana, ben = homes["ana"].segments, homes["ben"].segments
    ana["my vips"] = Segment.any_of("vip_customers")

    assert ben.parse('segment:"my vips" and labels:location_nyc') == Segment.any_of("vip_customers") & Segment.any_of(
        "location_nyc"
    )
    assert (ben.author("my vips"), "ana" in str(ben.describe())) == ("ana", True)

    del ben["my vips"]
    assert "my vips" not in ana


def test_drafts_and_segments_of_one_name_and_of_other_workspaces_are_apart(homes: Homes, team: TeamLedger) -> None:
    homes["ana"].drafts.keep(campaign_draft("vips"))
    homes["ana"].segments["vips"] = Segment.any_of("vip_customers")
    elsewhere = Ledger(team.address()).shared_work("drafts", "example.com/other")
    assert elsewhere is not None

    assert elsewhere.write("vips", {})["by"] == "ana"

    assert homes["ben"].drafts["vips"] == campaign_draft("vips")
    assert homes["ben"].segments["vips"] == Segment.any_of("vip_customers")
    assert [*homes["ben"].drafts] == ["vips"]


def test_nothing_of_a_team_is_kept_in_the_folder(homes: Homes, tmp_path: Path) -> None:
    homes["ana"].drafts.keep(campaign_draft())
    homes["ana"].segments["vips"] = Segment.any_of("vip_customers")

    assert not (tmp_path / "ana" / "drafts").exists()
    assert not (tmp_path / "ana" / "segments").exists()


def test_who_does_not_plan_reads_what_is_kept_and_changes_nothing(homes: Homes) -> None:
    homes["ana"].drafts.keep(campaign_draft())
    other = homes["approver"].drafts

    with pytest.raises(LedgerUnavailable, match="role that is missing"):
        other.keep(campaign_draft(message="Hi"))
    with pytest.raises(LedgerUnavailable, match="role that is missing"):
        other.remove("Spring Sale")

    assert other["Spring Sale"] == campaign_draft()


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE kept_work SET body = '{}'",
        "UPDATE kept_work SET login = 'ben'",
        "INSERT INTO kept_work (kind, workspace, name, body, login) VALUES ('drafts', 'w', 'x', '{}', 'ben')",
        "TRUNCATE kept_work",
    ],
)
def test_nobody_keeps_work_under_another_s_login(homes: Homes, team: TeamLedger, attempt: str) -> None:
    homes["ana"].drafts.keep(campaign_draft())

    with team.connect("ana") as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute(attempt.encode())


def test_what_somebody_wrote_by_hand_is_passed_over_and_a_row_that_is_no_object_is_refused(
    homes: Homes, team: TeamLedger
) -> None:
    homes["ana"].drafts.keep(campaign_draft())
    with team.connect("ben") as db:
        copied = "INSERT INTO kept_work (kind, workspace, name, body) SELECT kind, workspace, {} FROM kept_work LIMIT 1"
        db.execute(copied.format("'odd', '{\"at\": \"never\"}'").encode())
        for body in ("[]", "{"):
            with pytest.raises((psycopg.IntegrityError, psycopg.DataError)):
                db.execute(copied.format(f"'x', '{body}'").encode())

    assert [*homes["ana"].drafts] == ["Spring Sale"]
