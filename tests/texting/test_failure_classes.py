from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from toolkit.texting.failure_classes import FAILURE_CLASSES, patterns


def test_no_code_is_in_two_classes() -> None:
    codes = [code for known in FAILURE_CLASSES for code in known.codes]

    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("said", "name", "action"),
    [
        ("Landline or unreachable carrier (30006)", "landline", "suppress"),
        ("error 30034", "unregistered", "wait"),
        ("MESSAGE FILTERED", "filtered", "reword"),
        ("130034 of many", None, None),
    ],
)
def test_the_first_pattern_found_decides_alike_in_python_and_in_arrow(said: str, name: str, action: str) -> None:
    in_python = next((known for pattern, known in patterns() if re.search(pattern, said)), None)
    in_arrow = next(
        (x for pattern, x in patterns() if pc.match_substring_regex(pa.array([said]), pattern)[0].as_py()), None
    )

    assert in_python == in_arrow
    assert (in_python and (in_python.name, in_python.action)) == ((name, action) if name else None)
