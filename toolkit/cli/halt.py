"""The kill switch at the terminal, and canceling what the service has already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.terminal import connected, console, how_to_cancel, is_here, say, say_error, settings, switch_here
from toolkit.errors import Halted, SettingsError, ToolkitError
from toolkit.platform_support import user_name

if TYPE_CHECKING:
    from toolkit.models import Campaign
    from toolkit.workspace import Workspace


def halt(why: Annotated[str, typer.Argument(help="Why, for whoever finds it halted.")] = "") -> None:
    """Stop everything not sent yet, from every interface on this machine or of the team whose ledger is used here, and
    offer to cancel what still goes on."""
    from toolkit.sending.kill_switch import KillSwitch

    here = settings()
    KillSwitch(here.home).halt(by=user_name(), why=why)  # asks no server
    whose = ""
    if here.ledger_place != here.ledger_path:
        try:
            switch_here().halt(by=user_name(), why=why)
            whose = ", from any home of the team,"
        except ToolkitError as error:
            say_error(error, 1)
            say("So this home alone is halted: run `seax halt` again when the team's ledger is back.")
    say(
        f"Halted: nothing more is sent{whose} until `seax resume`. What was already sent to the service cannot be "
        "recalled."
    )
    if here.ledger_place != here.ledger_path or here.ledger_path.exists():
        try:
            with connected() as ws:
                _show_going(ws, why)
        except ToolkitError as error:
            say_error(error, 1)
            console.print("So it is not known here what the service has scheduled: check in SeaX.")


def _show_going(ws: Workspace, why: str) -> None:
    """Show what was sent from here and goes on, as the service reports it, else as the ledger has it."""
    from toolkit.sending.scheduled import held_words

    held = ws.ledger.scheduled()
    going: list[Campaign] = []
    try:
        if ws.ledger.can_cancel:
            going = ws.ledger.unfinished()
            held = [each for each in held if not each.campaign_id]
    except ToolkitError as error:
        say_error(error, 1)
        say("So what the service is sending now is not known here: check in SeaX.")
    if held:
        say(held_words(held))
    if going:
        _offer_cancel(ws, going, why)


def _offer_cancel(ws: Workspace, going: list[Campaign], why: str) -> None:
    """Show campaigns that are scheduled or running, and cancel each if the person types so and may."""
    from toolkit.display import plain, when
    from toolkit.settings import allows

    say("Sent from here before, and not halted by this:")
    for each in going:
        counted = each.statistics
        sent = f", {counted.sent:,} of {counted.total:,} sent" if counted else ""
        starts = f", starts {when(each.start_time)}" if each.start_time and not (counted and counted.sent) else ""
        say(f"  {each.id}  {plain(each.name)!r}, {plain(each.status)}{sent}{starts}")
    if not (is_here() and allows(ws.mode, "test")):
        say(how_to_cancel(ws))
        return
    if str(typer.prompt("Type cancel to cancel them all; anything else lets them go on")).strip() != "cancel":
        say(f"They go on. {how_to_cancel(ws)}")
        return
    for each in going:
        try:
            say(str(ws.cancel(each.id, why=why)))
        except ToolkitError as error:
            say(f"{each.id} could not be canceled: {error}")


def cancel(
    campaign_id: Annotated[str, typer.Argument(help="The campaign's id, as its receipt shows it.")],
    why: Annotated[str, typer.Option(help="Why, for whoever reads the ledger.")] = "",
) -> None:
    """Cancel a campaign that is scheduled or running; shows how many had been sent, who cannot be recalled."""
    with connected() as ws:
        done = ws.cancel(campaign_id, why=why)
    say(str(done))
    if not done.is_canceled:
        raise typer.Exit(1)


def resume() -> None:
    """Resume sending after `seax halt`. A person at this terminal types the word."""
    switch = switch_here()
    if (reason := switch.reason) is None:
        console.print("Sending is not halted.")
        return
    if not is_here():
        raise SettingsError("Sending stays halted: a person must type the word at a terminal. Run this in a terminal.")
    say(f"Halted by {reason}")
    if str(typer.prompt("Type resume to resume sending; anything else keeps it halted")).strip() != "resume":
        raise Halted("Sending stays halted: resume was not typed.")
    switch.resume(by=user_name())
    say(
        "Sending is resumed."
        + (
            " Where `seax halt` was run in another home of the team, run `seax resume`, too."
            if switch.is_shared
            else ""
        )
    )
