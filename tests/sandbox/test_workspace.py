"""The file itself: its clock, its determinism, and who may use it at once."""

import asyncio
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from toolkit.sandbox import Sandbox, SandboxError
from toolkit.sandbox.numbers import is_fictional
from toolkit.sandbox.store import Store

from .conftest import NOON, client_of

DRAFT = {"name": "A", "type": "SMS", "message": "Hi", "phone_ids": ["020086f5-fb0e-4a0c-920a-bbdd04f4381c"]}


def test_two_workspaces_of_one_seed_and_clock_answer_the_same_bytes(tmp_path: Path) -> None:
    answers = []
    for name in ("one.db", "two.db"):
        sandbox = Sandbox(tmp_path / name, contacts=300, seed=11, now=lambda: NOON)
        with client_of(sandbox) as client:
            campaign = client.post("/campaigns", json=DRAFT)
            sandbox.clock.advance(timedelta(hours=1))
            logs = client.get(f"/campaigns/{campaign.json()['id']}/logs?limit=1000")
            answers.append([client.get("/contacts?limit=1000").content, campaign.content, logs.content])
        sandbox.close()

    assert answers[0] == answers[1]


def test_looking_more_often_changes_nothing(tmp_path: Path) -> None:
    answers = []
    for step in (timedelta(hours=20), timedelta(minutes=7)):
        sandbox = Sandbox(tmp_path / f"{step}.db", contacts=600, now=lambda: NOON)
        with client_of(sandbox) as client:
            rows = "".join(f'New {n},+1555040{n:04d},"fresh{",DNC" * (n % 7 == 0)}"\n' for n in range(300))
            client.post("/import_contacts", files={"file": ("c.csv", "name,phone,labels\n" + rows)})
            sent = client.post("/campaigns", json={**DRAFT, "attach_contact_label_ids": ["seg_slot_01"]}).json()["id"]
            while sandbox.clock.now() < NOON + timedelta(hours=20):
                sandbox.clock.advance(min(step, NOON + timedelta(hours=20) - sandbox.clock.now()))
                client.get("/contacts?limit=1")
            calls = ("/contacts?limit=1000", f"/campaigns/{sent}", f"/campaigns/{sent}/logs?limit=1000")
            answers.append([client.get(call).content for call in calls])
        sandbox.close()

    assert answers[0] == answers[1]


def test_another_seed_makes_other_people(tmp_path: Path) -> None:
    pages = []
    for seed in (1, 2):
        sandbox = Sandbox(tmp_path / f"{seed}.db", contacts=50, seed=seed, now=lambda: NOON)
        with client_of(sandbox) as client:
            pages.append(client.get("/contacts?limit=50").content)
        sandbox.close()

    assert pages[0] != pages[1]


def test_every_number_that_may_be_texted_is_fictional(client: httpx.Client) -> None:
    people = client.get("/contacts?limit=1000").json()["data"]
    dialled = {
        person["phone"] for person in people if (person["phone"] or "").startswith("+") and " " not in person["phone"]
    }
    wellformed = {phone for phone in dialled if phone[1:].isdecimal()}

    assert len(wellformed) > 500
    assert all(is_fictional(phone) for phone in wellformed)


def test_the_clock_stays_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "workspace.db"
    first, second = Sandbox(path, contacts=10, now=lambda: NOON), Sandbox(path, now=lambda: NOON)
    first.clock.advance(timedelta(hours=3))

    assert first.clock.now() == second.clock.now() == NOON + timedelta(hours=3)
    first.close()
    second.close()


def test_time_runs_at_the_speed_that_is_set(tmp_path: Path) -> None:
    real = [NOON]
    sandbox = Sandbox(tmp_path / "workspace.db", contacts=10, speed=600, now=lambda: real[0])
    real[0] += timedelta(seconds=10)
    fast = sandbox.clock.now()
    sandbox.clock.set_speed(0)
    real[0] += timedelta(days=1)

    assert fast == NOON + timedelta(seconds=6_000) == sandbox.clock.now()
    sandbox.close()


def test_the_clock_never_goes_back(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="only moves forward"):
        sandbox.clock.advance(timedelta(seconds=-1))
    with pytest.raises(ValueError, match="0 or more"):
        sandbox.clock.set_speed(-1)


@pytest.mark.parametrize("content", [b"not a database, certainly not one of 16 bytes or so", None])
def test_a_file_that_is_no_sandbox_is_refused_in_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "other.db"
    if content is None:
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE orders (id)")
        db.close()
    else:
        path.write_bytes(content)

    with pytest.raises(SandboxError, match=r"other\.db .*choose another path"):
        Sandbox(path)


def test_only_its_owner_can_read_the_files(tmp_path: Path) -> None:
    (tmp_path / "older.db").touch(mode=0o644)

    for name in ("workspace.db", "older.db"):
        sandbox = Sandbox(tmp_path / name, contacts=100)
        sandbox.clock.set_speed(2)  # writes, so that SQLite's own files are there

        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob(f"{name}*")}
        assert set(modes.values()) == {0o600}, modes
        assert len(modes) == 3
        sandbox.close()


def test_a_missing_folder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="does not exist"):
        Sandbox(tmp_path / "nowhere" / "workspace.db")


def test_a_folder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="choose another path"):
        Sandbox(tmp_path)


def test_many_threads_are_answered_at_once(sandbox: Sandbox) -> None:
    with client_of(sandbox) as client, ThreadPoolExecutor(8) as pool:
        pages = list(
            pool.map(lambda at: client.get(f"/contacts?limit=10&offset={at}").json()["data"], range(0, 600, 10))
        )

    assert len({person["id"] for page in pages for person in page}) == 600


def test_the_transport_works_under_a_running_event_loop(client: httpx.Client) -> None:
    async def in_a_notebook() -> int:
        return client.get("/phones").status_code

    assert asyncio.run(in_a_notebook()) == 200


def test_the_past_holds_finished_campaigns(client: httpx.Client) -> None:
    past = client.get("/campaigns/campaign_12345678-abcd-efgh-ijkl-123456789012").json()

    assert past["status"] == "finished"
    assert datetime.fromisoformat(past["start_time"]).isoformat() == "2025-07-17T19:00:00+00:00"
    assert past["statistics"]["clicked"] > 0


def test_the_past_is_long(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path / "workspace.db", now=lambda: NOON)
    with client_of(sandbox) as client:
        sizes = {
            name: client.get(f"/campaigns/{campaign_id}").json()["statistics"]["total_contacts"]
            for campaign_id, name in sandbox.campaigns().items()
        }
    sandbox.close()

    assert sum(sizes.values()) > 30_000


def test_the_past_holds_experiments_with_known_answers(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path / "workspace.db", contacts=60_000, now=lambda: NOON)
    with client_of(sandbox) as client:
        past = {
            name: client.get(f"/campaigns/{campaign_id}").json()["statistics"]
            for campaign_id, name in sandbox.campaigns().items()
            if name[-2:] in (" A", " B")
        }
    sandbox.close()

    def lift(name: str) -> float:
        a, b = (past[f"{name} {arm}"]["clicked"] / past[f"{name} {arm}"]["delivered"] for arm in "AB")
        return b - a

    def ratio(name: str) -> float:
        a, b = (past[f"{name} {arm}"]["total_contacts"] for arm in "AB")
        return b / a

    three_errors = 3 * (0.09 * 0.91 * 2 / past["Autumn offer A"]["delivered"]) ** 0.5
    assert lift("Autumn offer") == pytest.approx(0.015, abs=three_errors)
    assert lift("Autumn offer") > three_errors > abs(lift("Welcome wording"))
    assert [ratio(name) for name in ("Autumn offer", "Welcome wording")] == pytest.approx([1, 1], abs=0.02)
    assert ratio("Weekend deal") == pytest.approx(0.9, abs=0.02)


def test_a_file_that_another_process_fills_for_long_is_refused_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.sandbox.store.BUSY_TIMEOUT_S", 0.0)
    path = tmp_path / "workspace.db"
    filling = Store(path)
    with filling.create(), pytest.raises(SandboxError, match="still being filled"):
        Sandbox(path)
    filling.close()


def test_processes_that_open_a_new_workspace_at_once_share_one(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from toolkit.sandbox import Sandbox;"
        "sandbox = Sandbox(Path(sys.argv[1]), contacts=300); sandbox.clock.now(); sandbox.close()"
    )
    path = tmp_path / "workspace.db"
    opening = [
        subprocess.Popen([sys.executable, "-c", code, str(path)], stderr=subprocess.PIPE, text=True, encoding="utf-8")
        for _ in range(4)
    ]
    errors = [process.communicate()[1] for process in opening]
    sandbox = Sandbox(path)
    with client_of(sandbox) as client:
        total = client.get("/contacts").json()["total"]
    sandbox.close()

    assert errors == [""] * 4
    assert total == 300
