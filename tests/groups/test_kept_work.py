"""Drafts and segments that are kept between sessions, in the workspace's folder or in a team's ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import in_both_dialects
from toolkit.audience.segment import Segment
from toolkit.errors import DraftError, SegmentError
from toolkit.plans.draft import CampaignDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

DRAFT = CampaignDraft(name="Spring Sale", message="Hi", segment=Segment.any_of("vip"), senders=("Marketing Line",))


def test_a_draft_is_there_in_the_next_session_and_the_latest_is_first(
    ws: Workspace, tmp_path: Path, sandbox: Sandbox
) -> None:
    ws.drafts.keep(DRAFT.model_copy(update={"name": "Autumn / gold"}))
    ws.drafts.keep(DRAFT)

    with connect(Settings(home=tmp_path), sandbox=sandbox) as later:
        assert later.drafts["Spring Sale"] == DRAFT
        assert sorted(later.drafts) == ["Autumn / gold", "Spring Sale"]
        assert "Spring Sale" in str(later.drafts.describe())
        assert later.drafts.remove("Spring Sale")
        assert "Spring Sale" not in ws.drafts


def test_a_draft_that_is_not_there_or_not_complete_says_what_to_do(ws: Workspace) -> None:
    ws.drafts.keep_fields("Spring Sale", {"name": "Spring Sale"}, None)

    with pytest.raises(DraftError, match="did you mean Spring Sale"):
        ws.drafts["Spring Sail"]
    with pytest.raises(DraftError, match="is not complete: open it in the builder"):
        ws.drafts["Spring Sale"]


def test_a_file_of_something_else_in_the_folder_is_passed_over(ws: Workspace, tmp_path: Path) -> None:
    ws.drafts.keep(DRAFT)
    (folder,) = (tmp_path / "drafts").iterdir()
    (folder / "broken.json").write_text('{"name": "half', encoding="utf-8")
    (folder / "other.json").write_text('{"name": "other"}', encoding="utf-8")

    assert [*ws.drafts] == ["Spring Sale"]


@in_both_dialects
def test_a_draft_is_checked_on_an_earlier_reading_and_nothing_is_recorded(ws: Workspace) -> None:
    contacts = ws.snapshot()
    draft = DRAFT.model_copy(update={"segment": Segment.any_of("vip_customers"), "message": "Hi http://bit.ly/x"})

    checked = ws.drafts.checker(contacts)(draft)

    planned = ws.plan(draft)
    assert (checked.recipients, checked.digest) == (planned.recipients, planned.digest)
    assert [each.code for each in checked.findings] == [each.code for each in planned.findings]
    assert [entry.plan.id for entry in ws.plans()] == [planned.id]


def test_a_segment_is_kept_under_a_name_that_rules_may_use(ws: Workspace, tmp_path: Path, sandbox: Sandbox) -> None:
    ws.segments["my vips"] = Segment.parse("labels:vip_customers and field.customer_tier = gold")

    with connect(Settings(home=tmp_path), sandbox=sandbox) as later:
        segment = later.segments.parse('segment:"my vips" and not labels:location_nyc')

        assert segment == ws.segments["my vips"] & ~Segment.any_of("location_nyc")
        assert list(later.segments) == ["my vips"]
        del later.segments["my vips"]
    assert "my vips" not in ws.segments


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("segment:vips", "No segment 'vips' is kept here: did you mean my vips"),
        ("segment:", "expected the name of a kept segment right behind segment:"),
    ],
)
def test_a_segment_that_is_not_there_is_refused_at_its_place(ws: Workspace, rule: str, said: str) -> None:
    ws.segments["my vips"] = Segment.any_of("vip_customers")

    with pytest.raises(SegmentError, match=said):
        ws.segments.parse(f"labels:vip and {rule}")
    with pytest.raises(SegmentError, match=r"expected the name|ws\.segments\.parse"):
        Segment.parse(f"labels:vip and {rule}")
