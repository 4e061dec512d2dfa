"""A mirror survives what happens to it, or says what has happened."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.builders import START, Clock
from tests.mirror.imports import import_contacts
from tests.mirror.killing import Killing
from tests.mirror.living import KEY, SIZE, LivingService
from toolkit.errors import MirrorBusy, MirrorUnusable, NotMirrored
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace


def test_a_mirror_that_was_never_refreshed_says_so(live: Workspace, tmp_path: Path) -> None:
    mirror = live.mirror(tmp_path / "mirror")

    with pytest.raises(NotMirrored, match="refresh"):
        mirror.contacts()
    assert "empty" in repr(mirror)
    assert not (tmp_path / "mirror").exists()


def test_workspaces_are_not_mixed(live: Workspace, ws: Workspace, tmp_path: Path) -> None:
    live.mirror(tmp_path / "mirror").refresh()
    other = ws.mirror(tmp_path / "mirror")

    for use in (other.refresh, other.contacts, lambda: other.paths("contacts")):
        with pytest.raises(MirrorUnusable, match="choose another"):
            use()


def test_no_file_holds_the_key(live: Workspace, service: LivingService, tmp_path: Path) -> None:
    service.send("c1", ["delivered"])
    live.mirror(tmp_path / "mirror").refresh("c1")

    files = [file for file in (tmp_path / "mirror").rglob("*") if file.is_file()]

    assert len(files) > 3
    assert all(KEY.encode() not in file.read_bytes() for file in files)
    assert (tmp_path / "mirror").stat().st_mode & 0o077 == 0


def test_a_folder_of_other_things_is_left_alone(live: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    folder.mkdir()
    (folder / "thesis.parquet").write_text("all of it", encoding="utf-8")

    with pytest.raises(MirrorUnusable, match="choose an empty one"):
        live.mirror(folder).refresh()
    with pytest.raises(MirrorUnusable, match="cannot be"):
        live.mirror(folder / "thesis.parquet").refresh()

    assert [file.name for file in folder.iterdir()] == ["thesis.parquet"]


def damaged(tmp_path: Path, spoil: Callable[[bytes], bytes | None], kind: str) -> None:
    (file,) = (tmp_path / "mirror").rglob(f"{kind}*.*")
    content = spoil(file.read_bytes())
    file.unlink() if content is None else file.write_bytes(content)


SPOILED: dict[str, Callable[[bytes], bytes | None]] = {
    "cut short": lambda content: content[: len(content) // 2],
    "emptied": lambda content: b"",
    "one bit turned": lambda content: bytes([*content[:70], content[70] ^ 1, *content[71:]]),
    "gone": lambda content: None,
}


@pytest.mark.parametrize("kind", ["contacts", "log", "changes", "manifest"])
@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_damaged_file_gives_one_clear_error(
    live: Workspace, service: LivingService, tmp_path: Path, spoil: Callable[[bytes], bytes | None], kind: str
) -> None:
    service.send("c1", ["delivered"])
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh("c1")
    damaged(tmp_path, spoil, kind)
    reads = {"log": mirror.logs, "changes": lambda: mirror.label_changes(START)}

    with pytest.raises((MirrorUnusable, NotMirrored), match="refresh"):
        reads.get(kind, mirror.contacts)()


def test_a_damaged_mirror_is_not_built_upon(live: Workspace, tmp_path: Path) -> None:
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh()
    damaged(tmp_path, SPOILED["one bit turned"], "contacts")

    with pytest.raises(MirrorUnusable, match="damaged"):
        mirror.refresh()


def test_one_process_refreshes_at_a_time(live: Workspace, tmp_path: Path) -> None:
    mirror, other = live.mirror(tmp_path / "mirror"), live.mirror(tmp_path / "mirror")
    refused: list[str] = []

    def meanwhile(read: int, total: int) -> None:
        with pytest.raises(MirrorBusy) as caught:
            other.refresh()
        refused.append(str(caught.value))

    mirror.refresh(progress=meanwhile)

    assert refused
    assert "being refreshed by another process" in refused[0]
    assert other.refresh().contacts == len(other.contacts())


def test_an_interrupted_refresh_keeps_what_was_read(live: Workspace, service: LivingService, tmp_path: Path) -> None:
    service.send("c1", ["delivered"])
    service.send("c2", ["delivered"])
    mirror = live.mirror(tmp_path / "mirror")

    def interrupt(request: Any) -> None:
        if "c2/logs" in str(request.url):
            raise KeyboardInterrupt

    service.on_request = interrupt
    with pytest.raises(KeyboardInterrupt):
        mirror.refresh(["c1", "c2"])

    assert mirror.campaigns()["id"].tolist() == ["c1"]
    assert not list((tmp_path / "mirror").glob("draft*"))


def test_files_of_the_state_before_stay_until_the_next_refresh(
    live: Workspace, service: LivingService, tmp_path: Path
) -> None:
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh()
    before = mirror.paths("contacts")
    service.join()
    mirror.refresh()
    kept = pd.read_parquet(before)
    service.join()
    mirror.refresh()

    assert len(kept) == SIZE
    assert not any(Path(path).exists() for path in before)
    assert len(pd.read_parquet(mirror.paths("contacts"))) == SIZE + 2


def test_a_reader_overtaken_by_refreshes_reads_the_present(
    live: Workspace, service: LivingService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror, writer = live.mirror(tmp_path / "mirror"), live.mirror(tmp_path / "mirror")
    writer.refresh()
    read = mirror._folder.read

    def overtaken(*args: Any, **how: Any) -> Any:
        monkeypatch.undo()
        for _ in range(2):
            service.join()
            writer.refresh()
        return read(*args, **how)

    monkeypatch.setattr(mirror._folder, "read", overtaken)

    assert len(mirror.contacts()) == SIZE + 2


def test_another_process_reads_while_the_mirror_is_refreshed(
    ws: Workspace, sandbox: Sandbox, tmp_path: Path, clock: Clock
) -> None:
    mirror = ws.mirror(tmp_path / "mirror")
    mirror.refresh(ws.campaign_ids()[-1])
    command = [sys.executable, "-m", "tests.mirror.reading_mirror", str(tmp_path / "sandbox.sqlite3"), str(mirror.path)]
    totals = {len(mirror.contacts())}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as reader:
        assert reader.stdin
        assert reader.stdout
        assert reader.stdout.readline() == "reading\n"
        for at in range(6):
            import_contacts(sandbox, clock, "name,phone", [f"New {at},+1999{at:07d}"])
            totals.add(mirror.refresh().contacts)
        seen, _ = reader.communicate()

    assert reader.returncode == 0
    assert {int(total) for total in seen.split()} <= totals


def test_a_refresh_killed_at_any_step_leaves_the_last_state_or_the_next(
    ws: Workspace, sandbox: Sandbox, tmp_path: Path, clock: Clock
) -> None:
    killing = Killing(ws, sandbox, tmp_path, clock)

    outcomes = killing.at(*range(1, 72, 8))

    assert outcomes.count("killed") >= 8
    killing.check(outcomes)
