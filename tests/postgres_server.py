"""A PostgreSQL for a run of tests, on a socket in a temporary folder; it stops when the run ends or is killed.

Every name may log in there without a password: which login a test has is which one it asks for.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

ADMIN = "admin"
_SMALL = ("shared_buffers=16MB", "max_connections=200")
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# The server ends with what holds the other end of its input, even if that is killed.
_UNTIL_LEFT = '"$@" >log 2>&1 & cat >/dev/null; kill -QUIT $!; wait $!'


class PostgresServer:
    """A server in a folder; `start` and `stop` it, and `address` is how a login reaches one of its databases."""

    def __init__(self, folder: Path, *, is_durable: bool = False) -> None:
        """Unless it `is_durable`, nothing is flushed to disk."""
        self.folder = folder
        self._options = _SMALL if is_durable else (*_SMALL, *_FAST)
        self._programs = _programs()
        self._running: subprocess.Popen[bytes] | None = None
        self._numbers = count()
        account = _account()
        self._as: dict[str, Any] = {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": []}
        self._as = self._as if os.geteuid() == 0 else {}
        if self._as:
            shutil.chown(folder, account)
        made = ("--pgdata", folder / "data", "--username", ADMIN, "--auth", "trust", "--encoding", "UTF8")
        self._run("initdb", *made, "--no-locale", "--no-sync")

    def start(self) -> None:
        """Start it, and return when it answers."""
        options = [word for option in self._options for word in ("-c", option)]
        command = [self._programs / "postgres", "-D", "data", "-k", self.folder, "-h", "", *options]
        self._running = subprocess.Popen(
            ["sh", "-c", _UNTIL_LEFT, "sh", *command], stdin=subprocess.PIPE, cwd=self.folder, **self._as
        )
        until = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.address("postgres")).close()
            except psycopg.OperationalError as error:
                is_lost = self._running.poll() is not None or time.monotonic() > until
                if is_lost:
                    log = (self.folder / "log").read_text(encoding="utf-8")
                    raise RuntimeError(f"PostgreSQL did not start: {log}") from error
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        """Stop it; who is connected loses the connection."""
        if self._running:
            self._running.communicate()
            self._running = None

    def address(self, database: str, login: str = ADMIN) -> str:
        """The address of a database, for a login."""
        return f"postgresql://{login}@/{database}?host={self.folder}"

    def database(self, *, template: str = "template1") -> str:
        """The name of a new database, a copy of another."""
        name = f"db{next(self._numbers)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as db:
            db.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def _run(self, program: str, *arguments: object) -> None:
        command = [self._programs / program, *map(str, arguments)]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, encoding="utf-8", **self._as)
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")


def _programs() -> Path:
    """The newest of Debian's, or what is on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise RuntimeError("These tests run on PostgreSQL: install it, `apt-get install postgresql` on Debian.")
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


def _account() -> str:
    """Somebody who may run the server, which refuses to run as root."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server of this run, for tests that leave it running."""
    with ExitStack() as last:
        folder = Path(tempfile.mkdtemp(prefix="seax-pg-"))  # short, as the name of a socket has to be
        last.callback(shutil.rmtree, folder, ignore_errors=True)
        server = PostgresServer(folder)
        last.callback(server.stop)
        server.start()
        yield server
