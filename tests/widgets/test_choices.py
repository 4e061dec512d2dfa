import pandas as pd
import pytest

from toolkit.errors import DraftError
from toolkit.widgets.choices import label_choices, sender_choices

PHONES = pd.DataFrame(
    [
        ("id-1", "Marketing", "+12025550101", True, True),
        ("id-2", "Support", "+12025550102", True, False),
        ("id-3", "Old line", "+12025550103", False, True),
    ],
    columns=["id", "name", "phone", "enabled", "sms"],
)
LABELS = pd.DataFrame([("id-vip", "vip", 1250), ("id-new", "new", 3)], columns=["id", "name", "contacts"])


def test_only_enabled_numbers_that_can_send_sms_are_offered() -> None:
    assert sender_choices(PHONES, []) == [("Marketing +12025550101", "Marketing")]


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


def test_an_unknown_label_is_refused_with_the_nearest() -> None:
    with pytest.raises(DraftError, match="no label on a contact 'vipp': did you mean vip"):
        label_choices(LABELS, ["vipp"])
