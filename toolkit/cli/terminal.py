"""Whoever sits at the terminal: what they are shown, what they type, and the workspace they work on."""

from __future__ import annotations

import getpass
import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr
from rich.console import Console

from toolkit.errors import SettingsError

if TYPE_CHECKING:
    from toolkit.workspace import Workspace

console = Console(emoji=False)  # :wave: in a text stays what it is
PlanId = Annotated[str, typer.Argument(help="The plan's id, as `seax plans` shows it.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs: JSON on standard output, and nothing else.")]


def connected() -> Workspace:
    """The workspace that the environment names."""
    from toolkit.workspace import connect

    return connect(face="terminal")


def say(text: str) -> None:
    """Show a text as it is."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def say_json(content: object) -> None:
    """Show what a program reads; every character of it is ASCII, so that any terminal and any pipe takes it."""
    say(json.dumps(content, indent=2))


def say_error(error: BaseException, status: int) -> int:
    """Show on stderr what went wrong, and return the exit status."""
    Console(stderr=True, emoji=False).print(str(error), style="bold red", markup=False, highlight=False, soft_wrap=True)
    return status


def is_here() -> bool:
    """A person is at this terminal."""
    return sys.stdin.isatty()


def typed_passphrase(prompt: str = "Passphrase") -> SecretStr:
    """A passphrase from the person at the terminal, and from nowhere else; it is not shown."""
    if not is_here():
        raise SettingsError("A passphrase is typed at a terminal, and there is none here. Nothing was done.")
    return SecretStr(getpass.getpass(f"{prompt}: "))


def typed_word(prompt: str) -> str:
    """One line."""
    return str(typer.prompt(f"{prompt}\n"))


def typed_count() -> str:
    """The number of recipients that the person approves."""
    return str(typer.prompt("\nType the number of recipients to approve; anything else approves nothing"))
