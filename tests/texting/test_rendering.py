from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from toolkit.errors import ToolkitError
from toolkit.texting.rendering import render, resolve


def test_every_recipient_reads_their_own_text() -> None:
    columns = {"name": pd.Series(["Ann", "Łukasz"], dtype="str"), "tier": pa.array(["gold", "new"]).dictionary_encode()}

    rendered = render("Hi {name}, {TIER} since {Name}!", columns)

    assert rendered.texts.to_pylist() == ["Hi Ann, gold since Ann!", "Hi Łukasz, new since Łukasz!"]
    assert rendered.unresolved == ()
    assert not any(empty.any() for empty in rendered.empty.values())


def test_a_missing_value_leaves_the_braces_and_a_blank_one_a_gap() -> None:
    rendered = render("Hi {name}!", {"name": ["Ann", None, "", "  "]})

    assert rendered.texts.to_pylist() == ["Hi Ann!", "Hi {name}!", "Hi !", "Hi   !"]
    assert rendered.empty["{name}"].tolist() == [False, True, True, True]


def test_what_no_field_fills_is_named_and_stands() -> None:
    rendered = render("{nane} {{name}} {{name} {name}} #[name] {name} {} {1}", {"name": ["Ann"]})

    assert rendered.texts.to_pylist() == ["{nane} {{name}} {{name} {name}} #[name] Ann {} {1}"]
    assert rendered.unresolved == ("{nane}", "{{name}}", "{{name}", "{name}}", "#[name]", "{}", "{1}")


@pytest.mark.parametrize("text", ["Hi {name}", "{nobody}", "Hi"])
def test_what_recipients_read_is_one_kind_of_column(text: str) -> None:
    assert isinstance(render(text, {"name": ["Ann"]}).texts, pa.ChunkedArray)


def test_a_value_with_braces_is_plain_text() -> None:
    assert render("{name}", {"name": ["{tier}"], "tier": ["gold"]}).texts.to_pylist() == ["{tier}"]


def test_a_name_two_fields_share_but_for_case_fills_nothing_unless_it_is_the_contacts_own() -> None:
    assert resolve("{city} {name}", ["City", "CITY", "name", "Name"]) == {"{name}": "name"}


def test_a_text_without_placeholders_reads_the_same_for_all() -> None:
    assert render("Sale", {"name": ["Ann", None]}).texts.to_pylist() == ["Sale", "Sale"]


@pytest.mark.parametrize(
    ("text", "columns", "refusal"),
    [
        ("half \ud800", {"name": ["Ann"]}, "half a character"),
        ("{orders}", {"orders": [3]}, "convert its values to text"),
        ("{a} {b}", {"a": ["x"], "b": ["x", "y"]}, "columns of equal length"),
        ("Hi", {}, "columns of equal length"),
    ],
)
def test_what_cannot_be_rendered_is_refused(text: str, columns: dict[str, Any], refusal: str) -> None:
    with pytest.raises(ToolkitError, match=refusal):
        render(text, columns)
