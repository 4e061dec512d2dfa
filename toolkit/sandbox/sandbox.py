"""The embedded workspace: one file that answers as the service does and cannot text anybody."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path

import httpx
from starlette.types import ASGIApp

from toolkit.sandbox.asgi.app import create_app
from toolkit.sandbox.asgi.middleware import OWN_HOST, Limiter
from toolkit.sandbox.clock import Clock, utc_now
from toolkit.sandbox.errors import PUBLISHED_PATH, SandboxError
from toolkit.sandbox.guide.app import API_KEY, BASE_PATH
from toolkit.sandbox.options import Behaviour
from toolkit.sandbox.service import WORKSPACE_ID, Service
from toolkit.sandbox.store import Store
from toolkit.sandbox.times import to_us
from toolkit.sandbox.transport import Transport
from toolkit.sandbox.world import catalogue, history
from toolkit.sandbox.world import seed as seeding


class Sandbox:
    """An opened workspace file.

    `contacts` and `seed` are used only when the file is created; `speed` sets the pace of the workspace's clock,
    None keeps it; `now` is the real time. SandboxError explains why a file cannot be used.
    """

    base_url = f"http://{OWN_HOST}{BASE_PATH}"
    published_url = f"http://{OWN_HOST}{PUBLISHED_PATH}"
    addresses: Mapping[str, str] = {"guide": base_url, "published": published_url}
    workspace_id = WORKSPACE_ID
    api_key = API_KEY

    def __init__(
        self,
        path: Path,
        *,
        contacts: int = 5_000,
        seed: int = 7,
        speed: float | None = None,
        now: Callable[[], datetime] = utc_now,
        behaviour: Behaviour = Behaviour(),  # noqa: B008 — frozen
    ) -> None:
        if contacts < seeding.FEWEST_CONTACTS:
            raise SandboxError(f"A workspace needs at least {seeding.FEWEST_CONTACTS} contacts; ask for more.")
        self._store = Store(path)
        if self._store.is_empty():
            _fill(self._store, contacts=contacts, seed=seed, now_us=to_us(now()))
        self.clock = Clock(self._store, now)
        if speed is not None:
            self.clock.set_speed(speed)
        self._service = Service(self._store, self.clock, behaviour)
        self._limiter = Limiter(behaviour.requests_per_minute, now)
        self._faults = behaviour.faults

    @cached_property
    def app(self) -> ASGIApp:
        """The ASGI application, created when first needed."""
        return create_app(self._service, limiter=self._limiter, faults=self._faults)

    def transport(self) -> httpx.BaseTransport:
        """Return a transport for `httpx.Client`: in process, synchronous, from any thread."""
        return Transport(self.app)

    def campaigns(self) -> dict[str, str]:
        """Return every campaign's name by its id, oldest first, because the guide has no call that lists them."""
        return self._service.campaigns()

    def close(self) -> None:
        """Close the file."""
        self._store.close()


def _fill(store: Store, *, contacts: int, seed: int, now_us: int) -> None:
    with store.create() as db:
        if db is None:
            return
        db.execute("INSERT INTO workspace VALUES (?)", (seed,))
        db.execute("INSERT INTO clock VALUES (?, ?, 1.0)", (now_us, now_us))
        catalogue.write_senders(db)
        seeding.write_contacts(db, seed=seed, total=contacts, now_us=now_us, workspace_id=WORKSPACE_ID)
        history.write(db, seed=seed, now_us=now_us)
