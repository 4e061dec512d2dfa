# One file: every writer of files is read back by the same tests.
"""Files that programs write: read back to the same people, or refused with the row."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from tests.wire import Wire
from toolkit.audience.segment import Segment
from toolkit.data.export import to_csv
from toolkit.errors import DraftError
from toolkit.plans.draft import ImportDraft
from toolkit.plans.plan import Plan
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace

HEADER = ["name", "phone", "labels", "city", "note"]
NAMES = (
    "Zoë Gärtner",
    "José Núñez",
    "Lee, Ann",
    'Bo "Bob" Ray',
    "O’Brien",
    "François",
    "Søren Åse",
    "Al",
    "D'Arcy",
    "Ünal Öz",
)
CITIES = ("Köln", "São Paulo", "", "Washington, DC", "Málaga", "Łódź", "東京", "Al-Qāhira")
NOTES = ("", "likes tea", "12 High St\nFlat 2", "a; b | c", "50%", '1 "A" Rd', "x, y", " two  spaces ")
LABELS = ("vip_customers", "newsletter", "vip_customers,newsletter", "")
Row = list[str]


def people(draw: random.Random, *, western: bool) -> list[Row]:
    cities = [city for city in CITIES if not western or _is_western(city)]
    return [
        [
            draw.choice(NAMES),
            f"+1999{draw.randrange(10**7):07}",
            draw.choice(LABELS),
            draw.choice(cities),
            draw.choice(NOTES),
        ]
        for _ in range(draw.randrange(1, 20))
    ]


def _is_western(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def by_csv(rows: list[Row], draw: random.Random) -> bytes:
    text = io.StringIO()
    quoting = draw.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
    end = draw.choice(["\n", "\r\n"])
    csv.writer(text, delimiter=draw.choice(",;\t|"), quoting=quoting, lineterminator=end).writerows([HEADER, *rows])
    return text.getvalue().encode()


def by_pandas(rows: list[Row], draw: random.Random) -> bytes:
    frame = pd.DataFrame(rows, columns=HEADER)
    frame["labels"] = [[label for label in cell.split(",") if label] for cell in frame["labels"]]
    text: str = frame.to_csv(index=draw.random() < 0.5, sep=draw.choice([",", "\t"]))
    return text.encode()


def _semicolons(rows: list[Row], *, above: str = "", separator: str = ";") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows([HEADER, *rows])
    return above + text.getvalue()


def by_excel_utf8(rows: list[Row], draw: random.Random) -> bytes:
    return _semicolons(rows, above=draw.choice(["", "sep=;\r\n"])).encode("utf-8-sig")


def by_excel_unicode_text(rows: list[Row], draw: random.Random) -> bytes:
    return _semicolons(rows, separator="\t").encode(draw.choice(["utf-16", "utf-16-be"]))


def by_excel_1252(rows: list[Row], draw: random.Random) -> bytes:
    return _semicolons(rows).encode("cp1252")


WRITERS: tuple[Callable[[list[Row], random.Random], bytes], ...] = (
    by_csv,
    by_pandas,
    by_excel_utf8,
    by_excel_unicode_text,
    by_excel_1252,
)


def plan_of(ws: Workspace, folder: Path, content: bytes, **more: object) -> Plan:
    path = folder / "people.csv"
    path.write_bytes(content)
    return ws.plan(ImportDraft.model_validate({"name": "people", "path": path} | more))


def leaving(plan: Plan) -> list[Row]:
    """The rows of the file that leaves."""
    assert plan.file is not None
    assert plan.file.path is not None
    return [*csv.reader(io.StringIO(plan.file.path.read_bytes().decode(), newline=""))]


def meant(rows: list[Row]) -> list[Row]:
    """The rows as they should leave: cells without spaces around them."""
    return [[cell.strip() for cell in row] for row in rows]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("seed", range(6))
def test_what_a_program_writes_is_read_back(
    ws: Workspace, tmp_path: Path, write: Callable[[list[Row], random.Random], bytes], seed: int
) -> None:
    draw = random.Random(seed)
    rows = people(draw, western=write is by_excel_1252)

    plan = plan_of(ws, tmp_path, write(rows, draw))

    assert not plan.is_blocked, [str(finding) for finding in plan.findings]
    assert leaving(plan) == [HEADER, *meant(rows)]


@pytest.mark.parametrize("seed", range(10))
def test_a_damaged_file_loses_no_row_silently(ws: Workspace, tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    rows = [row for row in people(draw, western=False) for _ in range(2)]
    lines = by_csv(rows, random.Random(1)).decode().splitlines(keepends=True)
    at = draw.randrange(1, len(lines))
    where = draw.randrange(len(lines[at]))
    damaged = [
        *lines[:at],
        lines[at][:where] + draw.choice(['"', ",", '","', '"\n', "\n"]) + lines[at][where:],
        *lines[at + 1 :],
    ]

    plan = plan_of(ws, tmp_path, "".join(damaged).encode())

    arrives = {row[1] for row in leaving(plan)[1:]}
    assert plan.is_blocked or arrives >= {row[1] for row in rows} - {rows[0][1]} or len(leaving(plan)) > len(rows)


def test_our_own_export_is_imported_again_without_loss(ws: Workspace, sandbox: Sandbox, tmp_path: Path) -> None:
    content = (
        "name,phone,labels,city,orders\n"
        '=Sum,+19995550101,"vip_customers,fair 2026",Köln,3\n'
        "Zoë,+19995550102,DNC,,12\n"
        '@home,,newsletter,"a, ""b""",\n'
    )
    ws.send(plan_of(ws, tmp_path, content.encode()).approve(recipients=3, by="ana"))
    sandbox.clock.advance(timedelta(minutes=5))
    frame = ws.contacts()
    mine = frame[frame["phone"].isin(["+19995550101", "+19995550102"]) | (frame["name"] == "@home")]
    path = to_csv(mine, tmp_path / "exported.csv")

    plan = ws.plan(ImportDraft(name="again", path=path, on_duplicate="update"))

    assert not plan.is_blocked, [str(finding) for finding in plan.findings]
    rows = {row[0]: row for row in leaving(plan)[1:]}
    header = leaving(plan)[0]
    assert {*header} == {"name", "phone", "whatsapp", "labels", "city", "orders"}
    assert [rows["=Sum"][header.index(name)] for name in ("phone", "city", "orders")] == ["+19995550101", "Köln", "3"]
    assert {*rows["=Sum"][header.index("labels")].split(",")} == {"vip_customers", "fair 2026"}
    assert "DNC" in rows["Zoë"][header.index("labels")].split(",")
    assert rows["@home"][header.index("city")] == 'a, "b"'


def test_every_contact_of_a_workspace_survives_its_own_export(ws: Workspace, tmp_path: Path) -> None:
    frame = ws.contacts()
    path = to_csv(frame, tmp_path / "all.csv")

    plan = ws.plan(
        ImportDraft(name="all", path=path, on_duplicate="update", overrides={"IMP016": "planted", "IMP012": "planted"})
    )

    header, *rows = leaving(plan)
    phones = {row[header.index("phone")] for row in rows} - {""}
    wanted = frame[frame["phone"].str.fullmatch(r"\+1\d{10}").fillna(False)]
    assert {*wanted["phone"]} <= phones
    assert {*wanted["name"].dropna()} <= {row[0] for row in rows}


def test_a_mapping_says_what_columns_become(ws: Workspace, tmp_path: Path) -> None:
    content = b"Kunde;Vorname;Nr;Gruppen;Seit;Intern\nLee;Ann;+19995550101;vip_customers;2026-01-01;x\n"

    plan = plan_of(
        ws,
        tmp_path,
        content,
        mapping={"vorname": "name", "Kunde": "name", "Nr": "phone", "Intern": "ignore", "Seit": "customer_since"},
    )

    assert leaving(plan) == [
        ["name", "phone", "labels", "customer_since"],
        ["Ann Lee", "+19995550101", "vip_customers", "2026-01-01"],
    ]
    assert plan.file is not None
    assert plan.file.mapping["Gruppen"] == "labels"


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ({"Phone": "phone", "Mobile": "phone"}, "A contact has one"),
        ({"phone": "Mobile"}, "wrong way round: write the file's column first, as mapping={'Mobile': 'phone'}"),
        ({"Mobil": "phone"}, "no column 'Mobil', which is in the mapping: did you mean Mobile"),
        ({"Mobile": "phone number"}, "write 'phone' if it is one"),
        ({"Consent": "opted out"}, "write mapping={'Consent': 'opted in'}"),
    ],
)
def test_a_mapping_that_does_not_fit_says_what_to_write(
    ws: Workspace, tmp_path: Path, mapping: dict[str, str], says: str
) -> None:
    with pytest.raises(DraftError) as refused:
        plan_of(ws, tmp_path, b"name,Phone,Mobile,Consent\nAl,+19995550101,+19995550102,yes\n", mapping=mapping)

    assert says in str(refused.value)


def test_the_form_of_the_file_is_part_of_the_digest(ws: Workspace, tmp_path: Path) -> None:
    content = b"name,phone,status\nAl,+19995550101,VIP\n"
    one = plan_of(ws, tmp_path, content)
    two = plan_of(ws, tmp_path, content, mapping={"status": "ignore"})
    again = ws.plan(one.draft)
    three = plan_of(ws, tmp_path, content.replace(b",", b";"))

    assert len({plan.digest for plan in (one, two, three)}) == 3
    assert again.digest == one.digest


def test_what_leaves_is_kept_for_its_owner_and_is_what_is_sent(ws: Workspace, wire: Wire, tmp_path: Path) -> None:
    plan = plan_of(ws, tmp_path, "name;phone\nZoë;(999) 555-0101\n".encode("cp1252"))
    assert plan.file is not None
    assert plan.file.path is not None

    ws.send(plan.approve(recipients=1, by="ana"))

    assert plan.file.path.stat().st_mode & 0o077 == 0
    kept = plan.file.path.read_bytes()
    assert kept == "name,phone,labels\nZoë,+19995550101,\n".encode()
    assert kept in wire.posts[-1].read()


def test_progress_is_told_while_a_file_is_planned(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("name,phone\n" + "".join(f"P{at},+1999{at:07}\n" for at in range(2_000)), encoding="utf-8")
    told: list[tuple[int, int]] = []

    ws.plan(ImportDraft(name="many", path=path), progress=lambda done, whole: told.append((done, whole)))

    assert (2_000, 2_000) in told
    assert all(done <= whole for done, whole in told)


def test_segment_of_an_imported_label_reaches_its_people(ws: Workspace, sandbox: Sandbox, tmp_path: Path) -> None:
    plan = plan_of(ws, tmp_path, b"First Name,Last Name,Mobile,Tags\nAnn,Lee,999 555 0101,fair 2026\n")

    ws.send(plan.approve(recipients=1, by="ana"))
    sandbox.clock.advance(timedelta(minutes=5))

    assert ws.contacts(Segment.any_of("fair 2026"))["name"].tolist() == ["Ann Lee"]


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ('name,phone,note\nAl,+19995550101,"tea\nBo,+19995550102,x"\n', "IMP006", "contains whole rows: row 2"),
        ('name,phone,note\nAl,+19995550101,"tea\nBo,+19995550102,"x"\n', "IMP006", "rows 2 and 3"),
        ("name,phone,phone\nAl,+19995550101,+19995550102\n", "IMP009", "'phone' and 'phone (2)'"),
        ("name,phone,city,City\nAl,+19995550101,a,b\n", "IMP009", "'city' and 'City'"),
        ("name,phone\nA\0l,+19995550101\n", "IMP023", "row 2"),
        ('name, phone, labels\nAl, +19995550101, "a, DNC"\n', "IMP007", "row 2"),
        ("name,phone\nAl,+19995550101\nTotal: 1\n", "IMP008", "row 3"),
        ("name,phone\nAl,+19995550101 / +19995550102\n", "IMP016", "in several ways: row 2"),
    ],
)
def test_a_fault_of_structure_is_told_with_its_rows(
    ws: Workspace, tmp_path: Path, text: str, code: str, says: str
) -> None:
    plan = plan_of(ws, tmp_path, text.encode())

    assert says in next(finding.message for finding in plan.findings if finding.code == code and finding.is_blocking)


def test_a_quoted_cell_of_several_lines_is_one_cell(ws: Workspace, tmp_path: Path) -> None:
    plan = plan_of(ws, tmp_path, b'name,phone,address\nAl,+19995550101,"12 High St\nFlat 2, 3rd floor\nLeeds"\n')

    assert not plan.is_blocked
    assert leaving(plan)[1][3] == "12 High St\nFlat 2, 3rd floor\nLeeds"
