from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.builders import START, Clock, make_contacts
from tests.wire import Wire, fault
from toolkit.audience.caps import Cap, DayCap, Sent, Starts, messages_within
from toolkit.audience.eligibility import read_eligibility
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import Audience, Outcome, build_audience
from toolkit.errors import DraftError, SegmentError, ToolkitError, UnknownColumn, Unreachable
from toolkit.plans.draft import CampaignDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import connect

PHONES = [f"+120255501{i:02}" for i in range(6)]
PEOPLE = make_contacts([{"id": f"c{i}", "phone": phone, "labels": ["x"]} for i, phone in enumerate(PHONES)])


def capped(*caps: Cap) -> Audience:
    return build_audience(Segment.everyone(), PEOPLE, live=False, caps=caps)


def test_whoever_was_texted_enough_is_left_out() -> None:
    audience = capped(Cap(2, "7d", {"c0": 1, "c1": 2, "c2": 3, "gone": 9}))

    assert audience.ids(Outcome.CAPPED) == ("c1", "c2")
    assert audience.ids(Outcome.RECIPIENT) == ("c0", "c3", "c4", "c5")
    assert [(step.outcome, step.count) for step in audience.waterfall] == [("capped", 2), ("recipient", 4)]


def test_a_number_counts_however_it_is_named() -> None:
    by_phone = {PHONES[0]: 1, "c0": 1, PHONES[1]: 1, "+12025550199": 5}

    assert capped(Cap(2, "24h", by_phone)).ids(Outcome.CAPPED) == ("c0",)
    assert capped(Cap(1, "24h", pd.Series(by_phone))).ids(Outcome.CAPPED) == ("c0", "c1")


def test_what_was_sent_to_a_number_counts_for_everybody_who_has_it() -> None:
    contacts = make_contacts([{"id": "a", "phone": PHONES[0], "labels": ["x"]}, {"id": "b", "phone": PHONES[0]}])

    audience = build_audience(Segment.everyone(), contacts, live=False, caps=[Cap(1, "24h", {"b": 1})])

    assert audience.ids(Outcome.CAPPED) == ("a",)


def test_the_first_cap_that_is_reached_is_the_reason() -> None:
    audience = capped(Cap(1, "24h", {"c1": 1}), Cap(3, "7d", {"c1": 3, "c2": 4}))

    assert audience.why("c1") == (
        "c1 (+1202•••0101) does not receive it: their number had 1 message in the last 24 hours, and the cap is 1."
    )
    assert audience.why(PHONES[2]) == (
        "c2 (+1202•••0102) does not receive it: their number had 4 messages in the last 7 days, and the cap is 3."
    )


def test_nobody_texted_is_nobody_left_out_unless_nothing_is_allowed() -> None:
    assert len(capped(Cap(1, "24h", {}))) == len(PEOPLE)
    assert len(capped(Cap(0, "24h", {}))) == len(capped(Cap(0, "24h", {"c0": 1}))) == 0


@given(st.dictionaries(st.sampled_from([*PEOPLE.ids, *PHONES]), st.integers(0, 4)), st.integers(1, 5))
def test_caps_leave_out_exactly_who_had_as_many(texted: dict[str, int], most: int) -> None:
    had = [texted.get(f"c{i}", 0) + texted.get(phone, 0) for i, phone in enumerate(PHONES)]

    audience = capped(Cap(most, "24h", texted))

    assert np.array_equal(audience.outcomes == Outcome.CAPPED, np.array(had) >= most)


def test_a_cap_that_cannot_be_is_refused() -> None:
    with pytest.raises(DraftError, match="allow 0 or more"):
        Cap(-1, "24h", {})
    with pytest.raises(SegmentError, match="'soon' is not a time span"):
        Cap(1, "soon", {})


def test_messages_of_logs_and_ledger_are_counted_in_the_span() -> None:
    log = pd.DataFrame(
        {
            "contact_id": ["c0", "c0", "c0", "c1", "c2", None],
            "phone": PHONES,
            "status": ["delivered", "sent", "failed", "queued", "delivered", "sent"],
            "sent_time": [START, START - timedelta(hours=23), START, pd.NaT, START - timedelta(hours=24), START],
        }
    )
    ledger = pd.DataFrame({"contact_id": ["c3", "c3"], "sent_time": [START, START + timedelta(minutes=1)]})

    both = messages_within(pd.concat([log, ledger]), "24h", as_of=START)

    assert both.to_dict() == {"c0": 2, PHONES[5]: 1, "c3": 1}
    assert messages_within(ledger, "24h", as_of=START).to_dict() == {"c3": 1}
    assert capped(Cap(1, "24h", both)).ids(Outcome.CAPPED) == ("c0", "c3", "c5")


def test_messages_that_cannot_be_counted_are_refused() -> None:
    with pytest.raises(UnknownColumn, match="no column 'sent_time'"):
        messages_within(pd.DataFrame({"contact_id": ["c0"]}), "24h", as_of=START)
    with pytest.raises(ToolkitError, match="no time zone"):
        messages_within(pd.DataFrame({"contact_id": [], "sent_time": []}), "24h", as_of=START.replace(tzinfo=None))


SHARING = make_contacts([{"id": f"c{i}", "phone": PHONES[i // 2], "labels": ["x"]} for i in range(6)])


@given(
    st.lists(st.tuples(st.integers(-26, 26), st.sets(st.sampled_from(SHARING.ids.tolist()), min_size=2)), max_size=6),
    st.integers(1, 4),
)
@example([(-13, {"c0"}), (11, {"c0"})], 2)
def test_no_24_hours_around_a_message_have_more_than_are_allowed(sent: list[tuple[int, set[str]]], most: int) -> None:
    messages = [Sent(START + timedelta(hours=hours), lambda ids=ids: sorted(ids)) for hours, ids in sent]
    cap = DayCap(most, "24h", {}, messages, Starts(START))

    outcomes = read_eligibility(SHARING, live=False, caps=[cap]).outcomes

    for i in range(6):
        theirs = [0, *(hours for hours, ids in sent for each in ids if each in (f"c{i - i % 2}", f"c{i - i % 2 + 1}"))]
        days = [[hours for hours in theirs if end - 24 < hours <= end] for end in theirs]
        assert bool(outcomes[i] == Outcome.CAPPED) is (max(len(day) for day in days if 0 in day) > most)


def test_each_start_is_held_against_what_is_around_it() -> None:
    messages = [Sent(START + timedelta(hours=hours), lambda: ("c0", "c4")) for hours in (-2, 50)]
    members = SHARING.ids.isin(["c4"])
    cap = DayCap(1, "24h", {}, messages, Starts(START + timedelta(hours=24), [(START + timedelta(hours=49), members)]))

    audience = build_audience(Segment.everyone(), SHARING, live=False, caps=[cap])

    assert audience.ids(Outcome.CAPPED) == ("c4",)
    assert "has 1 message, sent or scheduled, within 24 hours of this one, and 1 is the most a day" in audience.why(
        "c4"
    )


def test_a_campaign_days_ahead_is_not_held_against_today_and_a_fourth_for_one_thursday_is(
    tmp_path: Path, sandbox: Sandbox, clock: Clock
) -> None:
    (tmp_path / "policy.toml").write_text("max_per_day = 3", encoding="utf-8")
    segment = Segment.any_of("vip_customers") & Segment.any_of("newsletter")
    thursday = START + timedelta(days=2)

    def draft(name: str, start: datetime | None) -> CampaignDraft:
        text = f"{name}. Reply STOP to opt out."
        return CampaignDraft(name=name, message=text, segment=segment, senders=("Marketing Line",), start_at=start)

    with connect(Settings(home=tmp_path, policy=tmp_path / "policy.toml"), sandbox=sandbox, now=clock) as ws:
        everybody = len(ws.audience(segment))
        for number, hours in enumerate((0, 3, 23)):
            plan = ws.plan(draft(f"Number {number}", thursday + timedelta(hours=hours)))
            assert plan.recipients == everybody > 0
            ws.send(plan.approve(recipients=plan.recipients, by="ana"))

        assert len(ws.audience(segment)) == everybody  # today
        assert not ws.audience(segment, start_at=thursday + timedelta(hours=1)).recipients.any()
        assert ws.plan(draft("Now", None)).recipients == everybody
        assert ws.plan(draft("The fourth", thursday + timedelta(hours=1))).recipients == 0
        assert ws.plan(draft("The fourth", thursday - timedelta(hours=0.5))).recipients == 0  # with all three
        assert ws.plan(draft("In time", thursday - timedelta(hours=1))).recipients == everybody
        assert ws.plan(draft("In time", thursday + timedelta(hours=24))).recipients == everybody  # with two others


def test_the_policy_s_cap_is_a_step_of_every_plan(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> None:
    (tmp_path / "policy.toml").write_text("max_per_day = 1", encoding="utf-8")
    segment = Segment.any_of("vip_customers")
    draft = CampaignDraft(
        name="First", message="Hello. Reply STOP to opt out.", segment=segment, senders=("Marketing Line",)
    )
    with connect(Settings(home=tmp_path, policy=tmp_path / "policy.toml"), sandbox=sandbox, now=clock) as ws:
        some = draft.model_copy(update={"segment": segment & Segment.any_of("newsletter")})
        first = ws.plan(some)
        ws.send(first.approve(recipients=first.recipients, by="ana"))

        second = ws.plan(draft.model_copy(update={"name": "Second"}))

        assert ("capped", first.recipients) in [(step.outcome, step.count) for step in second.waterfall]
        phones = set(first.audience.phones)
        assert not phones & set(second.audience.phones)
        assert phones_of(second.audience, "capped") == phones
        clock.move(hours=24)
        later = ws.audience(segment)
        assert not later.ids("capped")
        cap = Cap(1, "7d", dict.fromkeys(first.recipient_ids, 1))
        assert phones_of(ws.audience(segment, caps=[cap]), "capped") == phones


def test_what_a_plan_itself_has_sent_does_not_cap_the_rest_of_it(
    tmp_path: Path, sandbox: Sandbox, clock: Clock
) -> None:
    (tmp_path / "policy.toml").write_text("max_per_day = 1", encoding="utf-8")
    wire = Wire(sandbox)
    draft = CampaignDraft(
        name="In two parts",
        message="Hello. Reply STOP to opt out.",
        segment=Segment.all_of("vip_customers", "newsletter") | Segment.any_of("lapsed"),
        senders=("Marketing Line",),
        most_campaigns=2,
    )
    settings = Settings(home=tmp_path, policy=tmp_path / "policy.toml")
    with connect(settings, sandbox=sandbox, transport=wire, now=clock) as ws:
        plan = ws.plan(draft)
        approval = plan.approve(recipients=plan.recipients, by="ana")
        wire.after = lambda: setattr(wire, "before", fault(httpx.ConnectError("gone")))
        with pytest.raises(Unreachable):
            ws.send(approval)
        wire.before = wire.after = None

        ws.send(approval)

        assert len(wire.posts) == len(plan.steps) == 2
        assert ws.get_plan(plan.id).state == "sent"


def phones_of(audience: Audience, step: str) -> set[str]:
    frame = audience.contacts.frame
    return set(frame["phone"][frame["id"].isin(audience.ids(step))])
