"""A process that reads and writes one workspace file, and what must be true of the file whatever happened to it."""

import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from toolkit.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
ROWS = 50
DRAFT = {
    "name": "Busy",
    "type": "SMS",
    "message": "Hi, see https://example.com",
    "phone_ids": ["020086f5-fb0e-4a0c-920a-bbdd04f4381c"],
    "enable_link_shortening": True,
    "attach_contact_label_ids": ["seg_slot_01"],
}
MESSAGE = {"phone_number": "+1234567890", "to_phone_number": "+19999999999", "content": "Hi"}


def open_at_noon(path: Path) -> tuple[Sandbox, httpx.Client]:
    sandbox = Sandbox(path, now=lambda: NOON)
    url = f"{sandbox.base_url}/api/v1/workspace/{sandbox.workspace_id}"
    return sandbox, httpx.Client(
        transport=sandbox.transport(), base_url=url, headers={"X-API-KEY": sandbox.api_key}, timeout=60
    )


def start(path: Path, name: str, rounds: int) -> subprocess.Popen[str]:
    """Start a process that works on the file; it says in a line each what the service has acknowledged."""
    command = [sys.executable, "-m", "tests.sandbox.busy", str(path), name, str(rounds)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def work(path: Path, name: str, rounds: int) -> None:
    """Import, create, send and read, over and over."""
    sandbox, client = open_at_noon(path)

    def acknowledge(what: str, reply: httpx.Response) -> str:
        own_id: str = reply.raise_for_status().json()["id"]
        sys.stdout.write(f"{what} {own_id}\n")
        sys.stdout.flush()
        return own_id

    for turn in range(rounds):
        people = "".join(f"{name} {turn} {row},\n" for row in range(ROWS))
        acknowledge("job", client.post("/import_contacts", files={"file": ("c.csv", f"name,phone\n{people}")}))
        campaign = acknowledge("campaign", client.post("/campaigns", json=DRAFT))
        acknowledge("message", client.post("/send_message", json=MESSAGE))
        sandbox.clock.advance(timedelta(seconds=1))
        for page in ("/contacts?limit=200", "/contacts?order_by=name&limit=200", f"/campaigns/{campaign}/logs"):
            client.get(page).raise_for_status()


def check(path: Path, acknowledged: Iterable[str]) -> Counter[str]:
    """Fail if the file is inconsistent or lacks anything that was acknowledged; count what it holds."""
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (contacts,) = db.execute("SELECT count(*) FROM contacts").fetchone()
        lines = b"".join(people for (people,) in db.execute("SELECT people FROM addressees")).count(b"\n")
        assert contacts == lines == db.execute("SELECT count(*) FROM contact_bodies").fetchone()[0]
        parts = "SELECT sum(size), max(before + size) FROM audiences WHERE campaign = number"
        broken = f"SELECT id FROM campaigns WHERE (target, target) != ({parts})"
        assert db.execute(broken).fetchall() == []
        broken = "SELECT id FROM jobs WHERE total != (SELECT count(*) FROM import_rows WHERE job = number)"
        assert db.execute(broken).fetchall() == []
        stored = {
            f"{what} {own_id}"
            for what in ("job", "campaign", "message")
            for (own_id,) in db.execute(f"SELECT id FROM {what}s")
        }
        (rows,) = db.execute("SELECT sum(total) FROM jobs").fetchone()
    db.close()
    assert set(acknowledged) - stored == set()

    sandbox, client = open_at_noon(path)
    sandbox.clock.advance(timedelta(days=1))
    arrived = [
        person["name"]
        for offset in range(0, rows or 0, 10_000)
        for person in client.get("/contacts", params={"limit": 10_000, "offset": offset}).json()["data"]
        if "busy" in person["name"]
    ]
    newest = list(sandbox.campaigns())[-1]
    statistics = client.get(f"/campaigns/{newest}").json()["statistics"]
    total = client.get(f"/campaigns/{newest}/logs").json()["total"]
    sandbox.close()
    assert len(arrived) == len(set(arrived)) == (rows or 0)
    assert statistics["sent"] + statistics["failed"] == statistics["total_contacts"] == total
    return Counter(line.partition(" ")[0] for line in stored)


if __name__ == "__main__":
    work(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
