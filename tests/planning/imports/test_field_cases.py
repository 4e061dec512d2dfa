"""Every contact file of the field cases, through the workspace's door: who arrives, or what stops it before the yes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.planning.imports.field_cases import FIELD_CASES
from tests.wire import Wire
from toolkit.errors import DraftError, PlanBlocked
from toolkit.plans.draft import ImportDraft
from toolkit.plans.plan import Plan
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace

Person = tuple[str, str, str]  # name, phone, labels


def two(first: int, *, zoe: str = "Zoë Gärtner", jose: str = "José Núñez") -> list[Person]:
    return [(zoe, f"+12025550{first}", "vip_customers"), (jose, f"+12025550{first + 1}", "newsletter")]


def one(last: int, labels: str = "vip_customers", name: str = "Ann Lee") -> list[Person]:
    return [(name, f"+12025550{last}", labels)]


def numbered(names: str, first: int, start: str = "+12025550") -> list[Person]:
    return [(name, f"{start}{first + at}", "") for at, name in enumerate(names.split())]


ARRIVE: dict[str, tuple[dict[str, Any], list[Person]]] = {
    "date_one_bad": ({}, [(name, phone, "date_t") for name, phone, _ in numbered("Nia Olu Pia Quy", 101, "+13105550")]),
    "del_pipe": ({}, two(114)),
    "del_semicolon": ({}, two(110)),
    "del_sep_comma": ({}, two(114)),
    "del_sep_line": ({}, two(114)),
    "del_tab": ({}, two(112)),
    "dup_formats": (
        {},
        [*((name, "+12025550175", "") for name in ("Ann", "Ann L", "A. Lee", "Ann Lee")), ("Bo", "+12025550176", "")],
    ),
    "enc_cp1252": ({}, two(104)),
    "enc_macroman": ({}, two(106)),
    "enc_mojibake": ({}, two(108, zoe="ZoÃ« GÃ¤rtner", jose="JosÃ© NÃºÃ±ez")),
    "enc_utf16le_bom": ({}, two(102)),
    "enc_utf16le_nobom": ({}, two(102, zoe="Zoe Gartner", jose="Jose Nunez")),
    "enc_utf8_bom": ({}, two(100)),
    "hd_case_space": ({}, one(148)),
    "hd_dup_phone": ({"mapping": {"phone": "phone", "Phone": "ignore"}}, one(149)),
    "hd_empty": (
        {"mapping": {"column 3": "ignore", "column 5": "tier"}},
        [*one(152), ("Bo Ray", "+12025550153", "newsletter")],
    ),
    "hd_label": ({}, one(155, "DNC")),
    "hd_mobile": ({}, one(147)),
    "hd_nbsp": ({}, one(160)),
    "hd_nonlatin": ({}, one(154, name="Анна")),
    "hd_phone_number": ({}, one(146)),
    "hd_phoneonly": ({}, [("+12025550156", "+12025550156", ""), ("+12025550157", "+12025550157", "")]),
    "hd_title_rows": ({}, one(162)),
    "hd_zwsp": ({}, one(161)),
    "inj": (
        {},
        [
            ('=HYPERLINK("https://evil.example","x")', "+12025550194", "vip_customers"),
            ("@SUM(A1)", "+12025550195", "vip_customers"),
        ],
    ),
    "lab_dnc_semicolon": (
        {},
        [
            ("Ann", "+12025550111", "DNC,fair_2026"),
            ("Bo", "+12025550112", "DNC,fair_2026"),
            ("Cy", "+12025550113", "DNC,fair_2026"),
            ("Di", "+12025550114", "DNC,fair_2026"),
            ("Ed", "+12025550115", "DNC,fair_2026"),
            ("Fi", "+12025550116", "DNC"),
            ("Go", "+12025550117", "DNC"),
        ],
    ),
    "lab_forms": (
        {},
        [
            *((name, f"+12025550{163 + at}", "newsletter,vip_customers") for at, name in enumerate("ABCDE")),
            ("F", "+12025550168", "vip_customers"),
            ("G", "+12025550169", "Smith,Sons & Co"),
            ("H", "+12025550170", "🎄 xmas"),
            ("I", "+12025550171", "vip_customers"),
            ("J", "+12025550172", "DNC"),
            ("K", "+12025550173", "DNC"),
            ("L", "+12025550174", "DNC,vip_customers"),
        ],
    ),
    "nl_cr_only": ({}, two(118)),
    "nl_crlf": ({}, two(120)),
    "nl_quoted": ({}, [*one(116), ('Bo "Bob" Ray', "+12025550117", "")]),
    "opt_update": ({}, [("Ann New", "+15105550125", "newsletter")]),
    "ph_arabic": ({}, [("Ann", "+12025550193", "")]),
    "ph_au": (
        {"phone_country": "AU"},
        [("Ann", "+61491570006", ""), *numbered("Bo Cy Di Ed", 156, "+61491570")],
    ),
    "ph_de": ({"phone_country": "DE"}, numbered("Ann Bo Cy Di", 12, "+4917139200")),
    "ph_ext": ({}, numbered("Ann Bo Cy Di Ed", 177)),
    "ph_fr": ({"phone_country": "FR"}, numbered("Ann Bo Cy Di Ed Fi", 123, "+33639980")),
    "ph_invisible": ({}, numbered("Ann Bo Cy Di Ed Fi", 187)),
    "roundtrip_export": (
        {},
        [
            ("Liam Walker", "+12175550170", "interest_outdoor,lapsed"),
            ("Zoé Moreau", "+13145550142", "birthday_club,lapsed"),
            ("Ava Miller", "+12625550150", "lapsed,source_event"),
        ],
    ),
    "xl_apostrophe": ({}, numbered("Ann Bo", 137)),
    "xl_dates": ({}, numbered("Ann Bo Cy", 143)),
    "xl_dotzero": ({}, numbered("Ann Bo", 141)),
    "xl_dotzero_gb": ({"phone_country": "GB"}, numbered("Ann Bo", 141, "+447700900")),
    "xl_formula": ({}, numbered("Ann Bo", 139)),
    "xl_lostzero_gb": ({"phone_country": "UK"}, numbered("Ann Bo Cy Di Ed Fi Gu Ha", 143, "+447700900")),
}  # fmt: skip

STOPPED: dict[str, tuple[str, str]] = {  # the finding that stops it, and what it says
    "cols_missing": ("IMP008", "rows 2, 3 and 4"),
    "comma_unquoted": ("IMP007", "row 2"),
    "hd_dup_phone": ("IMP009", "'phone' and 'Phone'"),
    "hd_empty": ("IMP009", "column 3, column 5"),
    "header_only": ("IMP001", "no rows"),
    "ph_short": ("IMP016", "rows 2, 3, 4, 5 and 6"),
    "ph_world": ("IMP016", "rows 4, 5, 6, 8 and 9"),
    "quote_smart": ("IMP007", "typographic quotes"),
    "quote_unclosed_mid": ("IMP006", "Row 3 opens a quote that is never closed, so rows 4 and 5 would become"),
    "xl_errors": ("IMP014", "rows 2 and 3"),
    "xl_sci": ("IMP016", "powers of ten by Excel, as 1.20255E+10"),
}
REFUSED = {
    "hd_none": "no header: row 1 has a phone",
    "html_renamed": "a web page or XML, not CSV text",
    "xlsx_renamed": "an Excel workbook",
}
TOLD: dict[str, tuple[str, str]] = {  # a finding on a file that can be imported
    "dup_formats": ("IMP002", "rows 2, 3, 4 and 5"),
    "enc_mojibake": ("IMP013", "rows 2 and 3"),
    "lab_forms": ("IMP005", "3 labels are new"),
    "lab_dnc_semicolon": ("IMP019", "7 rows opted out"),
    "inj": ("IMP022", "rows 2 and 3"),
    "xl_dates": ("IMP015", "rows 2 and 3"),
    "xl_dotzero": ("IMP018", "Cells were cleaned"),
    "ph_invisible": ("IMP018", "Cells were cleaned"),
}


def draft_of(name: str, folder: Path, **more: Any) -> ImportDraft:
    path = folder / f"{name}.csv"
    path.write_bytes(FIELD_CASES[name])
    return ImportDraft(name=name, path=path, **more)


def arrived(ws: Workspace, sandbox: Sandbox, plan: Plan) -> list[Person]:
    """Send a plan, and who is a contact afterwards that was none before; labels in order of the alphabet."""
    before = set(ws.contacts()["id"])
    receipt = ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    sandbox.clock.advance(timedelta(minutes=5))
    assert ws.imports.job(str(receipt.job_id)).failed == 0
    frame = ws.contacts()
    new = frame[~frame["id"].isin(before)]
    return [
        (name, phone, ",".join(_labels(labels)))
        for name, phone, labels in new[["name", "phone", "labels"]].values.tolist()
    ]


def _labels(labels: list[str]) -> list[str]:
    """The labels by the alphabet, without what the service adds: who opts out gets both labels for it."""
    added = {"duplicate", *({"unsubscribed"} if "DNC" in labels else ())}
    return sorted(set(labels) - added)


def test_every_field_case_has_its_outcome_here() -> None:
    assert {*FIELD_CASES} == {*ARRIVE, *STOPPED, *REFUSED}


@pytest.mark.parametrize("name", ARRIVE)
def test_the_people_of_a_file_arrive(ws: Workspace, sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    more, people = ARRIVE[name]

    plan = ws.plan(draft_of(name, tmp_path, **more))

    assert not plan.is_blocked, [str(finding) for finding in plan.findings]
    assert sorted(arrived(ws, sandbox, plan)) == sorted(people)


@pytest.mark.parametrize("name", STOPPED)
def test_a_file_is_stopped_before_the_yes(ws: Workspace, wire: Wire, tmp_path: Path, name: str) -> None:
    code, says = STOPPED[name]
    plan = ws.plan(draft_of(name, tmp_path))

    assert says in next(str(finding) for finding in plan.findings if finding.code == code and finding.is_blocking)
    with pytest.raises(PlanBlocked):
        plan.approve(recipients=plan.recipients, by="ana")
    assert not wire.posts


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_contact_file_is_refused_in_a_sentence(ws: Workspace, tmp_path: Path, name: str) -> None:
    with pytest.raises(DraftError, match=REFUSED[name]):
        ws.plan(draft_of(name, tmp_path))


@pytest.mark.parametrize("name", TOLD)
def test_what_was_found_in_a_file_is_told(ws: Workspace, tmp_path: Path, name: str) -> None:
    code, says = TOLD[name]

    plan = ws.plan(draft_of(name, tmp_path, **ARRIVE[name][0]))

    assert says in next(str(finding) for finding in plan.findings if finding.code == code)


@pytest.mark.parametrize(("written", "codes"), [("UK", set()), ("gb", set()), ("NZ", {"IMP017"}), ("DE", {"IMP017"})])
def test_a_country_is_settled_before_the_yes(
    ws: Workspace, sandbox: Sandbox, tmp_path: Path, written: str, codes: set[str]
) -> None:
    plan = ws.plan(draft_of("hd_mobile", tmp_path, phone_country=written))

    assert codes == {finding.code for finding in plan.findings} & {"IMP017"}
    assert arrived(ws, sandbox, plan) == one(147)
