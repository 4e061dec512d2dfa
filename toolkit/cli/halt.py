"""The kill switch at the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from toolkit.cli.terminal import connected, console, is_here, say, say_error
from toolkit.errors import Halted, SettingsError, ToolkitError
from toolkit.machine import user_name
from toolkit.settings import Settings


def halt(why: Annotated[str, typer.Argument(help="Why, for whoever finds it halted.")] = "") -> None:
    """Stop everything that has not been posted yet, from every face on this machine. Safe to repeat."""
    from toolkit.sending.halt import KillSwitch
    from toolkit.sending.scheduled import held_words

    settings = Settings.from_environment()
    KillSwitch(settings.home).halt(by=user_name(), why=why)
    console.print(
        "Halted: nothing more is handed over until `seax resume`. What was handed over before cannot be recalled.",
        soft_wrap=True,
    )
    if settings.ledger_path.exists():
        try:
            with connected() as ws:
                if held := held_words(ws.scheduled()):
                    say(held)
        except ToolkitError as error:
            say_error(error, 1)
            console.print("So it is not known here what the service holds and starts later: look in SeaX.")


def resume() -> None:
    """Let sending go on after `seax halt`: a person at this terminal types the word."""
    from toolkit.sending.halt import KillSwitch

    switch = KillSwitch(Settings.from_environment().home)
    if (reason := switch.reason) is None:
        console.print("Sending is not halted.")
        return
    if not is_here():
        raise SettingsError("Sending stays halted: a person types the word at a terminal, and there is none here.")
    say(f"Halted by {reason}")
    if str(typer.prompt("Type resume to let sending go on; anything else leaves it halted")).strip() != "resume":
        raise Halted("Sending stays halted: resume was not typed.")
    switch.resume()
    console.print("Sending may go on.")
