from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.audience.rules.log_rules import CAUSES, FailedRule, MessagesRule
from toolkit.audience.segment import Segment
from toolkit.errors import SegmentError

NAMES = st.text(max_size=12)
VALUES = st.one_of(
    NAMES, st.booleans(), st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["7d", "12"])
)
COLUMNS = st.one_of(st.sampled_from(["name", "phone", "note", "delivered"]), NAMES.filter(bool).map("field.{}".format))


def compared(column: str, test: str, value: bool | float | str) -> Segment:
    where = Segment.where(column)
    return {"<": where < value, "<=": where <= value, ">": where > value, ">=": where >= value}[test]


LEAVES = st.one_of(
    st.lists(NAMES.filter(bool), min_size=1, max_size=3).map(lambda names: Segment.any_of(*names)),
    st.lists(NAMES.filter(bool), min_size=1, max_size=3).map(lambda names: Segment.all_of(*names)),
    st.lists(NAMES, min_size=1, max_size=3).map(lambda names: Segment.received(*names)),
    st.builds(
        lambda campaigns, causes: Segment(rule=FailedRule(campaigns=tuple(campaigns), causes=tuple(causes))),
        st.lists(NAMES, min_size=1, max_size=3),
        st.lists(st.sampled_from(CAUSES), max_size=2),
    ),
    st.builds(
        lambda test, n: Segment(rule=MessagesRule(within="30d", test=test, count=n)),
        st.sampled_from(["=", "<", "<=", ">", ">="]),
        st.integers(0, 1000),
    ),
    st.lists(NAMES, max_size=3).map(Segment.from_contacts),
    st.just(Segment.everyone()),
    st.builds(compared, COLUMNS, st.sampled_from(["<", "<=", ">", ">="]), VALUES),
    st.builds(lambda c, v: Segment.where(c).is_in(*v), COLUMNS, st.lists(VALUES, min_size=1, max_size=3)),
    st.builds(lambda c, v: Segment.where(c).contains(v), COLUMNS, NAMES),
    st.builds(lambda c, v: Segment.where(c).starts_with(v), COLUMNS, NAMES),
    st.builds(lambda c: Segment.where(c).within("7d"), COLUMNS),
    st.builds(lambda c: Segment.where(c).older_than("2w"), COLUMNS),
    st.builds(lambda c: Segment.where(c).is_missing(), COLUMNS),
)
SEGMENTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda a, b: a & b, inner, inner),
        st.builds(lambda a, b: a | b, inner, inner),
        st.builds(lambda a: ~a, inner),
    ),
    max_leaves=12,
)


@given(SEGMENTS)
def test_every_segment_reads_back_from_its_text_and_from_json(segment: Segment) -> None:
    assert Segment.parse(str(segment)) == segment
    assert Segment.model_validate_json(segment.model_dump_json()) == segment
    assert segment.explain().endswith(".")


def is_clear(error: str) -> bool:
    return bool(re.match(r"The rule (is empty|cannot be read at character \d+)", error)) and "\n" not in error


def read(text: str) -> tuple[Segment | None, str]:
    """The segment that a text is, or the error it gets."""
    try:
        return Segment.parse(text), ""
    except SegmentError as error:
        return None, str(error)


@given(st.text())
def test_any_text_is_a_segment_or_one_clear_error(text: str) -> None:
    segment, error = read(text)

    assert segment is not None or is_clear(error)


WORDS = """
labels: labels any all of none ( ) , and or not field. field.x name = != <= in is missing contains starts with
7d 3 true older than between before after tier "a_b" " vip received contacts everyone
\\ created 2026-03-01 nan "\\q" "\\ud800"
"""
PIECES = st.sampled_from(WORDS.split())


@given(st.lists(PIECES, max_size=14), st.sampled_from(["", " "]))
def test_any_mixture_of_the_words_is_a_segment_or_one_clear_error(words: list[str], between: str) -> None:
    segment, error = read(between.join(words))

    assert segment == Segment.parse(str(segment)) if segment is not None else is_clear(error)
    assert segment is None or Segment.model_validate_json(segment.model_dump_json()) == segment


def test_between_before_and_after_are_other_words_for_comparisons() -> None:
    points, created = Segment.where("field.points"), Segment.where("created")

    assert Segment.parse("field.points between 3 and 5 and labels:a") == (points.between(3, 5) & Segment.any_of("a"))
    assert Segment.parse("created before 2026-03-01 or created after 2026-03-03") == (
        (created < "2026-03-01") | (created > "2026-03-03")
    )


@pytest.mark.parametrize("text", ["(" * 10_000, "not " * 10_000 + "everyone", "(" * 200 + "everyone" + ")" * 200])
def test_a_rule_nested_too_deeply_is_refused(text: str) -> None:
    with pytest.raises(SegmentError, match="nested more than 50 deep"):
        Segment.parse(text)


def test_a_long_rule_is_not_a_deep_one() -> None:
    labels = [f"l{i}" for i in range(2_000)]

    segment = Segment.parse(" or ".join(f"labels:{label}" for label in labels))

    assert Segment.parse(str(segment)) == segment


def test_not_binds_before_and_and_and_before_or() -> None:
    a, b, c = (Segment.any_of(label) for label in "abc")

    assert Segment.parse("not labels:a and labels:b or labels:c") == (~a & b) | c
    assert Segment.parse("labels:a or labels:b and labels:c") == a | (b & c)
    assert Segment.parse("not (labels:a or labels:b) and labels:c") == ~(a | b) & c


def test_words_are_read_in_any_case_and_names_as_they_are() -> None:
    assert Segment.parse("LABELS:VIP AND NOT Labels:dnc") == Segment.any_of("VIP") & ~Segment.any_of("dnc")


def test_names_that_are_words_of_the_language_need_no_quotes_and_others_take_them() -> None:
    assert Segment.parse("labels:and or labels:not") == Segment.any_of("and") | Segment.any_of("not")
    assert Segment.parse("field.in in (in, is)") == Segment.where("field.in").is_in("in", "is")
    assert Segment.parse('labels:"two words"') == Segment.any_of("two words")
    assert Segment.parse('field."first order" > 3') == (Segment.where("field.first order") > 3)
    assert Segment.parse(r'labels:"a \"quote\""') == Segment.any_of('a "quote"')


def test_a_quoted_number_is_a_text() -> None:
    assert Segment.parse('field.zip = "94107"') == (Segment.where("field.zip") == "94107")
    assert Segment.parse("field.zip = 94107") == (Segment.where("field.zip") == 94107)
    assert Segment.parse('field.zip = "94107"') != Segment.parse("field.zip = 94107")


@pytest.mark.parametrize(
    ("text", "place", "help_"),
    [
        ("", "", 'write one such as "labels:vip"'),
        ("labels:vip and", "character 15, at the end", "expected a condition"),
        ("labels:vip labels:nyc", "character 12", "expected and, or, or the end"),
        ("vip", "character 1,", "for a label write labels:vip"),
        ("vip and labels:nyc", "character 1,", "for a label write labels:vip"),
        ("nmae = Ann", "character 1,", "did you mean name or field.nmae?"),
        ("feild.x = 1", "character 1,", "did you mean field.x?"),
        ("name", "character 5, at the end", "expected =, !="),
        ("labels vip", "character 8", "expected any or all or none"),
        ("labels:", "character 8, at the end", "expected a label right behind labels:"),
        ("labels any of (vip", "character 19, at the end", "expected , or )"),
        ("labels any of ()", "character 16", "expected a name"),
        ("field.x in gold", "character 12", "expected a list such as (gold, platinum), or a span such as 7d"),
        ('name = "Ann', "character 8", "this quotation mark is not closed"),
        (r'name = "A\x"', "character 8", "an invalid escape"),
        ("(name = Ann", "character 12, at the end", "expected )"),
        ("name = )", "character 8", "expected a name or a text"),
        ("field.x contains", "at the end", "expected a name or a text"),
        ("created > 30d", "character 11", "a span looks back: write created in 30d, or created older than 30d"),
        ("created older than long", "character 20", "expected a span such as 12h, 7d or 2w"),
        ("field.x between 1 or 2", "character 19", "expected and"),
        ("name = a\ud800", "character 9", "half a character is not valid text"),
        (r'name = "\ud800"', "character 8", "half a character is not valid text"),
        ("tier = at risk", "character 1,", "Unknown tier 'at': did you mean at_risk?"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_to_do(text: str, place: str, help_: str) -> None:
    with pytest.raises(SegmentError) as raised:
        Segment.parse(text)

    assert place in str(raised.value)
    assert help_ in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("name = 'Ann'", "name = Ann"),
        ("name = 'Ann Lee' and region = 'US'", 'name = "Ann Lee" and region = US'),
        ("name in ('Ann','O'Brien')", 'name in ("O\'Brien", Ann)'),
        ("name = O'Brien", 'name = "O\'Brien"'),
        ("name = 'James'' or name = 'Bo'", 'name = "James\'" or name = Bo'),
        ("labels:'VIP customers'", 'labels:"VIP customers"'),
        ("field.'first order' > 100", 'field."first order" > 100'),
        ("name = “Ann Lee”", 'name = "Ann Lee"'),
        ("name = ‘O’Brien’", 'name = "O’Brien"'),
        ("name = 'say \"hi\"'", r'name = "say \"hi\""'),
        ("field.points > '5'", "field.points > 5"),
        ("field.points between '5' and \"10\"", "field.points >= 5 and field.points <= 10"),
    ],
)
def test_single_and_curly_quotes_are_quotes_and_apostrophes_are_not(typed: str, written: str) -> None:
    segment = Segment.parse(typed)

    assert str(segment) == written
    assert Segment.parse(written) == segment


@pytest.mark.parametrize("typed", ["name = 'Ann", "name = “Ann", "labels:'"])
def test_a_quote_that_is_not_closed_is_said_with_its_place(typed: str) -> None:
    with pytest.raises(SegmentError, match=r"at character 8, before .* this quotation mark is not closed"):
        Segment.parse(typed)


def test_several_words_without_quotes_are_said_with_them() -> None:
    with pytest.raises(SegmentError, match='several words stand in quotes, as "Eastern Time"'):
        Segment.parse("zone = Eastern Time")
