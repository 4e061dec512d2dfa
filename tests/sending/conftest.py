from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.builders import Clock
from tests.wire import LiveService, Wire
from toolkit.audience.segment import Segment
from toolkit.plans.draft import CampaignDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

KEY = "a" * 8 + "0" * 56


@pytest.fixture
def wire(sandbox: Sandbox) -> Wire:
    return Wire(sandbox)


@pytest.fixture
def ws(tmp_path: Path, sandbox: Sandbox, wire: Wire, clock: Clock) -> Iterator[Workspace]:
    with connect(Settings(home=tmp_path), sandbox=sandbox, transport=wire, now=clock) as workspace:
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


def campaign_draft(name: str = "Spring Sale", message: str = "Hello. Reply STOP to opt out.") -> CampaignDraft:
    segment = Segment.any_of("vip_customers") & ~Segment.any_of("location_nyc")
    return CampaignDraft(name=name, message=message, segment=segment, senders=("Marketing Line",))


def live_draft() -> CampaignDraft:
    return CampaignDraft(name="Live", message="Hi. Reply STOP.", segment=Segment.any_of("vip"), senders=("Shop",))


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
