"""What findings and errors say to an assistant names only what it has: tools and their arguments."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from mcp_server.guard.error_text import told
from mcp_server.tools.plan_report import Remark
from tests.builders import make_contacts
from tests.planning.preflight.cases import BESIDES, CASES, Draft, File
from toolkit.audience.contact_lookup import row_of
from toolkit.audience.segment import Segment
from toolkit.errors import ToolkitError
from toolkit.experiments.metric import Metric
from toolkit.experiments.order_rows import checked_orders
from toolkit.sending.approver import check_open

PYTHON = re.compile(
    r"\w=|\bws\.|\bsplit\.|\bpd\.|\w\(\)|\w\(\w+=|\bNone\b|\bTrue\b|\bFalse\b|\w+Draft\b|: \{'|\boverrides\b"
)
ELSEWHERE = re.compile(r"\bunder Who\b|\bfirst rows\b|\bbutton|\bthe frame\b", re.IGNORECASE)
OVERRIDE = re.compile(r"(?<!analyst to )\boverride\b")
FOUND = [*(fires for fires, _ in CASES.values()), *(draft for _, _, draft in BESIDES)]
ORDERS = pd.DataFrame({"contact_id": ["a"], "time": ["2026-03-01"], "amount": [1.0]})
FAULTS: list[Callable[[], object]] = [
    lambda: row_of(make_contacts([{"id": "a", "phone": "+12025550101", "name": "Ann"}]), "Bob"),
    lambda: check_open(BLANK, "stopped", datetime(2026, 3, 3, tzinfo=UTC)),
    lambda: checked_orders(ORDERS, Metric(name="an order", by="phone")),
    lambda: checked_orders(ORDERS, Metric(name="an order", by="contact_id")),
    lambda: Segment.received(),
    lambda: Segment.from_contacts("c1"),
    lambda: Segment.from_contacts([7]),  # type: ignore[list-item]
    lambda: Segment.from_contacts(7),  # type: ignore[arg-type]
    lambda: Segment.from_contacts(pd.DataFrame({"name": ["Ann"]})),
]


class _Blank:
    id = "plan_0123456789abcdef"


BLANK: Any = _Blank()


def strays(said: str) -> str:
    """What an assistant cannot do anything with; empty if there is nothing."""
    return next((found[0] for rule in (PYTHON, ELSEWHERE, OVERRIDE) if (found := rule.search(said))), "")


@pytest.mark.parametrize("fires", FOUND)
def test_a_finding_names_only_what_an_assistant_has(fires: Draft | File) -> None:
    for found in fires.findings():
        remark = Remark.of(found)
        assert not strays(remark.message), remark.message
        assert not strays(remark.fix), remark.fix


@pytest.mark.parametrize("fault", FAULTS)
def test_an_error_names_only_what_an_assistant_has(fault: Callable[[], object]) -> None:
    with pytest.raises(ToolkitError) as error:
        fault()

    assert strays(str(error.value))  # it names Python's ways to others
    assert not strays(told(error.value)), told(error.value)
