"""Checking the ledger's rows against its chain of events: rows edited by hand are found, and not sent."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.display import number_of, when
from toolkit.errors import LedgerTampered
from toolkit.ledger import chain
from toolkit.ledger.anchor import Anchor
from toolkit.ledger.transaction import Transaction
from toolkit.models import Frozen


class Audit(Frozen):
    """The result of `seax audit verify`: counts, the latest seal, problems, and the anchor it was checked against."""

    plans: int
    events: int
    seal: str
    problems: tuple[str, ...]
    anchor: Anchor | None = None
    is_shared: bool = False

    @property
    def is_whole(self) -> bool:
        """Nothing was edited, removed or inserted without the account's key, nor by anybody before the anchor."""
        return not self.problems

    def __str__(self) -> str:
        if not self.is_whole:
            return "\n".join(self.problems)
        whose = "the team's" if self.is_shared else "this account's"
        counts = f"{number_of(self.plans, 'plan')} and {number_of(self.events, 'event')}"
        fits = f"{counts} are consistent and sealed with {whose} key."
        if self.anchor is None:
            who = "The owner of the database" if self.is_shared else "Whoever uses this account"
            limits = (
                f"{who} has that key and could have written them all: check them against a line of "
                "`seax audit anchor` that was kept elsewhere."
            )
        else:
            signed = f" that {self.anchor.approver} signed" if self.anchor.signature else ""
            by = "the database" if self.is_shared else "the account's key"
            limits = (
                f"Up to event {self.anchor.event:,} they match the anchor of "
                f"{when(self.anchor.at)}{signed}; later events are protected by {by} alone."
            )
        return f"{fits} {limits} Last seal: {self.seal}"


def verify(db: Transaction, anchor: Anchor | None = None) -> Audit:
    """Check everything, and whether it matches an anchor."""
    plans = [row[0] for row in db.execute("SELECT id FROM plans ORDER BY created_at, id")]
    problems = [problem for plan_id in plans for problem in _problems(db, plan_id)]
    broken = chain.first_broken(db)
    if broken is not None:
        problems.insert(0, f"Event {broken} does not follow from the previous one.")
    gone = db.execute(
        "SELECT DISTINCT plan_id FROM events WHERE plan_id <> '' AND plan_id NOT IN (SELECT id FROM plans)"
    )
    problems += [f"Plan {row[0]}: its row is missing." for row in gone]
    events, seal = chain.head(db)
    if anchor and chain.seal_of(db, anchor.event) != anchor.seal:
        problems.append(
            f"Event {anchor.event:,} does not match the anchor of {when(anchor.at)}: the ledger was "
            "rewritten since, or is another one."
        )
    return Audit(
        plans=len(plans), events=events, seal=seal, problems=tuple(problems), anchor=anchor, is_shared=db.is_shared
    )


def check_whole(db: Transaction) -> None:
    """Raise LedgerTampered if anything that prevents sending twice was lost or changed.

    What the database itself notices, the chain of events, and of every plan its state, its intent and how many
    approvals it has, each of which is written in two places. Contents are not read: `verify` does that.
    """
    found = db.damage()
    if not found and (broken := chain.first_broken(db)) is not None:
        found = [f"event {broken} does not follow from the previous one"]
    if not found:
        found = [
            f"the rows of plan {row[0]} do not match its events"
            for row in db.execute(
                "SELECT id FROM plans NOT INDEXED WHERE id IS NOT json_extract(body, '$.id') "
                "OR intent IS NOT json_extract(body, '$.intent') OR state IS NOT "
                "(SELECT state FROM events WHERE plan_id = id ORDER BY seq DESC LIMIT 1) "
                "UNION SELECT plan_id FROM events NOT INDEXED WHERE plan_id <> '' "
                "AND plan_id NOT IN (SELECT id FROM plans) "
                "UNION SELECT plan_id FROM (SELECT plan_id, count(*) AS given FROM events NOT INDEXED "
                "WHERE event = 'approved' GROUP BY plan_id) AS given_each LEFT JOIN (SELECT plan_id, count(*) AS kept "
                "FROM approvals GROUP BY plan_id) AS kept_each USING (plan_id) WHERE given IS NOT kept"
            )
        ]
    for problem in found:
        what = " ".join(problem.split())
        raise LedgerTampered(
            f"The ledger was changed or damaged ({what}). Keep {'it' if db.is_shared else 'the file'} and a "
            "copy of it, and run `seax audit verify`. Nothing was sent now."
        )


def check_plan(db: Transaction, plan_id: str) -> None:
    """Raise LedgerTampered if anything about one plan was edited."""
    if not chain.is_sealed(db, plan_id):
        raise LedgerTampered(
            f"The events of plan {plan_id} were changed: run `seax audit verify`. Nothing was sent now."
        )
    for problem in _problems(db, plan_id):
        raise LedgerTampered(f"{problem} Run `seax audit verify`. Nothing was sent now.")


def content_digest(db: Transaction, plan_id: str) -> str:
    """The digest of everything in a plan's row and its steps that never changes."""
    row = db.execute(
        "SELECT id, workspace, kind, intent, digest, created_at, expires_at, body, recipient_ids FROM plans "
        "WHERE id = ?",
        (plan_id,),
    ).fetchone()
    steps = db.execute("SELECT number, recipients FROM steps WHERE plan_id = ? ORDER BY number", (plan_id,))
    return chain.digest_of(*row, [tuple(step) for step in steps])


def step_digest(state: str, receipt: str | None) -> str:
    """The digest of the state of a step."""
    return chain.digest_of(state, receipt)


def _problems(db: Transaction, plan_id: str) -> Iterator[str]:
    events = chain.events_of(db, plan_id)
    if not events or events[0].event != "planned" or events[0].digest != content_digest(db, plan_id):
        yield f"Plan {plan_id}: its content was changed."
    (state,) = db.execute("SELECT state FROM plans WHERE id = ?", (plan_id,)).fetchone()
    if events and events[-1].state != state:
        yield f"Plan {plan_id}: its state is {state} in its row and {events[-1].state}."
    approved = [event.digest for event in events if event.event == "approved"]
    bodies = db.execute("SELECT plan_id, digest, id, body FROM approvals WHERE plan_id = ? ORDER BY rowid", (plan_id,))
    if approved != [chain.digest_of(row["body"]) for row in bodies]:
        yield f"Plan {plan_id}: its approvals were changed."
    last = {event.step: event.digest for event in events if event.step is not None and event.digest}
    for number, where, receipt in db.execute(
        "SELECT number, state, receipt FROM steps WHERE plan_id = ? ORDER BY number", (plan_id,)
    ):
        if number in last:
            expected = step_digest(where, None if where == "sending" else receipt)
            if last[number] != expected:
                yield f"Plan {plan_id}: the state of step {number} does not match its events."
        elif where != "waiting" or receipt is not None:
            yield f"Plan {plan_id}: step {number} is {where}, without an event."
