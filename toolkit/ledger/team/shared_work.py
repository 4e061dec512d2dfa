"""Small named things of one workspace that a team keeps beside its ledger: campaigns still being written, segments.

Any planner replaces and removes them; the server fills in the login that wrote each last. Nothing is sent by them: a
plan has its own copy, which people approve.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.ledger.team.postgres import PostgresStore

_ONE = "WHERE kind = ? AND workspace = ? AND name = ?"


class SharedWork:
    """What a team keeps of one `kind` for the workspace at an address."""

    def __init__(self, store: PostgresStore, kind: str, address: str) -> None:
        self._store = store
        self._whose = (kind, address)

    def read(self, name: str) -> dict[str, Any] | None:
        """What is kept under a name, with the login `by` which it was written last; None if nothing is."""
        with self._store.reading() as db:
            row = db.execute(f"SELECT name, body, login FROM kept_work {_ONE}", (*self._whose, name)).fetchone()
        return None if row is None else _kept(*row)

    def read_all(self) -> list[dict[str, Any]]:
        """All that is kept, by name."""
        query = "SELECT name, body, login FROM kept_work WHERE kind = ? AND workspace = ? ORDER BY name"
        with self._store.reading() as db:
            return [_kept(*row) for row in db.execute(query, self._whose)]

    def write(self, name: str, kept: dict[str, Any]) -> dict[str, Any]:
        """Keep something under a name, in place of what was there, and return it as it is kept; LedgerUnavailable if
        this login may not."""
        row = (*self._whose, name, json.dumps(kept, ensure_ascii=False))
        with self._store.writing() as db:
            db.execute(f"DELETE FROM kept_work {_ONE}", row[:3])
            query = (
                "INSERT INTO kept_work (kind, workspace, name, body) VALUES (?, ?, ?, ?) RETURNING name, body, login"
            )
            return _kept(*db.execute(query, row).fetchall()[0])

    def remove(self, name: str) -> bool:
        """Remove what is kept under a name; False if nothing was, LedgerUnavailable if this login may not."""
        with self._store.writing() as db:
            return db.execute(f"DELETE FROM kept_work {_ONE} RETURNING 1", (*self._whose, name)).fetchone() is not None


def _kept(name: str, body: str, login: str) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(body)
    return kept | {"name": name, "by": login}
