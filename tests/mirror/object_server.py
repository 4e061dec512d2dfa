"""An S3 server on this machine, started once in a run of tests, that a test watches and whose objects it lets age."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

_BUCKET = "seax-mirrors"


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class ObjectServer:
    """One bucket; `on_request` is called with the method and path of each request before it is answered.

    A request is not answered if that raises ConnectionAbortedError.
    """

    def __init__(self) -> None:
        from moto.core import DEFAULT_ACCOUNT_ID  # here, as importing it takes seconds that most runs need not spend
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from moto.s3.models import s3_backends

        self.on_request: Callable[[str, str], object] = lambda method, path: None
        self._one_at_a_time = threading.Lock()  # moto replaces an object while it reads it for another request
        self._app = DomainDispatcherApplication(create_backend_app)
        self._kept = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet)
        self.address = f"http://127.0.0.1:{self._server.port}"

    def __enter__(self) -> ObjectServer:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._ask("PUT", f"/{_BUCKET}")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def mirror(self, name: str) -> str:
        """The address of a mirror in the bucket."""
        return f"s3://{_BUCKET}/analysts/{name}"

    def keys(self, mirror: str) -> dict[str, Any]:
        """The objects of a mirror by their names, as the server keeps them; not those that stand for folders."""
        prefix = f"{mirror.removeprefix(f's3://{_BUCKET}/')}/"
        kept = self._kept[_BUCKET].keys.items()
        return {key.removeprefix(prefix): stored for key, stored in kept if key.startswith(prefix) and key[-1] != "/"}

    def age_locks(self, mirror: str, *, minutes: float = 4) -> dict[str, bytes]:
        """Let the locks of a mirror be as old as those of a writer that was killed; returns them."""
        locks = {name: stored for name, stored in self.keys(mirror).items() if name.startswith("lock")}
        for stored in locks.values():
            stored.last_modified -= timedelta(minutes=minutes)
        return {name: stored.value for name, stored in locks.items()}

    def demand_keys(self, demanded: bool) -> None:
        """Answer only those who have a key that the server knows, of which there are none; or everybody again."""
        self._ask("POST", "/moto-api/reset-auth", b"0" if demanded else b"inf")

    def _ask(self, method: str, path: str, content: bytes | None = None) -> None:
        how = {"Content-Type": "text/plain"}
        urllib.request.urlopen(urllib.request.Request(f"{self.address}{path}", content, how, method=method)).close()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.on_request(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        with self._one_at_a_time:
            answer: Iterable[bytes] = self._app(environ, start_response)
        return answer


@pytest.fixture(scope="session")
def running_objects() -> Iterator[ObjectServer]:
    with ObjectServer() as server:
        yield server


@pytest.fixture
def objects(running_objects: ObjectServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ObjectServer]:
    """The server, with what this process and those that it starts need to know of it in their environment."""
    environment = {
        "AWS_ENDPOINT_URL": running_objects.address,
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "a secret of nobody",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": str(tmp_path / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "no-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ALLOW_HTTP": "true",  # for Polars
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield running_objects
    running_objects.on_request = lambda method, path: None
