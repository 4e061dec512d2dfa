from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import START, make_contacts
from toolkit.audience.eligibility import Outcome, read_eligibility
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import Audience, audience_of, build_audience
from toolkit.data.contacts import Contacts
from toolkit.errors import SegmentError

P1, P2, P3, P4 = (f"+1202555010{i}" for i in range(1, 5))
REAL = "+999123456789"  # in no country, so not fictional and not dialable

CONTACTS = make_contacts(
    [
        {"id": "ok", "name": "Ana", "phone": P1, "labels": ["vip"]},
        {"id": "no-phone", "labels": ["vip"]},
        {"id": "malformed", "phone": "555-0102", "labels": ["vip"]},
        {"id": "real", "phone": REAL, "labels": ["vip"]},
        {"id": "dnc", "phone": P2, "labels": ["vip", "DNC"]},
        {"id": "twin-of-dnc", "phone": P2, "labels": ["vip"], "created_time": START + timedelta(days=1)},
        {"id": "dnc-elsewhere", "phone": "+12025550106", "labels": ["gold", "DNC"]},
        {"id": "shares-with-dnc", "phone": "+12025550106", "labels": ["vip"]},
        {"id": "bad-number", "phone": P3, "labels": ["vip", "invalid number"]},
        {"id": "younger-twin", "phone": P1, "labels": ["vip"], "created_time": START + timedelta(days=1)},
        {"id": "unlabelled", "phone": P4},
        {"id": "other", "phone": "+12025550105", "labels": ["gold"]},
    ]
)


def outcomes(audience: Audience) -> dict[str, str]:
    return {
        contact_id: Outcome(outcome).name.lower()
        for contact_id, outcome in zip(audience.contacts.ids, audience.outcomes, strict=True)
    }


def test_everybody_ends_at_exactly_one_step() -> None:
    audience = build_audience(~Segment.any_of("gold"), CONTACTS, live=False)

    assert outcomes(audience) == {
        "ok": "recipient",
        "no-phone": "no_phone",
        "malformed": "malformed",
        "real": "locked",
        "dnc": "opted_out",
        "twin-of-dnc": "duplicate",
        "dnc-elsewhere": "not_selected",
        "shares-with-dnc": "opted_out",
        "bad-number": "unreachable",
        "younger-twin": "duplicate",
        "unlabelled": "unlabelled",
        "other": "not_selected",
    }
    assert [(step.outcome, step.count) for step in audience.waterfall] == [
        ("no_phone", 1),
        ("malformed", 1),
        ("locked", 1),
        ("duplicate", 2),
        ("opted_out", 2),
        ("unreachable", 1),
        ("unlabelled", 1),
        ("recipient", 1),
    ]
    assert (audience.selected, len(audience)) == (10, 1)


def test_a_live_workspace_refuses_exactly_what_the_embedded_one_accepts() -> None:
    everyone = Segment.everyone()

    live = outcomes(build_audience(everyone, CONTACTS, live=True))
    embedded = outcomes(build_audience(everyone, CONTACTS, live=False))

    assert live["real"] == "recipient"
    assert live["ok"] == "locked"
    assert embedded["real"] == "locked"
    assert embedded["ok"] == "recipient"


def test_why_names_the_reason_and_masks_the_phone() -> None:
    audience = build_audience(Segment.any_of("vip"), CONTACTS, live=False)

    assert audience.why("ok") == "Ana (+1202•••0101) receives it: the segment includes contacts with the label vip."
    assert audience.why("other").endswith("the segment excludes contacts without the label vip.")
    assert audience.why("younger-twin") == (
        "younger-twin (+1202•••0101) does not receive it: another contact with the same number is counted instead: "
        "Ana (+1202•••0101) receives it: the segment includes contacts with the label vip."
    )
    assert audience.why("twin-of-dnc").endswith(
        "with the same number is counted instead: dnc (+1202•••0102) does not receive it: they, or somebody with the "
        "same number, asked not to be texted (the label DNC)."
    )
    assert audience.why("dnc").endswith("asked not to be texted (the label DNC).")
    assert audience.why("shares-with-dnc").endswith("(a label of somebody with the same number).")


def test_why_takes_a_phone_or_a_name_that_one_contact_has() -> None:
    audience = build_audience(Segment.any_of("vip"), CONTACTS, live=False)

    assert audience.why(P3) == audience.why("bad-number")
    assert audience.why("Ana") == audience.why("ok")
    assert audience.why("001 (202) 555-0103") == audience.why("bad-number")
    for several in (P2, "1 202 555 0102"):
        with pytest.raises(SegmentError, match=r"2 contacts have this (phone|number): use the id of one"):
            audience.why(several)
    with pytest.raises(SegmentError, match="No contact has the id, phone or name 'nobody'"):
        audience.why("nobody")


def test_why_tells_what_of_a_rule_decides() -> None:
    segment = Segment.parse("(labels:vip or name = Bo) and not (labels:DNC and name is missing) and phone is present")
    audience = build_audience(segment, CONTACTS, live=False)

    assert audience.why("ok").endswith(
        "includes contacts with the label vip, without the label DNC, with a name and with a phone."
    )
    assert audience.why("other").endswith("excludes contacts without the label vip and without name Bo.")
    assert audience.why("no-phone").endswith("excludes contacts without a phone.")


def test_the_frame_holds_the_recipients() -> None:
    audience = build_audience(Segment.any_of("vip", "gold"), CONTACTS, live=False)

    assert list(audience.frame["id"]) == ["ok", "other"]
    assert audience.ids("opted out") == audience.ids("opted_out") == audience.ids(Outcome.OPTED_OUT)
    assert audience.ids(Outcome.DUPLICATE) == ("twin-of-dnc", "shares-with-dnc", "younger-twin")


def test_a_mistyped_step_gets_a_suggestion() -> None:
    with pytest.raises(SegmentError, match="Unknown step 'optout': did you mean opted_out"):
        build_audience(Segment.everyone(), CONTACTS, live=False).ids("optout")


def test_no_contacts_is_an_audience_too() -> None:
    audience = build_audience(Segment.everyone(), make_contacts([]), live=False)

    assert len(audience) == 0
    assert [step.outcome for step in audience.waterfall] == ["recipient"]


def opted_out_pairs() -> Contacts:
    return make_contacts(
        [{"id": "a", "phone": P1, "labels": ["x", "Unsubscribed"]}, {"id": "b", "phone": P1, "labels": ["x"]}]
    )


def test_opting_out_counts_whoever_the_segment_means() -> None:
    audience = build_audience(Segment.from_contacts(["b"]), opted_out_pairs(), live=False)

    assert np.count_nonzero(audience.recipients) == 0


def test_an_opt_out_counts_however_the_number_is_written() -> None:
    contacts = make_contacts(
        [
            {"id": "a", "phone": "+1 (202) 555-0101", "labels": ["x", "DNC"]},
            {"id": "b", "phone": P1, "labels": ["x"]},
        ]
    )

    assert len(build_audience(Segment.any_of("x"), contacts, live=False)) == 0


@pytest.mark.parametrize("label", ["DNC", "unreachable"])
@pytest.mark.parametrize("twin", [{"labels": ["x"]}, {"labels": ["x", "duplicate"]}, {}])
def test_a_suppressed_number_is_never_reached_through_another_contact(label: str, twin: dict[str, list[str]]) -> None:
    contacts = make_contacts([{"id": "a", "phone": P1, "labels": [label]}, {"id": "b", "phone": P1, **twin}])

    for segment in (Segment.everyone(), Segment.from_contacts(["b"])):
        assert len(build_audience(segment, contacts, live=False, by_label=False)) == 0


@given(st.data())
def test_no_number_is_texted_twice_and_none_of_somebody_who_is_suppressed(data: st.DataObject) -> None:
    phones = st.sampled_from([None, "", "n/a", P1, P2, P3, "+1 202 555 0101", "0012025550102", REAL])
    labels = st.sets(st.sampled_from(["x", "DNC", "Unsubscribed", "unreachable", "duplicate"]))
    people = data.draw(st.lists(st.tuples(phones, phones, labels), max_size=8))
    rows = [
        {"id": f"c{i}", "phone": sms, "whatsapp_phone": whatsapp, "labels": sorted(has)}
        for i, (sms, whatsapp, has) in enumerate(people)
    ]
    channel = data.draw(st.sampled_from(["phone", "whatsapp_phone"]))

    audience = build_audience(Segment.everyone(), make_contacts(rows, ["x"]), live=False, channel=channel)

    texted = [row[channel] for row, is_recipient in zip(rows, audience.recipients, strict=True) if is_recipient]
    suppressed = [sms for sms, _, has in people if has - {"x", "duplicate"}]
    suppressed += [whatsapp for _, whatsapp, has in people if has - {"x", "duplicate"}]
    able = [row for row in rows if row[channel] in {P1, P2, P3} and row["labels"]]
    assert len(texted) == len(set(texted))
    assert set(texted) == {row[channel] for row in able} - set(map(as_e164, suppressed))


@given(st.data())
def test_one_judgement_of_the_contacts_answers_for_any_of_them(data: st.DataObject) -> None:
    people = data.draw(
        st.lists(st.tuples(st.sampled_from([P1, P2]), st.sets(st.sampled_from(["x", "duplicate"]))), max_size=8)
    )
    rows = [{"id": f"c{i}", "phone": phone, "labels": sorted(has)} for i, (phone, has) in enumerate(people)]
    eligibility = read_eligibility(make_contacts(rows, ["x"]), live=False)
    meant = data.draw(st.sets(st.sampled_from(range(len(rows))))) if rows else set()

    found = outcomes(audience_of(Segment.from_contacts([f"c{i}" for i in meant]), eligibility))

    expected = {row["id"]: "not_selected" for row in rows}
    for phone in (P1, P2):
        same = [rows[i] for i in meant if rows[i]["phone"] == phone]
        same.sort(key=lambda row: (not row["labels"], "duplicate" in row["labels"], row["id"]))
        for place, row in enumerate(same):
            stands_for_it = place > 0 and same[0]["labels"]
            expected[row["id"]] = "duplicate" if stands_for_it else "recipient" if row["labels"] else "unlabelled"
    assert found == expected


def as_e164(written: str | None) -> str:
    digits = "".join(c for c in written or "" if c.isdigit()).lstrip("0")
    return f"+{digits}"


def test_whatsapp_goes_to_the_whatsapp_number() -> None:
    contacts = make_contacts(
        [
            {"id": "a", "phone": P1, "whatsapp_phone": P2, "labels": ["x"]},
            {"id": "b", "phone": P3, "labels": ["x"]},
            {"id": "c", "whatsapp_phone": P4, "labels": ["x"]},
            {"id": "d", "phone": P4, "labels": ["DNC"]},
        ]
    )

    audience = build_audience(Segment.any_of("x"), contacts, live=False, channel="whatsapp_phone")

    assert audience.phones.to_dict() == {"a": P2}
    assert outcomes(audience) == {"a": "recipient", "b": "no_phone", "c": "opted_out", "d": "not_selected"}


def test_more_than_a_limit_are_drawn_the_same_each_time() -> None:
    rows = [{"id": f"c{i}", "phone": f"+120255501{i:02}", "labels": ["x"]} for i in range(20)]
    contacts, fewer = make_contacts(rows), make_contacts(rows[:-3])

    audience = build_audience(Segment.any_of("x"), contacts, live=False, limit=5)

    drawn, rest = audience.ids(Outcome.RECIPIENT), audience.ids(Outcome.OVER_LIMIT)
    assert (len(drawn), len(rest)) == (5, 15)
    assert drawn != tuple(contacts.ids[:5])
    assert set(drawn) & set(fewer.ids) <= set(
        build_audience(Segment.any_of("x"), fewer, live=False, limit=5).ids(Outcome.RECIPIENT)
    )
    assert "they were not drawn" in audience.why(rest[0])
    assert len(build_audience(Segment.any_of("x"), contacts, live=False, limit=50)) == 20


def test_an_unlabelled_contact_stands_for_nobody() -> None:
    contacts = make_contacts([{"id": "a", "phone": P1}, {"id": "b", "phone": P1}], ["x"])

    audience = build_audience(Segment.everyone(), contacts, live=False)

    assert audience.ids(Outcome.UNLABELLED) == ("a", "b")


def test_of_twins_the_labelled_one_that_is_no_duplicate_receives_it() -> None:
    contacts = make_contacts(
        [
            {"id": "a", "phone": P1},
            {"id": "b", "phone": P1, "labels": ["duplicate"]},
            {"id": "c", "phone": P1, "labels": ["x"], "created_time": START + timedelta(days=1)},
        ]
    )

    assert build_audience(Segment.everyone(), contacts, live=False).ids(Outcome.RECIPIENT) == ("c",)


def test_a_single_message_needs_no_label() -> None:
    contacts = make_contacts([{"id": "a", "phone": P1}])

    assert len(build_audience(Segment.everyone(), contacts, live=False, by_label=False)) == 1
    assert len(build_audience(Segment.everyone(), contacts, live=False)) == 0


@pytest.mark.parametrize("label", ["unreachable", "Invalid Number"])
def test_numbers_the_service_gave_up_on_are_left_out(label: str) -> None:
    contacts = make_contacts([{"id": "a", "phone": P1, "labels": ["x", label]}])

    assert build_audience(Segment.any_of("x"), contacts, live=False).ids(Outcome.UNREACHABLE) == ("a",)
