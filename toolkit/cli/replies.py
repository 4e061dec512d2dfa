"""Replies at the terminal: who asks for no more messages, and their suppression as a plan to approve."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Annotated

import typer

from toolkit.cli.terminal import AsJson, connected, console, say, say_json

_SHOWN = 50


def replies(
    days: Annotated[int, typer.Option(min=1, max=90, help="How many days back replies are read.")] = 7,
    suppress: Annotated[
        bool, typer.Option("--suppress", help="Plan to suppress all of them, for a person to approve.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List who asks for no more messages and can still be texted, the certain ones first."""
    from rich.table import Column, Table
    from rich.text import Text

    from toolkit.display import plain, when
    from toolkit.texting.numbering.phones import mask

    if as_json and suppress:
        raise typer.BadParameter("--json lists them, and --suppress plans: use one of the two.")
    with connected() as ws:
        found = ws.replies.opt_outs(ws.service_time() - timedelta(days=days))
        if as_json:
            shown = found.assign(phone=found["phone"].map(mask, na_action="ignore"))
            say_json(json.loads(shown.to_json(orient="records", date_format="iso")))
            return
        if found.empty:
            say(f"Nobody who can still be texted asked for no more messages in the last {days} days.")
            return
        table = Table("sure", "phone", Column("at", no_wrap=True), "what they wrote")
        for row in found.head(_SHOWN).to_dict("records"):
            phone = mask(row["phone"]) if isinstance(row["phone"], str) else ""
            written = Text(plain(row["text"]))
            table.add_row(str(row["opt_out"]), phone, when(row["created_time"].to_pydatetime()), written)
        console.print(table)
        counts = found["opt_out"].value_counts()
        likely = f"{counts['likely']:,} likely, to be read by a person"
        say(f"{len(found):,} people: {counts['certain']:,} certain, {likely}.")
        if not suppress:
            say("To plan their suppression, run this again with --suppress.")
            return
        plan = ws.plan(ws.replies.suppress(found))
        say(f"Planned as {plan.id}: `seax approve {plan.id}`, then `seax send {plan.id}`. Nothing was changed yet.")
