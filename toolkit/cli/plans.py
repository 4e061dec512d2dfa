"""Plans at the terminal: listed, approved, sent, closed and settled."""

from __future__ import annotations

from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.terminal import (
    AsJson,
    PlanId,
    connected,
    console,
    how_to_cancel,
    is_here,
    opened,
    say,
    say_error,
    say_json,
    typed_count,
    typed_passphrase,
    typed_word,
)
from toolkit.errors import SendInterrupted, SettingsError
from toolkit.platform_support import user_name

if TYPE_CHECKING:
    from toolkit.ledger.journal import Listed
    from toolkit.ledger.plan_entry import Entry


def plans(as_json: AsJson = False) -> None:
    """List the plans on this machine, newest first."""
    from rich.table import Column, Table
    from rich.text import Text

    from toolkit.display import plain, when

    journal, workspace = opened()
    journal.expire(workspace, datetime.now(UTC))
    listed = journal.listed(workspace)
    if as_json:
        say_json([plan.model_dump(mode="json") | {"state": state_of(plan)} for plan in listed])
        return
    table = Table(Column("plan", no_wrap=True), "name", "recipients", "state", "made")
    for plan in listed:
        name, made = Text(plain(plan.name)), when(plan.created_at)
        table.add_row(plan.id, name, f"{plan.recipients:,}", state_of(plan), made)
    console.print(table)


def approve(
    plan_id: PlanId,
    sign: Annotated[str | None, typer.Option(help="The approver who signs, with the passphrase of their key.")] = None,
) -> None:
    """Show a plan and approve it by typing its number of recipients.

    Whoever asked for it can then send it.
    """
    from toolkit.display import when

    with connected() as ws:
        plan = ws.ledger.open_plan(plan_id).plan
        say(str(plan))
        if sign:
            ws.approvals.sign_at_terminal(plan_id, approver=sign, ask=typed_count, ask_passphrase=typed_passphrase)
        else:
            ws.approvals.ask_at_terminal(plan_id, by=user_name(), ask=typed_count)
        console.print(
            f"\nApproved until {when(plan.expires_at, '%H:%M')}. To send it, let your assistant continue, or run "
            f"`seax send {plan_id}`.",
            soft_wrap=True,
        )


def inbox() -> None:
    """Open a page on this machine with the plans that wait for you, to approve or decline them, until Ctrl+C."""
    from toolkit.approval_page.page_server import ApprovalPage

    if not is_here():
        raise SettingsError("The page is for a person at a terminal: run `seax inbox` in one. Nothing was opened.")
    with connected() as ws, closing(ApprovalPage(ws, from_terminal=True)) as page:
        say(
            f"Open this address in a browser on this computer. It opens once, and is for you alone:\n\n"
            f"{page.address()}\n\nThe page closes with Ctrl+C, or after 30 minutes without a click."
        )
        with suppress(KeyboardInterrupt):
            page.wait()


def send(plan_id: PlanId) -> None:
    """Send an approved plan, once. One of several steps continues where it stopped."""
    with connected() as ws:
        try:
            receipt = ws.send(ws.approvals.latest(plan_id))
        except SendInterrupted as stop:
            raise typer.Exit(say_error(stop, 130)) from stop
        say(str(receipt))


def withdraw(plan_id: PlanId) -> None:
    """Close a plan that was not sent, or the rest of one sent in part."""
    with connected() as ws:
        is_ended = ws.ledger.close_plan(plan_id, "withdrawn", by=user_name(), via="terminal")
        ended = f"{'Closed' if is_ended else 'There was nothing to close'}: it is {state_of(ws.get_plan(plan_id))}."
        held = ws.ledger.scheduled_words(plan_id, cancel=how_to_cancel(ws))
        console.print(f"{ended} {held}".strip(), markup=False, soft_wrap=True)


def events(plan_id: PlanId, as_json: AsJson = False) -> None:
    """Show the history of a plan: when, what, who, from where."""
    from rich.table import Column, Table
    from rich.text import Text

    from toolkit.display import plain, when

    journal, workspace = opened()
    journal.check_known(plan_id, workspace)
    happened = journal.events(plan_id)
    if as_json:
        say_json([event.model_dump(mode="json") for event in happened])
        return
    table = Table(Column("at", no_wrap=True), "what", "step", "state", "who", "via", "detail")
    for event in happened:
        step = "" if event.step is None else str(event.step)
        said = (event.event, step, event.state, event.who, event.via, event.detail)
        table.add_row(when(event.at, "%Y-%m-%d %H:%M:%S"), *(Text(plain(word)) for word in said))
    console.print(table)


def reconcile(
    plan_id: PlanId,
    found: Annotated[str | None, typer.Option(help="The id of the campaign, message or job found in SeaX.")] = None,
    nothing: Annotated[bool, typer.Option("--nothing", help="You looked in SeaX, and it is not there.")] = False,
) -> None:
    """Settle a plan of unknown outcome.

    The service is asked, or you say what you found in SeaX.

    That it is not there has to be typed at a terminal; it is accepted once nothing of it can appear any more, and if
    the service, asked once more, has nothing of it. Then the draft can be planned again.
    """
    if found is not None and nothing:
        raise SettingsError("Give what you found in SeaX: --found ID, or --nothing.")
    with connected() as ws:
        receipt = ws.ledger.reconcile(
            plan_id,
            found=found if found or nothing else ...,
            by=user_name(),
            ask=typed_word if nothing else None,
        )
        console.print(str(receipt), markup=False, soft_wrap=True)


def state_of(entry: Entry | Listed) -> str:
    """The state of a plan; accepted by the service and starting later is scheduled."""
    if entry.receipt and entry.receipt.is_canceled:
        return "canceled"
    return "scheduled" if entry.receipt and entry.receipt.status == "scheduled" else entry.state
