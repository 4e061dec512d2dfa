"""Each finding fires when it should, weighs what it should, and is silent just beside that."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.planning.preflight.cases import (
    BESIDES,
    CASES,
    GOOD,
    NIGHT,
    PEOPLE,
    SWEDISH,
    WASHINGTON,
    Case,
    Draft,
    had,
    registered,
    single,
    text,
)
from toolkit.planning.preflight import check
from toolkit.planning.preflight.checks import ALL_CHECKS as ALL_CHECKS
from toolkit.plans.finding import SHOWN, Finding
from toolkit.plans.finding_catalogue import CHECKS


def found(case: Case, code: str, severity: str) -> list[Finding]:
    return [finding for finding in case.findings() if (finding.code, finding.severity) == (code, severity)]


def test_a_good_draft_has_no_findings() -> None:
    assert GOOD.findings() == []


def test_people_kept_out_one_by_one_are_said_without_ids_and_bytes_which_stand_behind_it() -> None:
    [finding] = found(CASES["AUD011", "warn"][0], "AUD011", "warn")

    assert re.search(r"who are kept out one by one: [\d,]+ in all\.", finding.message)
    assert not re.search(r"\bids?\b|bytes|request", finding.message + finding.fix)
    assert "ids excluded" in finding.evidence[0]
    assert "bytes of ids" in finding.evidence[0]


def test_every_finding_has_a_case_for_each_severity_it_can_have() -> None:
    checks = [check for check in CHECKS.values() if not check.code.startswith("EXP")]  # tests/experiments plans those
    weights = {(check.code, severity) for check in checks for severity in check.severities}

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


@pytest.mark.parametrize(("code", "severity", "draft"), BESIDES)
def test_a_finding_fires_in_other_ways_too(code: str, severity: str, draft: Draft) -> None:
    assert found(draft, code, severity), [str(finding) for finding in draft.findings()]


def test_what_blocks_is_told_first() -> None:
    severities = [finding.severity for finding in text("Hi {name}!!!  https://bit.ly/x").findings()]

    assert severities == sorted(severities, key=["block", "warn", "info"].index)
    assert {*severities} == {"block", "warn", "info"}


def test_hours_only_warn_of_a_single_message_which_may_be_an_answer() -> None:
    told = [(finding.code, finding.severity) for finding in single("On my way.")]

    assert [severity for code, severity in told if code == "TIM001"] == ["warn"]


def test_the_end_of_a_send_counts_as_its_start_does() -> None:
    evening = NIGHT.replace(hour=1)  # eight in the evening in Washington
    quick, slow = (Draft(now=evening, policy={"messages_per_second": pace}) for pace in (1.0, 1 / 3700))

    assert quick.findings() == []
    assert [finding.code for finding in slow.findings()] == ["TIM001"]


def test_a_registered_service_sends_at_the_rate_that_its_carriers_allow_unless_the_policy_sets_one() -> None:
    plain, verified = Draft(), Draft(service=registered("VERIFIED"))
    slower = Draft(service=registered("VERIFIED"), policy={"messages_per_second": 2})

    rates = [draft.outgoing().reading.parts_per_second for draft in (plain, verified, slower)]

    assert rates == [10, 4, 2]
    assert verified.outgoing().duration == timedelta(seconds=1 / 4)


def test_nobody_outside_the_united_states_needs_a_registration() -> None:
    swede = {"id": "s", "phone": SWEDISH, "labels": ["vip"]}
    draft = Draft(people=(swede,), service=registered(is_registered=False))

    assert "SND005" not in {found.code for found in draft.findings()}


def test_a_send_that_is_ended_in_time_does_not_run_into_the_night() -> None:
    hours = [NIGHT.replace(hour=hour) for hour in (0, 1)]  # seven and eight in the evening in Washington
    slow = {"messages_per_second": 1 / 36_000}
    ended = {"start_at": hours[0], "end_at": hours[1]}
    endless, in_time = (Draft(now=NIGHT.replace(day=2), policy=slow, fields=x) for x in ({"start_at": hours[0]}, ended))

    assert found(endless, "TIM001", "warn")
    assert not found(in_time, "TIM001", "warn")


def test_the_shortened_length_of_links_is_shown_beside_the_written_one() -> None:
    long = "Sale at https://example.com/" + "x" * 140 + " Reply STOP."

    (told,) = [finding for finding in text(long, shorten_links=True).findings() if finding.code == "MSG011"]

    assert "1 parts instead of 2 as written" in told.message


def test_progress_is_told_check_by_check() -> None:
    seen: list[tuple[int, int]] = []

    check(GOOD.outgoing(), progress=lambda done, whole: seen.append((done, whole)))

    assert len(seen) == len(ALL_CHECKS)
    assert seen[-1] == (1, 1)


def test_a_text_to_somebody_with_the_same_number_was_a_text_to_both() -> None:
    namesake = {"id": "c", "phone": WASHINGTON, "name": "Cy", "labels": ["gold"], "fields": "{}"}

    told = Draft(people=[*PEOPLE, namesake], past=had("c")).findings()

    assert [finding.contact_ids for finding in told if finding.code == "AUD008"] == [("a",)]
