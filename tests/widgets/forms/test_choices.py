import pandas as pd
import pytest

from toolkit.errors import DraftError
from toolkit.widgets.forms.choices import label_choices, sender_choices

PHONES = pd.DataFrame(
    [
        ("id-1", "Marketing", "+12025550101", True, True, False),
        ("id-2", "Support", "+12025550102", True, False, True),
        ("id-3", "Old line", "+12025550103", False, True, True),
    ],
    columns=["id", "name", "phone", "enabled", "sms", "mms"],
)
LABELS = pd.DataFrame([("id-vip", "vip", 1250), ("id-new", "new", 3)], columns=["id", "name", "contacts"])


def test_only_enabled_numbers_that_can_send_what_is_sent_are_offered() -> None:
    assert sender_choices(PHONES, []) == [("Marketing +12025550101", "Marketing")]
    assert sender_choices(PHONES, [], "MMS") == [("Support +12025550102", "Support")]


def test_a_kept_sender_keeps_its_name_and_one_that_is_not_able_is_left_out() -> None:
    assert sender_choices(PHONES, [], "MMS", kept=["id-2", "Marketing"]) == [("Support +12025550102", "id-2")]


def test_labels_show_how_many_contacts_have_them() -> None:
    assert label_choices(LABELS, []) == [("vip (1,250)", "vip"), ("new (3)", "new")]


def test_senders_that_share_a_name_are_named_by_number() -> None:
    phones = PHONES.assign(name="Line", enabled=True, sms=True)

    assert [name for _, name in sender_choices(phones, [])] == ["+12025550101", "+12025550102", "+12025550103"]


def test_a_choice_keeps_the_name_a_draft_gave_it() -> None:
    assert [name for _, name in label_choices(LABELS, ["id-new"])] == ["vip", "id-new"]


def test_a_switched_off_sender_is_refused_with_those_there_are() -> None:
    with pytest.raises(DraftError, match="no enabled SMS sender 'Old line': there are Marketing"):
        sender_choices(PHONES, ["Old line"])


def test_a_label_that_no_contact_has_is_offered_and_said_to_be_so() -> None:
    assert label_choices(LABELS, ["vipp"])[-1] == ("vipp (no contact has it)", "vipp")
