"""Any text, half characters included, is counted or refused: as a draft, as a plan and as what people read of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.builders import START, Clock, make_contacts
from tests.planning.preflight.cases import PEOPLE, SENDER, Draft
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import build_audience
from toolkit.errors import DraftError
from toolkit.planning.preflight import Outgoing, check
from toolkit.planning.read import DraftReading
from toolkit.planning.wording import word
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.policy import SendPolicy
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.texting.parts import count_parts
from toolkit.workspace import Workspace, connect

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=80)
PIECES = st.lists(
    st.sampled_from(["{name}", "{{", "}", "http://", "bit.ly/x", "xn--a.example", "\u202e", "👩\u200d👧", " STOP"])
)
PEOPLE_MEANT = Segment.any_of("newsletter")
AUDIENCE = build_audience(Segment.any_of("vip"), make_contacts(PEOPLE), live=False)


@settings(max_examples=40)
@given(ANYTHING, PIECES)
@example("\ud800", [])
@example("half \udfff and {name}", [])
def test_any_text_is_checked_or_refused_as_a_draft(text: str, pieces: list[str]) -> None:
    message = text + "".join(pieces)
    count_parts(message)
    try:
        draft = CampaignDraft(name="n", message=message, segment=Segment.any_of("vip"), senders=("p",))
    except DraftError:
        assert any(0xD800 <= ord(char) <= 0xDFFF for char in message)
        return

    for is_filled in (False, True):
        wording = word(draft.message, AUDIENCE, is_filled=is_filled)
        out = Outgoing(DraftReading(draft, AUDIENCE.contacts, (SENDER,), START), draft, AUDIENCE, wording)
        assert all(finding.message for finding in check(out))
        assert wording.cost(SendPolicy()).total_parts >= 1


@given(ANYTHING)
@example("{name}")
@example("Ana\u202e")
def test_any_name_is_filled_in_and_counted(name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return  # no service can say it in JSON
    people = [PEOPLE[0] | {"name": name}, PEOPLE[1]]

    out = Draft(people=people, is_filled=True, fields={"message": "Hi {name}! STOP"}).outgoing()

    assert out.wording.text_of(0) == f"Hi {name}! STOP"
    assert out.wording.counts.parts[0] == count_parts(f"Hi {name}! STOP").parts
    check(out)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder, clock = tmp_path_factory.mktemp("small"), Clock()
    box = Sandbox(folder / "sandbox.sqlite3", contacts=30, now=clock)
    with closing(box), connect(Settings(home=folder), sandbox=box, now=clock) as ws:
        yield ws


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(ANYTHING, PIECES)
@example("\x00\x1b[31m\u2028<script>", ["{name}", "\u202e"])
def test_any_text_is_planned_and_shown_or_refused(small: Workspace, text: str, pieces: list[str]) -> None:
    message = text + "".join(pieces)
    try:
        plan = small.plan(CampaignDraft(name="n", message=message, segment=PEOPLE_MEANT, senders=("Store Line",)))
    except DraftError:
        assert any(0xD800 <= ord(char) <= 0xDFFF for char in message)
        return

    assert small.get_plan(plan.id).plan.draft == plan.draft
    assert all(line.isprintable() for line in str(plan).split("\n"))
    assert "<script>" not in plan._repr_html_()


def test_half_a_character_is_refused_in_a_sentence() -> None:
    with pytest.raises(DraftError, match="unicode"):
        CampaignDraft(name="n", message="\ud83d", segment=Segment.any_of("vip"), senders=("p",))
