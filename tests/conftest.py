"""What tests share: their own environment, and workspaces on an embedded service with a frozen clock."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import httpx
import pytest
import stamina
from hypothesis import settings

from tests.builders import KEY, Clock, campaign_draft
from tests.filling import new_sandbox
from tests.wire import LiveService, Wire
from toolkit.api import caller
from toolkit.api.network.throttle import Pause
from toolkit.plans.draft import CampaignDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import DialectName, Settings
from toolkit.workspace import Workspace, connect

os.environ["TZ"] = "UTC"  # times in words name the zone of the machine too
time.tzset()
os.environ.pop("PYTHONWARNDEFAULTENCODING", None)  # in this process it holds; what children say is compared
settings.register_profile("tests", deadline=None)  # no test depends on the machine's speed
settings.load_profile("tests")

MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # bytes, of which a run needs less than one at any time


def _has_room(folder: Path) -> bool:
    """Tell whether files may be kept and programs run there."""
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        return False
    return shutil.disk_usage(folder).free >= ROOM and not os.statvfs(folder).f_flag & os.ST_NOEXEC


if "TMPDIR" not in os.environ and _has_room(MEMORY):  # a disk's flushes would cost more than most tests
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)

pytest_plugins = ["tests.engines", "tests.postgres_server", "tests.ledger.team", "tests.workers"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--dialect published` runs every test of an embedded workspace over the other face of its service, and
    `--ledger postgresql` with its ledger in a team's database."""
    parser.addoption("--dialect", choices=["guide", "published"], default="guide")
    parser.addoption("--ledger", choices=["sqlite", "postgresql"], default="sqlite")


@pytest.fixture(autouse=True)
def _no_waiting_between_tries(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(caller, "Pause", lambda: Pause(sleep=lambda seconds: None))
    with stamina.set_testing(True, attempts=3):
        yield


_homes = count()


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No settings of the machine, and a home of its own, which is not made before somebody writes to it."""
    for name in (
        "SEAX_API_KEY",
        "SEAX_WORKSPACE_ID",
        "SEAX_BASE_URL",
        "SEAX_DIALECT",
        "SEAX_POLICY",
        "SEAX_MODE",
        "SEAX_LEDGER",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SEAX_HOME", str(tmp_path_factory.getbasetemp() / "homes" / str(next(_homes))))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(tmp_path: Path, clock: Clock) -> Iterator[Sandbox]:
    box = new_sandbox(tmp_path / "sandbox.sqlite3", contacts=400, now=clock)
    box.clock.advance(timedelta(minutes=15))  # past the opt-out planted ten minutes after its making
    yield box
    box.close()


@pytest.fixture
def wire(sandbox: Sandbox) -> Wire:
    return Wire(sandbox)


@pytest.fixture
def dialect(request: pytest.FixtureRequest) -> DialectName:
    """How the embedded service is spoken to: as `in_both_dialects` or the option says."""
    chosen: DialectName = getattr(request, "param", None) or request.config.getoption("--dialect")
    return chosen


@pytest.fixture
def ws(
    tmp_path: Path, sandbox: Sandbox, wire: Wire, clock: Clock, dialect: DialectName, ledger_address: str | None
) -> Iterator[Workspace]:
    """An embedded workspace of 400 contacts behind a wire that counts."""
    settings = Settings(home=tmp_path, dialect=dialect)
    with connect(settings, sandbox=sandbox, transport=wire, now=clock, ledger=ledger_address) as workspace:
        yield workspace


@pytest.fixture
def live_service() -> LiveService:
    return LiveService()


@pytest.fixture
def live(tmp_path: Path, live_service: LiveService, clock: Clock) -> Iterator[Workspace]:
    environ = {"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1", "SEAX_HOME": str(tmp_path), "SEAX_MODE": "live"}
    settings = Settings.from_environment(environ)
    with connect(settings, transport=live_service.transport, now=clock) as workspace:
        yield workspace


@pytest.fixture
def draft() -> CampaignDraft:
    return campaign_draft()


@pytest.fixture
def import_rows(sandbox: Sandbox) -> Callable[..., None]:
    """Change contacts behind the toolkit's back, as a colleague in the web form would."""

    def run(*rows: str) -> None:
        url = f"{sandbox.base_url}/api/v1/workspace/{sandbox.workspace_id}/import_contacts?duplicate_strategy=update"
        content = "\n".join(["name,phone,labels", *rows])
        with httpx.Client(transport=sandbox.transport(), headers={"X-API-KEY": sandbox.api_key}) as http:
            http.post(url, files={"file": ("rows.csv", content, "text/csv")}).raise_for_status()
        sandbox.clock.advance(timedelta(minutes=1))

    return run
