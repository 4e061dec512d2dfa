"""How much of a plan was sent, in the words that end every error of a send: as true as the ledger, everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from toolkit.display import n_recipients, when
from toolkit.errors import (
    Halted,
    LedgerTampered,
    LedgerUnavailable,
    LimitReached,
    ModeForbids,
    OutcomeUnknown,
    PlanNotFound,
    SendInterrupted,
    SendRefused,
    ServiceError,
    ToolkitError,
    UnexpectedReply,
)
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.plan_entry import Entry, claimed
from toolkit.plans.plan import Plan
from toolkit.plans.receipt import Receipt, StepReceipt
from toolkit.plans.states import StepState

# After this long a request that was sent cannot have an effect any more. Ours times out after a minute; gateways end
# theirs within five, and a service that had accepted it has created the campaign by then. Twice that, to be sure.
IN_FLIGHT = timedelta(minutes=10)
NOTHING = "Nothing was sent."
_PASSING = (ServiceError, Halted, LimitReached, ModeForbids)  # errors that end a send, not the plan


class SendProgress:
    """What is known of a plan while this process sends it: from the ledger, and from what happened here since."""

    def __init__(self, ledger: Ledger, plan_id: str) -> None:
        self._ledger = ledger
        self._plan_id = plan_id
        self._entry: Entry | None = None
        self._seen: dict[int, StepState] = {}

    @property
    def has_sent(self) -> bool:
        """This process has sent a step."""
        return "sent" in self._seen.values()

    def look(self) -> Entry:
        """The plan as the ledger has it now."""
        self._entry = self._ledger.entry(self._plan_id)
        return self._entry

    @property
    def way_on(self) -> str:
        """What to do after an interruption, about a step of unknown outcome or a plan of which nothing was sent."""
        states = set(self._states())
        if states & {"sending", "unknown"}:
            return f" `seax reconcile {self._plan_id}` checks its outcome, in a few minutes."
        if self._entry and states == {"waiting"}:
            return f" Sending the same plan again before {when(self._entry.plan.expires_at, '%H:%M')} sends it."
        return ""

    def note(self, step: int, state: StepState) -> None:
        """Keep the outcome of a step, in case the ledger cannot."""
        self._seen[step] = state

    def statement(self, *, can_go_on: bool, is_readable: bool = True) -> str:
        """What was sent of the plan, even if the ledger can no longer be used; empty if it never could."""
        try:
            if is_readable:
                self.look()
        except PlanNotFound:
            return NOTHING
        except ToolkitError:
            pass  # what was seen before it failed is still true
        if self._entry is None:
            return ""
        return statement(self._entry.plan, self._states(), can_go_on=can_go_on)

    def _states(self) -> list[StepState]:
        """The state of each step, as far as known."""
        steps = list(self._entry.steps) if self._entry else []
        for step, state in self._seen.items():
            steps[step - 1] = state
        return steps


@contextmanager
def stating(progress: SendProgress) -> Iterator[None]:
    """The one place where whatever ends a send gets the statement of how much was sent."""
    try:
        yield
    except ToolkitError as error:
        if not error.statement:
            is_readable = not isinstance(error, (LedgerTampered, LedgerUnavailable))
            error.statement = progress.statement(can_go_on=isinstance(error, _PASSING), is_readable=is_readable)
        raise
    except KeyboardInterrupt as error:
        raise SendInterrupted(f"Interrupted. {progress.statement(can_go_on=True)}{progress.way_on}") from error
    except Exception as error:  # whatever ended a send, what was sent is stated
        words = f"Sending ended in a bug of the toolkit ({type(error).__name__}: {error}): please report it."
        fault = SendRefused(words)
        fault.statement = progress.statement(can_go_on=False)
        raise fault from error


def statement(plan: Plan, steps: Sequence[StepState], *, can_go_on: bool) -> str:
    """How many steps of a plan were sent, how many have an unknown outcome, and how many remain."""
    sent, unknown, waiting = (
        [step for step, state in zip(plan.steps, steps, strict=True) if state in among]
        for among in ({"sent"}, {"sending", "unknown"}, {"waiting"})
    )
    if not sent and not unknown:
        return NOTHING
    if len(steps) == 1:
        return "All of it was handed to the service." if sent else "Whether it arrived is not known."
    said = [
        f"{len(sent):,} of {len(steps):,} steps ({sum(step.recipients for step in sent):,} of "
        f"{n_recipients(plan.recipients)}) {'was' if len(sent) == 1 else 'were'} handed to the service"
    ]
    if unknown:
        said.append(f"whether {_counted(unknown)} arrived is not known")
    if waiting:
        said.append(f"{_counted(waiting)} {'remains' if len(waiting) == 1 else 'remain'}")
    go_on = f" Sending the same plan again before {when(plan.expires_at, '%H:%M')} continues with the rest."
    return f"{'; '.join(said)}.{go_on if can_go_on and waiting and not unknown else ''}"


def nothing_sent(entry: Entry) -> str:
    """That nothing was sent by this call, and what was sent of the plan before it."""
    before = statement(entry.plan, entry.steps, can_go_on=False)
    return before if before == NOTHING else f"Nothing was sent now. {before}"


def earlier(ledger: Ledger, entry: Entry, *, now: datetime, has_sent: bool = False) -> Receipt:
    """The receipt of a plan that was sent before; OutcomeUnknown if its outcome is unknown, or not known yet."""
    if entry.state in {"sent", "partial", "stopped"} and entry.receipt is not None:
        return entry.receipt if has_sent else entry.receipt.model_copy(update={"repeated": True})
    error = OutcomeUnknown(on_its_way(ledger, entry, now=now))
    error.statement = "" if has_sent else "Nothing was sent now."
    raise error


def on_its_way(ledger: Ledger, entry: Entry, *, now: datetime) -> str:
    """What to do about a plan that was sent and whose outcome is unknown: wait while another process may send it."""
    plan = entry.plan
    named = f"{plan.draft.name!r} was sent earlier as plan {plan.id}"
    if "sending" in entry.steps:
        left_at, _ = claimed(ledger.events(plan.id), entry.steps.index("sending") + 1)
        if now < left_at + IN_FLIGHT:
            return (
                f"{named}, at {when(left_at, '%H:%M:%S')}, and its outcome is not known yet: another process is "
                "sending it, or was stopped while it did. Wait, and check `seax plans`. If its state is still sending "
                f"after {when(left_at + IN_FLIGHT, '%H:%M')}, `seax reconcile {plan.id}` checks its outcome."
            )
    return (
        f"{named} and its outcome is unknown: check in SeaX, and settle it with `seax reconcile {plan.id}`. "
        "It is not sent again."
    )


def not_kept(receipt: StepReceipt, plan: Plan, error: Exception, *, is_kept: bool) -> str:
    """That a step was sent and the ledger could not be updated: what is known of it, whether it `is_kept` in this home
    until the ledger is back, and what to do."""
    reason = error.reason if isinstance(error, ToolkitError) else f"{type(error).__name__}: {error}."
    match receipt.state:
        case "sent":
            known = f"The request was sent, and the service accepted it{_as(receipt.reference)}"
            then = f"`seax reconcile {plan.id}{f' --found {receipt.reference}' if receipt.reference else ''}`"
        case "waiting" | "refused":
            known = f"The service rejected the request ({receipt.detail})"
            then = f"`seax reconcile {plan.id} --nothing`, which lets it be planned again"
        case _:
            known = f"The request was sent and no definite answer came ({receipt.detail})"
            then = f"`seax reconcile {plan.id}`, which checks its outcome"
    if is_kept:
        return (
            f"{known}, which could not be recorded. {reason} It is kept in this home and not sent again: when the "
            f"ledger can be used, `seax reconcile {plan.id}` records it."
        )
    return (
        f"{known}, which could not be recorded. {reason} It is not sent again: when the ledger can be used, run {then}."
    )


def cause_of(error: BaseException) -> str:
    """Why no definite answer came, without advice to try again."""
    match error:
        case UnexpectedReply():
            return str(error)
        case ServiceError(status=int(status)):
            return f"the service answered with status {status}"
        case ServiceError():
            return f"the connection broke before an answer came: {type(error.__cause__).__name__}"
        case KeyboardInterrupt():
            return "it was interrupted"
    return f"{type(error).__name__}: {error}"


def _as(reference: str | None) -> str:
    return f" as {reference}" if reference else ""


def _counted(steps: Sequence[object]) -> str:
    return f"{len(steps):,} {'step' if len(steps) == 1 else 'steps'}"
