from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from tests.builders import START, Row, make_contacts
from toolkit.audience.column_profile import Profile, profile
from toolkit.data.contacts import Contacts
from toolkit.errors import UnknownColumn


def look(contacts: Contacts, column: str, first: int | None = None) -> Profile:
    among = np.zeros(len(contacts), dtype=bool)
    among[:first] = True
    return profile(contacts, column, among)


def with_fields(*fields: str) -> Contacts:
    return make_contacts([{"id": f"c{i}", "fields": text} for i, text in enumerate(fields)])


def test_few_values_are_counted_the_most_frequent_first() -> None:
    contacts = with_fields('{"tier": "gold"}', '{"tier": "silver"}', '{"tier": "silver"}', "{}", '{"tier": "gold"}')

    found = look(contacts, "field.tier", 4)

    assert [(bar.label, bar.contacts, bar.value) for bar in found.bars] == [
        ("silver", 2, "silver"),
        ("gold", 1, "gold"),
    ]
    assert (found.kind, found.missing, found.others) == ("values", 1, 0)


def test_few_numbers_and_truths_are_values_in_order() -> None:
    contacts = with_fields('{"n": 10, "b": true}', '{"n": 2, "b": false}', '{"n": 2, "b": true}')

    assert [(bar.label, bar.contacts, bar.value) for bar in look(contacts, "field.n").bars] == [
        ("2", 2, 2.0),
        ("10", 1, 10.0),
    ]
    assert [bar.value for bar in look(contacts, "field.b").bars] == [False, True]


def test_many_numbers_and_times_become_a_histogram_of_everybody() -> None:
    rows: list[Row] = [
        {"id": f"c{i}", "fields": f'{{"n": {i}}}', "created_time": START + timedelta(days=i)} for i in range(120)
    ]
    contacts = make_contacts(rows)

    numbers, times = look(contacts, "field.n"), look(contacts, "created")

    assert (numbers.kind, times.kind) == ("numbers", "times")
    assert [bar.contacts for bar in numbers.bars] == [10] * 12
    assert sum(bar.contacts for bar in times.bars) == 120
    assert numbers.bars[0].label == "0 – 9.91667"
    assert [bar.label for bar in times.bars] == ["Mar 2026", "Apr 2026", "May 2026", "Jun 2026"]
    assert [bar.contacts for bar in times.bars][1:3] == [30, 31]


def test_of_many_texts_the_most_frequent_are_shown_and_the_others_counted() -> None:
    contacts = make_contacts([{"id": f"c{i}", "name": f"N{i % 250}"} for i in range(251)])

    found = look(contacts, "name")

    assert found.kind == "texts"
    assert (found.bars[0].label, found.bars[0].contacts) == ("N0", 2)
    assert sum(bar.contacts for bar in found.bars) + found.others == 251


def test_nobody_has_no_bars_and_an_unknown_column_is_refused() -> None:
    contacts = with_fields('{"tier": "gold"}')

    assert look(contacts, "field.tier", 0).bars == ()
    with pytest.raises(UnknownColumn, match=r"did you mean field\.tier"):
        look(contacts, "field.teir")
