"""What the ledger's queries need of a database, which SQLite and PostgreSQL both give them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol


class ResultRows(Protocol):
    """The answer to a query: rows whose values are found by place and by name."""

    def fetchone(self) -> Any:
        """The next row; None if there is none."""
        ...

    def fetchall(self) -> list[Any]:
        """The rows that remain."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Transaction(Protocol):
    """One transaction on a ledger; `key` seals its events, and `is_shared` if it is a team's. Queries are in SQLite's
    words, with values as ?."""

    key: bytes
    is_shared: bool

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> ResultRows:
        """Run a statement."""
        ...

    def executemany(self, sql: str, values: Iterable[Sequence[Any]], /) -> object:
        """Run a statement for each row of values."""
        ...

    def damage(self) -> list[str]:
        """What is wrong with the database's own structure, in its words."""
        ...


class LedgerAccess(NamedTuple):
    """What a login may do in a team's ledger; whoever `owns` it may also change what protects it."""

    login: str
    plans: bool
    sends: bool
    approves: bool
    owns: bool

    def __str__(self) -> str:
        may = [word for word, has in (("plan", self.plans), ("send", self.sends), ("approve", self.approves)) if has]
        owner = "; it owns the tables, so the database stops it from nothing" if self.owns else ""
        return f"login {self.login} may {', '.join(may) or 'do nothing'}{owner}"
