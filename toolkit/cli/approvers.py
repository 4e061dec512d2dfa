"""Approvers and their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.terminal import AsJson, console, is_here, say_json, settings, typed_passphrase
from toolkit.errors import SettingsError

if TYPE_CHECKING:
    from toolkit.sending.approver_keys import Approvers

approver_app = typer.Typer(help="Approvers and their signing keys.", no_args_is_help=True)


@approver_app.command("create")
def create_approver(name: Annotated[str, typer.Argument(help="A short name, such as ana.")]) -> None:
    """Create the key that somebody signs plans with.

    The passphrase is typed here and not stored.
    """
    passphrase = typed_passphrase()
    if passphrase != typed_passphrase("Repeat passphrase"):
        raise SettingsError("The two passphrases differ: no key was created. Run the command again.")
    keys = approver_keys()
    key = keys.create(name, passphrase)
    console.print(
        f"{name} signs with key {key}: `seax approve PLAN --sign {name}`. The private key is in {keys.folder}.\n"
        f"On a live workspace it counts once it is pinned: `seax approver pin {name}` here, or, so that nobody on this "
        f"account can pin another, SEAX_APPROVERS={key} where the sender is started (all accepted keys, with commas).",
        soft_wrap=True,
    )


@approver_app.command("pin")
def pin_approver(name: Annotated[str, typer.Argument(help="An approver, as `seax approver list` shows them.")]) -> None:
    """Accept an approver's signature on live workspaces.

    A person at this terminal types the name again.
    """
    keys = approver_keys()
    if not is_here():
        raise SettingsError("A key must be pinned by a person at a terminal: open a terminal. Nothing was pinned.")
    key = keys.names().get(name, "no key")
    console.print(f"{name} has {key}. Compare it with their own fingerprint.", highlight=False)
    if str(typer.prompt("Type the name again to pin the key; anything else cancels")).strip() != name:
        raise SettingsError("The name was not typed: nothing was pinned.")
    console.print(f"Pinned: signatures of {name} with {keys.pin(name)} count on live workspaces.", soft_wrap=True)


@approver_app.command("list")
def list_approvers(as_json: AsJson = False) -> None:
    """List the approvers, with the fingerprint of each key."""
    keys = approver_keys()
    if as_json:
        rows = [{"name": name, "key": key, "counts": key in keys.pinned} for name, key in keys.names().items()]
        say_json(rows)
        return
    for name, key in keys.names().items():
        where = "is not pinned: it does not count on live workspaces" if keys.named is None else "not in SEAX_APPROVERS"
        console.print(f"{name}  {key}{'' if key in keys.pinned else f'  {where}'}")


def approver_keys() -> Approvers:
    """The keys of those who sign on this machine."""
    from toolkit.sending.approver_keys import Approvers

    here = settings()
    return Approvers(here.approvers_path, here.approvers)
