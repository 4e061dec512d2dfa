"""Several processes on one workspace file, and processes that are killed."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from toolkit.sandbox import Sandbox

from .conftest import NOON, client_of

OPEN = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
import httpx
from toolkit.sandbox import Sandbox, bitmaps, campaigns
sandbox = Sandbox(Path(sys.argv[1]), now=lambda: datetime(2026, 3, 3, 12, 0, tzinfo=UTC))
client = httpx.Client(
    transport=sandbox.transport(),
    base_url=f"{sandbox.base_url}/api/v1/workspace/{sandbox.workspace_id}",
    headers={"X-API-KEY": sandbox.api_key},
)
draft = {"name": "x", "type": "SMS", "message": "Hi", "phone_ids": ["020086f5-fb0e-4a0c-920a-bbdd04f4381c"],
         "attach_contact_label_ids": ["seg_slot_01"]}
def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
def upload(rows):
    return client.post("/import_contacts", files={"file": ("c.csv", "name,phone\\n" + rows)})
"""
WORK = """
from datetime import timedelta
me = int(sys.argv[2])
for turn in range(15):
    assert upload(f"Worker {me} {turn},+1555030{me}{turn:03d}\\n").status_code == 200
    assert client.post("/campaigns", json=draft).status_code == 200
    assert client.post("/send_message", json={"phone_number": "+1234567890",
        "to_phone_number": "+12125550142", "content": "Hi"}).status_code == 200
    sandbox.clock.advance(timedelta(seconds=1))
    assert client.get("/contacts?limit=100").status_code == 200
    assert client.get("/contacts?limit=100&order_by=name:asc").status_code == 200
"""
KILLED_IN_A_CAMPAIGN = """
campaigns.deliveries = die
client.post("/campaigns", json=draft)
"""
KILLED_IN_AN_IMPORT = """
from datetime import timedelta
upload("".join(f"Guest {n},+1555040{n:04d}\\n" for n in range(500)))
sandbox.clock.advance(timedelta(minutes=1))
bitmaps.add_members = die
client.get("/contacts")
"""


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "shared.db"
    Sandbox(path, contacts=500, now=lambda: NOON).close()
    yield path
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()


def run(script: str, path: Path, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", OPEN + script, str(path), *arguments], stderr=subprocess.PIPE)


def campaigns_in(path: Path) -> tuple[int, int]:
    with sqlite3.connect(path) as db:
        (campaigns,) = db.execute("SELECT count(*) FROM campaigns").fetchone()
        (audiences,) = db.execute("SELECT count(*) FROM audiences").fetchone()
    db.close()
    return campaigns, audiences


def test_two_processes_write_to_one_workspace_and_lose_nothing(path: Path) -> None:
    workers = [run(WORK, path, str(number)) for number in (1, 2)]
    errors = [worker.communicate()[1].decode() for worker in workers]
    sandbox = Sandbox(path, now=lambda: NOON)
    with client_of(sandbox) as client:
        sandbox.clock.advance(timedelta(minutes=1))
        people = client.get("/contacts?keyword=worker&limit=1000").json()["data"]
    sandbox.close()
    with sqlite3.connect(path) as db:
        (campaigns,) = db.execute("SELECT count(*) FROM campaigns WHERE name = 'x'").fetchone()
        (messages,) = db.execute("SELECT count(*) FROM messages").fetchone()
    db.close()

    assert errors == ["", ""]
    assert sorted(person["name"] for person in people) == sorted(
        f"Worker {number} {turn}" for number in (1, 2) for turn in range(15)
    )
    assert (campaigns, messages) == (30, 30)


@pytest.mark.parametrize("script", [KILLED_IN_A_CAMPAIGN, KILLED_IN_AN_IMPORT])
def test_a_killed_process_leaves_all_or_nothing(path: Path, script: str) -> None:
    before = campaigns_in(path)
    killed = run(script, path)
    killed.communicate()
    sandbox = Sandbox(path, now=lambda: NOON)
    with client_of(sandbox) as client:
        works_again = client.get("/contacts?keyword=guest%20").json()["total"]
    sandbox.close()

    assert killed.returncode == -9
    assert works_again == (500 if script is KILLED_IN_AN_IMPORT else 0)
    assert campaigns_in(path) == before
