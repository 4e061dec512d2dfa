from __future__ import annotations

import pytest
from IPython.core.completer import IPCompleter, provisionalcompleter

from tests.builders import make_contacts
from toolkit.audience.segment import Segment
from toolkit.audience.vocabulary import Vocabulary
from toolkit.errors import SegmentError

WORDS = Vocabulary(
    make_contacts(
        [
            {"id": "a", "labels": ["vip", "two words"], "fields": '{"tier": "gold", "points": 3}'},
            {"id": "b", "labels": ["vip"], "fields": '{"tier": "gold"}'},
            {"id": "c", "fields": '{"tier": "old gold", "first order": "x"}'},
        ]
    )
)


def test_labels_and_fields_complete_and_make_segments() -> None:
    assert WORDS.labels["vip"] == Segment.any_of("vip")
    assert (WORDS.fields["points"] > 2) == (Segment.where("field.points") > 2)
    assert WORDS.labels._ipython_key_completions_() == ["two words", "vip"]  # type: ignore[attr-defined]
    assert list(WORDS.fields) == ["first order", "points", "tier"]


@pytest.mark.parametrize(
    ("begun", "offered"),
    [("words.labels['v", "vip"), ('words.labels["two', "two words"), ("words.fields['p", "points")],
)
def test_the_tab_key_completes_names_in_ipython(begun: str, offered: str) -> None:
    completer = IPCompleter(namespace={"words": Vocabulary(WORDS.contacts)})

    with provisionalcompleter():
        assert offered in {completion.text for completion in completer.completions(begun, len(begun))}


def test_a_mistyped_name_gets_a_suggestion() -> None:
    with pytest.raises(SegmentError, match="did you mean points"):
        WORDS.fields["piont"]


@pytest.mark.parametrize(
    ("begun", "offered"),
    [
        ("labels:v", ["labels:vip"]),
        ("not LABELS:t", ['not labels:"two words"']),
        ("labels:vip and field.t", ["labels:vip and field.tier"]),
        ("field.f", ['field."first order"']),
        ("field.tier = ", ["field.tier = gold", 'field.tier = "old gold"']),
        ("field.tier in (gold, g", ["field.tier in (gold, gold"]),
        ("(cre", ["(created"]),
        ("labels:vip a", ["labels:vip and"]),
        ("field.nothing = g", []),
        ("labels:vip", []),
    ],
)
def test_a_typed_rule_is_completed(begun: str, offered: list[str]) -> None:
    assert WORDS.complete(begun) == offered


def test_a_completed_rule_can_be_read() -> None:
    for rule in (*WORDS.complete("labels:"), *WORDS.complete("field.tier = ")):
        Segment.parse(rule)
