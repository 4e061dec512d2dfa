"""What this home sent with a team's ledger, kept beside it: a small file for each claim, none about any contact.

A ledger that was restored from an older backup, or a replica that was behind, has forgotten claims and is noticed: what
it has forgotten may have been sent, so nothing is sent with it before a person has looked. What came of a request while
the ledger could not be reached is kept as well, until it is recorded there.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from toolkit.display import n_recipients, when
from toolkit.errors import LedgerTampered, LedgerUnavailable
from toolkit.ledger import chain
from toolkit.ledger.transaction import Transaction
from toolkit.models import Frozen
from toolkit.plans.receipt import StepReceipt

_MOST = 500  # claims that are kept, the latest
_NAMED = 5  # in a message
_DUE, _DONE = ".due", ".done"  # suffixes: what came of a claim, which the ledger is to have or has


class KeptClaim(Frozen):
    """A claim of a step that was made from here, with its event in the ledger and that event's seal."""

    event: int
    seal: str
    plan_id: str
    step: int
    recipients: int
    at: datetime
    leaves_at: datetime
    who: str
    via: str
    detail: str

    def __str__(self) -> str:
        return f"plan {self.plan_id}, step {self.step}, to {n_recipients(self.recipients)} at {when(self.at)}"


class SendJournal:
    """A folder in `home` for the ledger that is sealed with `key`; made by the first claim."""

    def __init__(self, home: Path, key: bytes) -> None:
        self._folder = home / f"sent-{sha256(key).hexdigest()[:12]}"

    def check(self, db: Transaction) -> None:
        """Raise LedgerTampered if the ledger has forgotten what was claimed from here."""
        if gone := self.forgotten(db):
            named = "; ".join(map(str, gone[:_NAMED]))
            more = f"; and {len(gone) - _NAMED:,} more" if len(gone) > _NAMED else ""
            raise LedgerTampered(
                f"The ledger has forgotten what was sent from here ({named}{more}): it was restored from an older "
                "backup, or somebody changed it. Check each in SeaX, and then run `seax ledger recover` in a terminal. "
                "Nothing was sent now."
            )

    def forgotten(self, db: Transaction) -> list[KeptClaim]:
        """The claims made from here that the ledger does not have any more, oldest first."""
        paths = self._paths()
        if not paths or _is_known(db, self._read(paths[-1])):
            return []
        return [claim for claim in map(self._read, paths) if not _is_known(db, claim)]

    @contextmanager
    def kept(self, claim: KeptClaim, answer: StepReceipt | None = None) -> Iterator[None]:
        """Write a claim down, and keep it once the block has ended, in which the ledger commits its event; with the
        answer to it that the ledger is to have, if that is known.

        Raises LedgerUnavailable where that is impossible: on a full disk before the block, so nothing is committed.
        """
        path = self._path(claim)
        try:
            fresh = self._written(path, claim.model_dump_json())
        except OSError as error:
            raise LedgerUnavailable(
                f"{self._folder} cannot be written ({error.strerror}): check the free space and your permissions."
            ) from error
        try:
            yield
            self._keep(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)
        if answer:
            self._written(path, answer.model_dump_json()).replace(path.with_suffix(_DUE))

    def forget(self, claims: Collection[KeptClaim]) -> None:
        """Forget claims, and what came of them."""
        for path in map(self._path, claims):
            for suffix in (".json", _DUE, _DONE):
                path.with_suffix(suffix).unlink(missing_ok=True)

    def keep_answer(self, plan_id: str, receipt: StepReceipt, *, is_recorded: bool) -> bool:
        """Keep what came of a step that was claimed from here, whether or not the ledger has it; False if that is
        impossible."""
        try:
            for path in reversed(self._paths()):
                claim = self._read(path)
                if (claim.plan_id, claim.step) == (plan_id, receipt.number):
                    fresh = self._written(path, receipt.model_dump_json())
                    fresh.replace(path.with_suffix(_DONE if is_recorded else _DUE))
                    return True
        except (OSError, LedgerUnavailable):
            pass
        return False

    def answer_to(self, claim: KeptClaim) -> StepReceipt | None:
        """What came of a claim, if that is known here."""
        paths = (self._path(claim).with_suffix(suffix) for suffix in (_DUE, _DONE))
        return next((self._answer(path) for path in paths if path.exists()), None)

    def due(self) -> list[tuple[KeptClaim, StepReceipt]]:
        """The claims of which the ledger does not have yet what came of them, with that."""
        return [(self._read(p.with_suffix(".json")), self._answer(p)) for p in sorted(self._folder.glob(f"*{_DUE}"))]

    def recorded(self, claim: KeptClaim) -> None:
        """The ledger has what came of a claim."""
        path = self._path(claim)
        path.with_suffix(_DUE).replace(path.with_suffix(_DONE))

    def _path(self, claim: KeptClaim) -> Path:
        return self._folder / f"{claim.event:012}.json"

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"))

    def _written(self, path: Path, text: str) -> Path:
        """A new file beside a path, on the disk."""
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        return fresh

    def _keep(self, fresh: Path, path: Path) -> None:
        try:
            fresh.replace(path)
            self.forget([self._read(old) for old in self._paths()[:-_MOST]])
        except OSError as error:
            raise LedgerUnavailable(
                f"{path} cannot be written ({error.strerror}), and the plan already counts as being sent: check your "
                "permissions, and in ten minutes settle it with `seax reconcile PLAN`."
            ) from error

    def _read(self, path: Path) -> KeptClaim:
        try:
            return KeptClaim.model_validate_json(path.read_bytes())
        except (OSError, ValueError) as error:
            raise _unreadable(path) from error

    def _answer(self, path: Path) -> StepReceipt:
        try:
            return StepReceipt.model_validate_json(path.read_bytes())
        except (OSError, ValueError) as error:
            raise _unreadable(path) from error


def _unreadable(path: Path) -> LedgerUnavailable:
    return LedgerUnavailable(
        f"{path} cannot be read: check in SeaX what was sent last, and remove it. Nothing is sent without it."
    )


def _is_known(db: Transaction, claim: KeptClaim) -> bool:
    return chain.seal_of(db, claim.event) == claim.seal


def claim_just_made(db: Transaction, *, recipients: int, leaves_at: datetime) -> KeptClaim:
    """The claim that is the ledger's last event, to this many `recipients`."""
    event = db.execute("SELECT * FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    same = {name: event[name] for name in ("plan_id", "step", "at", "who", "via", "detail")}
    return KeptClaim(event=event["seq"], seal=event["hash"], recipients=recipients, leaves_at=leaves_at, **same)


def is_last_claim(db: Transaction, claim: KeptClaim) -> bool:
    """Nobody claimed the step after this claim of it."""
    row = db.execute(
        "SELECT seq, hash FROM events WHERE plan_id = ? AND step = ? AND event = 'sending' ORDER BY seq DESC LIMIT 1",
        (claim.plan_id, claim.step),
    ).fetchone()
    return row is not None and (row[0], row[1]) == (claim.event, claim.seal)
