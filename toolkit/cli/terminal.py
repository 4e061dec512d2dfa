"""The person at the terminal: what they see, what they type, and their workspace."""

from __future__ import annotations

import getpass
import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from toolkit.errors import LedgerUnavailable, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import SecretStr

    from toolkit.ledger.journal import Journal
    from toolkit.sending.kill_switch import KillSwitch
    from toolkit.settings import Settings
    from toolkit.workspace import Workspace

console = Console(emoji=False)  # :wave: in a text is not replaced
PlanId = Annotated[str, typer.Argument(help="The plan's id, as `seax plans` shows it.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs: JSON on standard output, and nothing else.")]


def settings() -> Settings:
    """What the environment says, loaded by the command that asks; SettingsError if it is wrong."""
    from toolkit.settings import Settings

    return Settings.from_environment()


def opened() -> tuple[Journal, str]:
    """The ledger, and the address of the workspace that the environment names; nothing else is loaded or opened."""
    here = settings()
    return _journal(here.ledger_place, here.home), here.workspace


def named_ledger() -> Journal:
    """The team's ledger if SEAX_LEDGER names one, with or without a key; else that of the workspace."""
    here = settings()
    return _journal(here.ledger or here.ledger_path, here.home)


def switch_here() -> KillSwitch:
    """What stops sending here, and with it that of a team whose ledger is used here."""
    from toolkit.sending.kill_switch import KillSwitch

    here = settings()
    is_shared = here.ledger_place != here.ledger_path
    return KillSwitch(here.home, _journal(here.ledger_place, here.home) if is_shared else None)


def connected() -> Workspace:
    """The workspace configured in the environment."""
    from toolkit.workspace import connect

    return connect(face="terminal")


def say(text: str) -> None:
    """Print a text literally."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def say_json(content: object) -> None:
    """Print output for programs, in ASCII, so that any terminal and any pipe accepts it."""
    say(json.dumps(content, indent=2))


def say_error(error: BaseException, status: int) -> int:
    """Print an error on stderr, and return the exit status."""
    Console(stderr=True, emoji=False).print(str(error), style="bold red", markup=False, highlight=False, soft_wrap=True)
    return status


def how_to_cancel(ws: Workspace) -> str:
    """How a campaign is canceled at the terminal, where the service can."""
    from toolkit.settings import allows

    return f"To cancel one, run `seax cancel` with its id{'' if allows(ws.mode, 'test') else ' and SEAX_MODE=test'}."


def is_here() -> bool:
    """A person is at this terminal."""
    return sys.stdin.isatty()


def typed_passphrase(prompt: str = "Passphrase") -> SecretStr:
    """A passphrase from the person at the terminal, and from nowhere else; it is not shown."""
    if not is_here():
        raise SettingsError("A passphrase must be typed at a terminal: run this in a terminal. Nothing was done.")
    from pydantic import SecretStr

    return SecretStr(getpass.getpass(f"{prompt}: "))


def typed_word(prompt: str) -> str:
    """One line."""
    return str(typer.prompt(f"{prompt}\n"))


def typed_count() -> str:
    """The number of recipients that the person approves."""
    return str(typer.prompt("\nType the number of recipients to approve; anything else cancels"))


def _journal(place: Path | str, home: Path) -> Journal:
    from toolkit.ledger.journal import Journal

    try:
        return Journal(place, home)
    except LedgerUnavailable as error:
        raise SettingsError(str(error)) from error
