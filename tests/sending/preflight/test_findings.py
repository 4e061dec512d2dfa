"""Each finding fires when it should, weighs what it should, and is silent just beside that."""

from __future__ import annotations

import pytest

from tests.sending.preflight.cases import CASES, GOOD, Change, Draft, File
from toolkit.sending.catalogue import CHECKS
from toolkit.sending.finding import SHOWN, Finding

Case = Draft | File | Change


def found(case: Case, code: str, severity: str) -> list[Finding]:
    return [finding for finding in case.findings() if (finding.code, finding.severity) == (code, severity)]


def test_a_good_draft_has_no_findings() -> None:
    assert GOOD.findings() == []


def test_every_finding_has_a_case_for_each_weight_it_can_have() -> None:
    weights = {(check.code, severity) for check in CHECKS.values() for severity in check.severities}

    assert set(CASES) == weights


@pytest.mark.parametrize(("code", "severity"), CASES)
def test_a_finding_fires(code: str, severity: str) -> None:
    fires, _ = CASES[code, severity]

    findings = found(fires, code, severity)

    assert findings, [str(finding) for finding in fires.findings()]
    for finding in findings:
        assert finding.message.endswith((".", "!"))
        assert finding.fix.endswith((".", "?"))
        assert finding.source
        assert finding.as_of
        assert finding.is_final is CHECKS[code].is_final
        assert len(finding.contact_ids) <= min(SHOWN, finding.contacts or SHOWN)


@pytest.mark.parametrize(("code", "severity"), CASES)
def test_a_finding_is_silent_beside_that(code: str, severity: str) -> None:
    _, silent = CASES[code, severity]

    assert found(silent, code, severity) == []
