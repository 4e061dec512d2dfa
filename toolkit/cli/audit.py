"""The ledger, checked against its own chain of events and against a line kept elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from toolkit.cli.approvers import approver_keys
from toolkit.cli.terminal import AsJson, named_ledger, say, say_json, typed_passphrase

audit_app = typer.Typer(help="Check the ledger against its own events.", no_args_is_help=True)


@audit_app.command("anchor")
def anchor_audit(
    sign: Annotated[str, typer.Option(help="The approver who signs it, with the passphrase of their key.")] = "",
) -> None:
    """Print the latest seal as a line to keep elsewhere.

    On paper or in a mail, it later proves what is unchanged.
    """
    journal = named_ledger()
    anchor = journal.anchor(datetime.now(UTC))
    say(str(approver_keys().sign_anchor(anchor, sign, typed_passphrase()) if sign else anchor))


@audit_app.command("verify")
def verify_audit(
    anchor: Annotated[str, typer.Option(help="A line of `seax audit anchor` that was kept elsewhere.")] = "",
    as_json: AsJson = False,
) -> None:
    """Check every row of the ledger against its chain of events.

    Status 1 if something was edited.
    """
    from toolkit.ledger.anchor import read_anchor

    journal = named_ledger()
    given = read_anchor(anchor) if anchor else None
    if given:
        approver_keys().verify_anchor(given)
    audit = journal.verify(given)
    if as_json:
        say_json({"is_whole": audit.is_whole, **audit.model_dump(mode="json")})
    else:
        say(str(audit))
    if not audit.is_whole:
        raise typer.Exit(1)
