"""The ledger, held against its own chain of events and against a line that was kept elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer

from toolkit.cli.terminal import AsJson, connected, say, say_json, typed_passphrase

audit_app = typer.Typer(help="What the ledger says, held against itself.", no_args_is_help=True)


@audit_app.command("anchor")
def anchor_audit(
    sign: Annotated[str, typer.Option(help="The approver who signs it, with the passphrase of their key.")] = "",
) -> None:
    """Print the last seal as a line to keep elsewhere, on paper or in a mail: it shows later what is as it was now."""
    with connected() as ws:
        line = ws.anchor(approver=sign, passphrase=typed_passphrase() if sign else None)
    say(line)


@audit_app.command("verify")
def verify_audit(
    anchor: Annotated[str, typer.Option(help="A line of `seax audit anchor` that was kept elsewhere.")] = "",
    as_json: AsJson = False,
) -> None:
    """Hold every row of the ledger against its chain of events; status 1 if something was edited."""
    with connected() as ws:
        audit = ws.audit(anchor)
    if as_json:
        say_json({"is_whole": audit.is_whole, **audit.model_dump(mode="json")})
    else:
        say(str(audit))
    if not audit.is_whole:
        raise typer.Exit(1)
