"""Fields keep their kind when a few values are of another, and a text without fields is read as that or refused."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from tests.builders import make_contacts
from toolkit.data.contacts import Contacts
from toolkit.errors import ToolkitError


def with_values(*values: Any) -> Contacts:
    return make_contacts([{"id": f"c{at}", "fields": json.dumps({"x": value})} for at, value in enumerate(values)])


@pytest.mark.parametrize(
    ("values", "dtype", "unread"),
    [
        (["2026-11-20T09:00:00Z", "2026-11-21", "never"], "datetime64[us, UTC]", "1 of 3 values is not a date"),
        (["never", "30/11/2025", "Sep 2020", "2026-11-20"], "datetime64[us, UTC]", "3 of 4 values are not dates"),
        ([1, 2.5, "n/a", None, "7"], "float64", "1 of 4 values is not a number, such as 'n/a'"),
        ([True, False, "yes"], "boolean", "1 of 3 values is not true or false"),
        ([1, 2, ""], "float64", ""),
        (["2026-11-20", "2026-02-30", "2026-11-21"], "datetime64[us, UTC]", "such as '2026-02-30'"),
        (["gold", "silver", "2026-11-20"], "str", ""),
        (["30/11/2025", "01/12/2025"], "str", ""),
        (["02134", "10001"], "str", ""),
        ([1, True], "str", ""),
        ([10**400, 1], "float64", ""),
        ([None], "str", ""),
    ],
)
def test_a_column_has_the_kind_of_most_of_its_values(values: list[Any], dtype: str, unread: str) -> None:
    frame = with_values(*values).select(["id", "field.x"])

    assert str(frame["field.x"].dtype) == dtype
    assert unread in frame.attrs.get("unread", {}).get("field.x", "")
    assert bool(unread) is ("unread" in frame.attrs)


def test_what_is_not_read_is_missing_and_never_guessed() -> None:
    frame = with_values("2026-11-20T23:00:00-05:00", "01/12/2026", "45992", "soon", "x").select(["field.x"])

    assert frame["field.x"].dtype == "str"  # two dates in five are no column of dates
    frame = with_values("2026-11-20T23:00:00-05:00", "01/12/2026", "45992").select(["field.x"])
    assert frame["field.x"].tolist() == [pd.Timestamp("2026-11-21T04:00:00Z"), pd.NaT, pd.NaT]


def test_an_empty_list_is_no_fields() -> None:
    contacts = make_contacts([{"id": "a", "fields": "[]"}, {"id": "b", "fields": '{"x": 1}'}, {"id": "c"}])

    assert contacts.field_names == ["x"]
    assert contacts.select(["field.x"])["field.x"].isna().tolist() == [True, False, True]


@pytest.mark.parametrize("fields", ['"{\\"tier\\":\\"gold\\"}"', "[1]", "7", "{oops"])
def test_fields_of_another_form_are_refused_with_the_row(fields: str) -> None:
    contacts = make_contacts([{"id": "a"}, {"id": "b", "fields": fields}])

    for read in (lambda: contacts.field_names, lambda: contacts.select(["field.x"])):
        with pytest.raises(ToolkitError, match=r"row 2 are .* not a JSON object"):
            read()
