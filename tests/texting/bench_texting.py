"""Measures texting over an audience beside the same work row by row: `python tests/texting/bench_texting.py [rows]`.

1,000,000 rows unless said otherwise; of the row-by-row calls a hundredth is timed and reckoned up, in the same run.
Texts row by row are this package's own `count_parts`, which is faster than the libraries on PyPI; numbers row by row
are `phonenumbers`. Seconds are of the processor.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from phonenumbers.timezone import time_zones_for_number

from tests.measured import figure
from toolkit.texting.numbering.line_types import classify
from toolkit.texting.numbering.number_readings import read_phones
from toolkit.texting.part_counts import count_column
from toolkit.texting.parts import count_parts
from toolkit.texting.places import locate, places
from toolkit.texting.quiet_hours import check_hours
from toolkit.texting.quiet_hours_rules import load_hours
from toolkit.texting.rendering import render

NAMES = ("Ana", "Alexandra", "Łukasz", "José", "Zoë", "王伟", "Maria del Carmen", "Li", "O'Neill", "François")
SALE = "Hi {name}! Spring sale at Example Shop: 20% off {tier} until Sunday, in store and at https://example.com/sale. "
TEMPLATES = {
    "one part": "Hi {name}! 20% off {tier} until Sunday at Example Shop. Reply STOP to opt out.",
    "two parts": SALE + "Show this text at the till. Reply STOP to opt out.",
    "emoji": "❤️👨‍👩‍👧 " + SALE + "Reply STOP to opt out 👍🏽",
}


def main(rows: int) -> None:
    draw = np.random.default_rng(7)
    columns = {
        "name": pa.array(NAMES).take(pa.array(draw.integers(0, len(NAMES), rows))),
        "tier": pa.array(("gold", "silver", "[new]")).take(pa.array(draw.integers(0, 3, rows))),
    }
    for name, template in TEMPLATES.items():
        rendered = timed(f"render, {name}", lambda template=template: render(template, columns).texts)
        counted = beside(f"count, {name}", count_column, count_rows, rendered)
        say(f"    {dict(counted.by_parts)}, {int(counted.is_wide.sum()):,} in UCS-2")
    phones = fictional(draw, rows)
    located = beside("classify and locate numbers", lambda some: locate(classify(some)), classify_rows, phones)
    beside("read numbers", lambda some: read_phones(some, region="US"), read_rows, written(phones))
    where = timed("distinct places", lambda: places(located))
    start = datetime(2026, 11, 24, 12, tzinfo=UTC)
    table = load_hours()
    timed("hours", lambda: check_hours(where, start=start, end=start + timedelta(hours=2), table=table))
    say(f"    {len(where)} places")


def beside(what: str, whole: Callable[[Any], Any], by_row: Callable[[Sequence[str]], Any], column: Any) -> Any:
    """Times the whole column, and a hundredth of it row by row."""
    whole(column.slice(0, 1))  # tables are made once
    began = time.process_time()
    result = whole(column)
    seconds = time.process_time() - began
    some = column.slice(0, max(len(column) // 100, 1)).to_pylist()
    by_row(some[:1])
    began = time.process_time()
    by_row(some)
    alone = (time.process_time() - began) * len(column) / len(some)
    figure(f"{what}, beside row by row", seconds, "s", rows=len(column), expert=alone, limit="<= 0.1")
    return result


def timed(what: str, work: Callable[[], Any]) -> Any:
    began = time.process_time()
    result = work()
    figure(what, time.process_time() - began, "s")
    return result


def count_rows(texts: Sequence[str]) -> list[Any]:
    return [count_parts(text) for text in texts]


def classify_rows(phones: Sequence[str]) -> None:
    for phone in phones:
        number = phonenumbers.parse(phone)
        phonenumbers.is_possible_number(number)
        phonenumbers.is_valid_number(number)
        phonenumbers.region_code_for_number(number)
        phonenumbers.number_type(number)
        time_zones_for_number(number)


def read_rows(phones: Sequence[str]) -> None:
    for phone in phones:
        number = phonenumbers.parse(phone, "US")
        phonenumbers.is_possible_number(number)
        phonenumbers.is_valid_number(number)
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def written(phones: pa.Array) -> pa.Array:
    """The same numbers, one of a hundred with spaces and dashes."""
    spaced = pc.replace_substring_regex(phones, r"^(\+\d{2})(\d{3})(\d+)$", r"\1 \2-\3")
    return pc.if_else(pa.array(np.arange(len(phones)) % 100 == 0), spaced, phones)


def fictional(draw: np.random.Generator, rows: int) -> pa.Array:
    """Numbers set aside for fiction: nine of ten in the area codes of +1, the others British or French."""
    both = phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE
    examples = {area: phonenumbers.parse(f"+1{area}5550147") for area in range(201, 990)}
    areas = [area for area, number in examples.items() if phonenumbers.number_type(number) == both]
    numbers = 10_000_000_000 + draw.choice(areas, rows) * 10_000_000 + 5_550_100 + draw.integers(0, 100, rows)
    numbers[::10] = 447_700_900_000 + draw.integers(0, 1000, len(numbers[::10]))
    numbers[::20] = 33_639_980_000 + draw.integers(0, 10_000, len(numbers[::20]))
    return pa.array(np.char.add("+", numbers.astype(str)))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
