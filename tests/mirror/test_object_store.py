"""A mirror on an object store has what one in a folder has; the store is another program's, over HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import traceback
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

import pandas as pd
import pytest
from pyarrow import fs

from tests.builders import Clock
from tests.mirror.imports import import_contacts
from tests.mirror.living import KEY, LivingService
from tests.mirror.object_server import ObjectServer
from toolkit.errors import MirrorBusy, MirrorUnusable, NotMirrored
from toolkit.mirror import stored_objects
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace


@pytest.fixture
def service() -> LivingService:
    return LivingService(contacts=300)


@pytest.fixture
def address(objects: ObjectServer, tmp_path: Path) -> str:
    return objects.mirror(tmp_path.name)


def write(address: str, name: str, content: bytes) -> None:
    store, path = fs.FileSystem.from_uri(f"{address}/{name}")
    with store.open_output_stream(path) as stored:
        stored.write(content)


def test_a_mirror_on_an_object_store_is_filled_and_refreshed(
    live: Workspace, service: LivingService, objects: ObjectServer, address: str, clock: Clock
) -> None:
    service.send("c1", ["delivered", "failed"])
    mirror = live.mirror(address)
    with pytest.raises(NotMirrored, match="refresh"):
        mirror.contacts()
    mirror.refresh("c1")
    pd.testing.assert_frame_equal(mirror.contacts(), live.contacts())
    clock.move(hours=1)
    service.join("vip")
    service.send("c1", ["delivered", "delivered"])

    report = mirror.refresh()
    mirror.refresh()

    assert report.logs_read == ("c1",)
    pd.testing.assert_frame_equal(mirror.contacts(), live.contacts())
    pd.testing.assert_frame_equal(mirror.logs(), live.logs("c1"))
    assert len(mirror.gained("vip", since=mirror.began)) == 1
    assert repr(mirror).startswith(f"<Mirror in {address}: 301 contacts")
    current = {path.removeprefix(f"{address}/") for of in ("contacts", "logs", "changes") for path in mirror.paths(of)}
    stored = objects.keys(address)
    assert set(stored) == current | {"manifest.json"}
    assert all(KEY.encode() not in content.value for content in stored.values())


def test_a_place_of_other_objects_is_left_alone(live: Workspace, objects: ObjectServer, address: str) -> None:
    write(address, "thesis.parquet", b"all of it")

    with pytest.raises(MirrorUnusable, match="choose an empty one"):
        live.mirror(address).refresh()

    assert list(objects.keys(address)) == ["thesis.parquet"]


def test_one_writer_at_a_time_refreshes_an_object_store(live: Workspace, address: str) -> None:
    mirror, other = live.mirror(address), live.mirror(address)
    refused: list[str] = []

    def meanwhile(read: int, total: int) -> None:
        with pytest.raises(MirrorBusy) as caught:
            other.refresh()
        refused.append(str(caught.value))

    mirror.refresh(progress=meanwhile)

    assert refused
    assert "being refreshed by another process" in refused[0]
    assert other.refresh().contacts == len(other.contacts())


@pytest.mark.parametrize("has_replaced", [False, True])
def test_a_writer_that_stood_still_gives_up_when_another_has_taken_over(
    live: Workspace, service: LivingService, objects: ObjectServer, address: str, has_replaced: bool
) -> None:
    mirror, other = live.mirror(address), live.mirror(address)
    other.refresh()
    taken_over: list[bool] = []

    def stop(read: int, total: int) -> None:
        raise KeyboardInterrupt

    def meanwhile(read: int, total: int) -> None:
        if taken_over:
            return
        taken_over.append(True)
        service.join("vip")
        locks = objects.age_locks(address)
        if has_replaced:  # the manifest, and the first writer's lock is back, as it renewed it at that moment
            other.refresh()
            for name, content in locks.items():
                write(address, name, content)
        else:
            with pytest.raises(KeyboardInterrupt):
                other.refresh(progress=stop)

    with pytest.raises(MirrorBusy, match="taken over"):
        mirror.refresh(progress=meanwhile)

    assert taken_over
    assert len(mirror.contacts()) == len(service.contacts) - (not has_replaced)
    assert not objects.age_locks(address)


def test_a_writer_at_work_renews_its_lock(
    live: Workspace, objects: ObjectServer, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_objects, "_RENEWED", 0.01)
    mirror, other = live.mirror(address), live.mirror(address)
    refused: list[bool] = []

    def meanwhile(read: int, total: int) -> None:
        (lock,) = objects.age_locks(address)
        aged = objects.keys(address)[lock]
        while objects.keys(address)[lock] is aged:
            time.sleep(0.01)
        with pytest.raises(MirrorBusy):
            other.refresh()
        refused.append(True)

    mirror.refresh(progress=meanwhile)

    assert refused


def test_processes_read_while_an_object_store_is_refreshed(
    ws: Workspace, sandbox: Sandbox, tmp_path: Path, clock: Clock, address: str
) -> None:
    mirror = ws.mirror(address)
    mirror.refresh(ws.campaign_ids()[-1])
    command = [sys.executable, "-m", "tests.mirror.reading_mirror", str(tmp_path / "sandbox.sqlite3"), address]
    totals = {len(mirror.contacts())}
    with ExitStack() as stack:
        readers = [
            stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
            )
            for _ in range(2)
        ]
        for reader in readers:
            assert reader.stdout
            assert reader.stdout.readline() == "reading\n"
        for at in range(2):
            import_contacts(sandbox, clock, "name,phone", [f"New {at},+1999{at:07d}"])
            totals.add(mirror.refresh().contacts)
        seen = [reader.communicate()[0] for reader in readers]

    assert [reader.returncode for reader in readers] == [0, 0]
    assert {int(total) for totals_seen in seen for total in totals_seen.split()} <= totals


def test_a_refresh_killed_at_any_request_leaves_the_last_state_or_the_next(
    ws: Workspace, sandbox: Sandbox, objects: ObjectServer, tmp_path: Path, clock: Clock, address: str
) -> None:
    ids = ws.campaign_ids()[-2:]
    base = ws.mirror(f"{address}/base")
    base.refresh(ids)
    before = base.contacts()
    import_contacts(sandbox, clock, "name,phone,labels", [f"New {i},+1999{i:07d},vip_customers" for i in range(20)])
    after = ws.contacts()
    steps = {"first-fill": 4, "before-contacts": 2, "before-commit": 4, "before-log": 5}  # requests that write
    mirrors = {name: f"{address}/{name}" for name in steps}
    for name in list(steps)[1:]:
        fs.copy_files(f"{address}/base", mirrors[name])
    counts, pids = dict.fromkeys(steps, 0), SimpleQueue[int]()

    def kill(method: str, path: str) -> None:
        for name in steps:
            if method not in {"GET", "HEAD"} and f"/{name}/" in path:
                counts[name] += 1
                if counts[name] == steps[name]:
                    os.kill(pids.get(), signal.SIGKILL)
                    raise ConnectionAbortedError

    objects.on_request = kill
    arguments = [str(tmp_path / "sandbox.sqlite3"), clock().isoformat(), *mirrors.values(), "--at", *["0"] * len(steps)]
    command = [sys.executable, "-m", "tests.mirror.killed_mirror", *arguments]
    outcomes = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout
        for line in process.stdout:
            if line.strip().isdigit():
                pids.put(int(line))
            else:
                outcomes.append(line.strip())

    assert outcomes == ["killed"] * len(steps)
    for name, place in mirrors.items():
        mirror = ws.mirror(place)
        if name == "first-fill":
            with pytest.raises(NotMirrored):
                mirror.contacts()
        else:
            pd.testing.assert_frame_equal(mirror.contacts(), after if name == "before-log" else before)
            assert len(mirror.logs()) == mirror.campaigns()["messages"].sum()
        with pytest.raises(MirrorBusy, match="3 minutes if it was killed"):
            mirror.refresh()
        objects.age_locks(place)
        mirror.refresh(ids)
        pd.testing.assert_frame_equal(mirror.contacts(), after)
        assert not [stored for stored in objects.keys(place) if stored.startswith("lock")]


def test_a_bucket_that_does_not_exist_is_told(live: Workspace, objects: ObjectServer) -> None:
    mirror = live.mirror("s3://nobodys-bucket/mirror")

    for use in (mirror.contacts, mirror.refresh):
        with pytest.raises(MirrorUnusable, match=r"no bucket nobodys-bucket\): check that the bucket exists"):
            use()


def test_a_store_that_refuses_asks_for_credentials(
    live: Workspace, objects: ObjectServer, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = live.mirror(address)
    mirror.refresh()
    objects.demand_keys(True)
    try:
        for use in (mirror.contacts, mirror.refresh):
            with pytest.raises(MirrorUnusable, match="credentials in the environment or the profile"):
                use()
    finally:
        objects.demand_keys(False)


def test_a_key_in_an_address_is_never_shown(live: Workspace, objects: ObjectServer, address: str) -> None:
    bucket = address.removeprefix("s3://")
    server = objects.address.removeprefix("http://")
    mirror = live.mirror(f"s3://whoever:hush-hush@{bucket}?scheme=http&endpoint_override={server}")
    mirror.refresh()

    shown = [repr(mirror), str(mirror.path), *mirror.paths("contacts")]
    for wrong in (
        "s3://whoever:hush-hush@bucket?password=hush-hush",
        "s3://whoever:hush hush@bucket/x",
        "ftp://a:hush@b/c",
    ):
        with pytest.raises(MirrorUnusable, match="s3://bucket/folder") as caught:
            live.mirror(wrong)
        shown += traceback.format_exception(caught.value.with_traceback(None))

    assert mirror.path == address
    assert not [words for words in shown if "hush" in words]
    assert all(b"hush" not in stored.value for stored in objects.keys(address).values())
