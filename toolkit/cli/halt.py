"""The kill switch at the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from toolkit.cli.terminal import connected, console, is_here, say, say_error, settings
from toolkit.errors import Halted, SettingsError, ToolkitError
from toolkit.platform_support import user_name


def halt(why: Annotated[str, typer.Argument(help="Why, for whoever finds it halted.")] = "") -> None:
    """Stop everything not sent yet, from every interface. Safe to repeat; it holds on this machine."""
    from toolkit.sending.kill_switch import KillSwitch
    from toolkit.sending.scheduled import held_words

    here = settings()
    KillSwitch(here.home).halt(by=user_name(), why=why)
    console.print(
        "Halted: nothing more is sent until `seax resume`. What was already sent to the service cannot be recalled.",
        soft_wrap=True,
    )
    if here.ledger or here.ledger_path.exists():
        try:
            with connected() as ws:
                if held := held_words(ws.ledger.scheduled()):
                    say(held)
        except ToolkitError as error:
            say_error(error, 1)
            console.print("So it is not known here what the service has scheduled: check in SeaX.")


def resume() -> None:
    """Resume sending after `seax halt`. A person at this terminal types the word."""
    from toolkit.sending.kill_switch import KillSwitch

    switch = KillSwitch(settings().home)
    if (reason := switch.reason) is None:
        console.print("Sending is not halted.")
        return
    if not is_here():
        raise SettingsError("Sending stays halted: a person must type the word at a terminal. Run this in a terminal.")
    say(f"Halted by {reason}")
    if str(typer.prompt("Type resume to resume sending; anything else keeps it halted")).strip() != "resume":
        raise Halted("Sending stays halted: resume was not typed.")
    switch.resume()
    console.print("Sending is resumed.")
