"""`seax drafts` and `seax segments`: work that is kept between sessions, as every interface offers it."""

from __future__ import annotations

from typing import Annotated

import typer

from toolkit.cli.terminal import AsJson, connected, console, say, say_json
from toolkit.errors import DraftError, SettingsError


def drafts(
    name: Annotated[str, typer.Argument(help="A draft to show; all are listed if not given.")] = "",
    plan: Annotated[bool, typer.Option("--plan", help="Plan it; `seax approve` and `seax send` come after.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove it.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the campaigns that somebody is still writing, the latest first; show, plan or remove one of them."""
    from rich.table import Column, Table
    from rich.text import Text

    from toolkit.display import plain, when

    if (plan or remove) and (not name or plan == remove):
        raise SettingsError("Name the draft, and either --plan or --remove: nothing was done.")
    with connected() as ws:
        if remove:
            if not ws.drafts.remove(name):
                raise DraftError(f"No draft {plain(name)!r} is kept here: `seax drafts` lists them.")
            say(f"Removed: {plain(name)}.")
        elif plan:
            made = ws.plan(ws.drafts[name])
            say_json(made.model_dump(mode="json")) if as_json else say(str(made))
        elif name:
            draft = ws.drafts[name]
            say_json(draft.model_dump(mode="json")) if as_json else say(
                draft.model_dump_json(indent=2, exclude_defaults=True)
            )
        elif as_json:
            say_json([kept.model_dump(mode="json") for kept in ws.drafts.kept()])
        elif not (listed := ws.drafts.kept()):
            say("No draft is kept here: the builder in a notebook and ws.drafts keep them.")
        else:
            table = Table("draft", Column("written", no_wrap=True), "by", "state")
            for kept in listed:
                state = "complete" if kept.draft else "not complete"
                table.add_row(Text(plain(kept.name)), when(kept.at), Text(plain(kept.by)), state)
            console.print(table)


def segments(
    name: Annotated[str, typer.Argument(help="A segment to show; all are listed if not given.")] = "",
    rule: Annotated[
        str, typer.Option(help="Keep this rule under the name, as 'labels:vip and not delivered in 30d'.")
    ] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Remove it.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the segments that have a name, which rules may use as segment:NAME; show, keep or remove one of them."""
    from rich.table import Table
    from rich.text import Text

    from toolkit.display import plain

    if (rule or remove) and (not name or (rule and remove)):
        raise SettingsError("Name the segment, and either --rule or --remove: nothing was done.")
    with connected() as ws:
        if remove:
            del ws.segments[name]
            say(f"Removed: {plain(name)}.")
            return
        if rule:
            author = ws.segments.author(name)
            ws.segments[name] = ws.segments.parse(rule)
            if author and not as_json:
                say(f"It replaces what {plain(author)} kept under this name.")
        if name:
            found = ws.segments[name]
            say_json({"name": name, "rule": str(found)}) if as_json else say(
                f"{plain(str(found))}\n{plain(found.explain())}"
            )
        elif as_json:
            say_json([{"name": each, "rule": str(found)} for each, found in ws.segments.items()])
        elif not (listed := list(ws.segments.items())):
            say("No segment has a name here: `seax segments NAME --rule RULE` gives one.")
        else:
            table = Table("segment", "rule", "by")
            for each, found in listed:
                table.add_row(Text(plain(each)), Text(plain(str(found))), Text(plain(ws.segments.author(each))))
            console.print(table)
