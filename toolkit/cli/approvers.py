"""Those who sign plans, and their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.terminal import AsJson, console, is_here, say_json, typed_passphrase
from toolkit.errors import SettingsError
from toolkit.settings import Settings

if TYPE_CHECKING:
    from toolkit.sending.keys import Approvers

approver_app = typer.Typer(help="Who signs plans, and their keys.", no_args_is_help=True)


@approver_app.command("create")
def create_approver(name: Annotated[str, typer.Argument(help="A short name, such as ana.")]) -> None:
    """Make the key that somebody signs plans with; the passphrase is typed here and kept nowhere."""
    passphrase = typed_passphrase()
    if passphrase != typed_passphrase("The same again"):
        raise SettingsError("The two passphrases differ: no key was made.")
    keys = _approvers()
    key = keys.create(name, passphrase)
    console.print(
        f"{name} signs with key {key}: `seax approve PLAN --sign {name}`. The private key is in {keys.folder}.\n"
        f"On a real workspace it counts once it is pinned: `seax approver pin {name}` here, or, so that nobody on this "
        f"account can pin another, SEAX_APPROVERS={key} where what sends is started (all that count, with commas).",
        soft_wrap=True,
    )


@approver_app.command("pin")
def pin_approver(name: Annotated[str, typer.Argument(help="An approver, as `seax approver list` shows them.")]) -> None:
    """Let an approver's signature count on real workspaces: a person at this terminal types the name again."""
    keys = _approvers()
    if not is_here():
        raise SettingsError("A key is pinned by a person at a terminal, and there is none here. Nothing was pinned.")
    key = keys.names().get(name, "no key")
    console.print(f"{name} has {key}. Compare it with the fingerprint that they have.", highlight=False)
    if str(typer.prompt("Type the name again to pin the key; anything else pins nothing")).strip() != name:
        raise SettingsError("The name was not typed: nothing was pinned.")
    console.print(f"Pinned: what {name} signs with {keys.pin(name)} counts on real workspaces.", soft_wrap=True)


@approver_app.command("list")
def list_approvers(as_json: AsJson = False) -> None:
    """List who can sign, with the fingerprint of each key."""
    keys = _approvers()
    if as_json:
        rows = [{"name": name, "key": key, "counts": key in keys.pinned} for name, key in keys.names().items()]
        say_json(rows)
        return
    for name, key in keys.names().items():
        where = "is not pinned, and counts on no real workspace" if keys.named is None else "not in SEAX_APPROVERS"
        console.print(f"{name}  {key}{'' if key in keys.pinned else f'  {where}'}")


def _approvers() -> Approvers:
    from toolkit.sending.keys import Approvers

    settings = Settings.from_environment()
    return Approvers(settings.approvers_path, settings.approvers)
