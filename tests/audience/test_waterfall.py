from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from tests.builders import START, make_contacts
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import Audience, Outcome, build_audience
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
        {"id": "shares-with-dnc", "phone": P2, "labels": ["vip"]},
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
        "shares-with-dnc": "opted_out",
        "bad-number": "unreachable",
        "younger-twin": "duplicate",
        "unlabelled": "unlabelled",
        "other": "not_selected",
    }
    assert sum(step.count for step in audience.waterfall) == audience.selected == 9
    assert len(audience) == 1


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

    assert audience.why("ok") == "Ana (+1202•••0101) receives it."
    assert "same number receives it" in audience.why("younger-twin")
    assert audience.why("other").endswith("the segment does not mean them.")
    with pytest.raises(SegmentError):
        audience.why("nobody")


def test_the_frame_holds_the_recipients() -> None:
    audience = build_audience(Segment.any_of("vip", "gold"), CONTACTS, live=False)

    assert list(audience.frame["id"]) == ["ok", "other"]
    assert audience.ids(Outcome.DUPLICATE) == ("younger-twin",)


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
