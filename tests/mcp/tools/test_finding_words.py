from __future__ import annotations

import re

import pytest

from mcp_server.tools.plan_report import Remark
from tests.planning.preflight.cases import CASES

PYTHON = re.compile(r"\w=|\bws\.|\w\(\)|\bNone\b|\bTrue\b|\bFalse\b|Draft\(|\bor override|\boverrides\b")


@pytest.mark.parametrize(("code", "severity"), CASES)
def test_a_finding_says_nothing_in_python_to_an_assistant(code: str, severity: str) -> None:
    fires, _ = CASES[code, severity]

    for found in fires.findings():
        remark = Remark.of(found)
        assert not PYTHON.search(remark.message), remark.message
        assert not PYTHON.search(remark.fix), remark.fix
