"""What number a written text stands for, by country, and the other numbers it may be."""

from __future__ import annotations

import random
import re

import pyarrow as pa
import pytest

from toolkit.texting.numbering import number_readings
from toolkit.texting.numbering.number_readings import _plain, _read, read_phones

ANN = "+12025550175"
BEN = "+447700900147"


@pytest.mark.parametrize(
    ("written", "region", "number"),
    [
        (ANN, "US", ANN),
        (ANN, "GB", ANN),
        ("(202) 555-0175", "US", ANN),
        ("202.555.0175", "US", ANN),
        ("1-202-555-0175", "US", ANN),
        ("12025550175", "GB", ANN),
        ("Mobile: +1 202 555 0175", "GB", ANN),
        ("202-555-0175 (home)", "US", ANN),
        ("whatsapp:+12025550175", "GB", ANN),
        ("%2B12025550175", "GB", ANN),
        ("001 202 555 0175", "DE", ANN),
        ("\u202a+12025550175\u202c", "US", ANN),
        ("\ufeff+1\u00a0202\u2011555\u20130175", "US", ANN),
        ("+١٢٠٢٥٥٥٠١٧٥", "US", ANN),
        ("１２０２５５５０１７５", "US", ANN),
        ("tel:+1-202-555-0175", "US", ANN),
        ("+1 202 555 0175 x123", "US", ANN),
        ("202-555-0175 ext. 4", "US", ANN),
        ("+12025550175;ext=5", "US", ANN),
        ("+1 (202) 555-0175#9", "US", ANN),
        ("'+12025550175", "US", ANN),
        ('="+12025550175"', "US", ANN),
        ("12025550175.0", "US", ANN),
        ("1.2025550175E+10", "US", ANN),
        ("+44 (0)7700 900147", "US", BEN),
        ("+4407700900147", "US", BEN),
        ("07700900147", "GB", BEN),
        ("7700900147", "GB", BEN),
        ("7700900147.0", "GB", BEN),
        ("+07700900147", "GB", BEN),
        ("0044 (0) 7700-900147", "GB", BEN),
        ("011 44 7700 900147", "US", BEN),
        ("0171/39 200-13", "DE", "+491713920013"),
        ("491713920015", "DE", "+491713920015"),
        ("639980128", "FR", "+33639980128"),
        ("0011 61 491 570 159", "AU", "+61491570159"),
        ("020 915 0000", "IE", "+353209150000"),
        ("070-174 06 05", "SE", "+46701740605"),
        ("55 1234 5678", "MX", "+52 5512345678"),
        ("+52 15512345678", "US", "+52 5512345678"),
        ("044 55 1234 5678", "MX", "+52 5512345678"),
        ("(11) 98765-4321", "BR", "+55 11987654321"),
        ("(11) 8765-4321", "BR", "+55 11987654321"),
        ("011 15 2345-6789", "AR", "+54 91123456789"),
        ("+54 11 15 2345-6789", "US", "+54 91123456789"),
        ("098765 43210", "IN", "+91 9876543210"),
        ("090-1234-5678", "JP", "+81 9012345678"),
        ("+39 6 1234 5678", "US", "+39 0612345678"),
    ],
)
def test_a_number_is_read_whatever_way_it_is_written(written: str, region: str, number: str) -> None:
    assert read_phones([written], region=region).e164.to_pylist() == [number.replace(" ", "")]


@pytest.mark.parametrize(
    "written",
    [
        "12345",
        "+14045",
        "911",
        "00000000000",
        "0",
        "1.20255E+10",
        "555-0175",
        "#N/A",
        "NULL",
        "-",
        "n/a",
        "",
        "x",
        None,
    ],
)
def test_what_can_be_no_number_has_no_reading(written: str | None) -> None:
    readings = read_phones([written], region="US")

    assert readings.e164.to_pylist() == [None]
    assert readings.others.to_pylist() == [[]]


@pytest.mark.parametrize(
    ("written", "regions", "also"),
    [
        ("2079460123", ["US", "GB"], "+442079460123"),
        ("+1 202 555 0175 / +1 202 555 0176", ["US"], "+12025550176"),
        ("+54 1123456789", ["US"], "+54 91123456789"),
        ("+55 1187654321", ["US"], "+55 1187654321"),
    ],
)
def test_a_number_that_can_be_read_in_two_ways_is_read_in_both(written: str, regions: list[str], also: str) -> None:
    readings = read_phones([written], region=regions)

    assert also.replace(" ", "") in readings.others.to_pylist()[0]
    assert readings.e164.to_pylist()[0] not in readings.others.to_pylist()[0]


@pytest.mark.parametrize("region", ["US", "CA", "GB", "DE", "FR", "AU", "IE", "SE", "IT", "MX", "BR", "JP", "RU"])
def test_a_column_is_read_as_each_of_its_texts_is(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_readings, "_MANY", 0)
    draw = random.Random(region)
    forms = (
        "{}",
        "+{}",
        "0{}",
        "1{}",
        "00{}",
        "({:.3}) {:.4}",
        "{:.3}-{:.3}.{:.4}",
        "+{:.2} (0) {}",
        "0{:.2} {}",
        "{}.0",
    )
    texts = []
    for _ in range(1500):
        digits = [str(draw.randrange(10 ** draw.randint(6, 12))) for _ in range(3)]
        texts.append(draw.choice(forms).format(*digits))

    readings = read_phones(texts, region=region)

    each = [
        [*filter(None, [best]), *others] for best, others in zip(*map(pa.Array.to_pylist, readings[:2]), strict=True)
    ]
    one_by_one = _read(texts, [region])
    plain = re.compile(_plain())
    assert each == [[text] if plain.match(text) else numbers for text, numbers in zip(texts, one_by_one, strict=True)]
