"""A team's ledger in PostgreSQL, for whoever administers it: made, examined, and filled from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toolkit.cli.terminal import AsJson, is_here, named_ledger, say, say_json, settings, typed_word
from toolkit.errors import SettingsError
from toolkit.platform_support import user_name

ledger_app = typer.Typer(
    help="Make, examine and fill a team's ledger in PostgreSQL (SEAX_LEDGER).", no_args_is_help=True
)


@ledger_app.command("init")
def create() -> None:
    """Make the tables, triggers and roles in the database that SEAX_LEDGER names; its owner runs this once."""
    from toolkit.ledger.team.postgres_schema import ROLES
    from toolkit.ledger.team.postgres_setup import create_ledger

    create_ledger(_address())
    say(f"The ledger is made. Grant people and servers what they do: {', '.join(ROLES)}. Nobody works as its owner.")


@ledger_app.command("upgrade")
def upgrade() -> None:
    """Bring the ledger that SEAX_LEDGER names to this program's version; its owner runs this once."""
    from toolkit.ledger.team.postgres_setup import upgrade_ledger

    is_changed = upgrade_ledger(_address())
    say("The ledger is upgraded." if is_changed else "The ledger is of this program's version: nothing to do.")


@ledger_app.command("check")
def check(as_json: AsJson = False) -> None:
    """Check every row against its events, and show what this login may do; status 1 if something was edited."""
    _address()
    journal = named_ledger()
    audit = journal.verify()
    if as_json:
        say_json({"is_whole": audit.is_whole, "login": str(journal.access()), **audit.model_dump(mode="json")})
    else:
        say(f"Your {journal.access()}.\n{audit}")
    if not audit.is_whole:
        raise typer.Exit(1)


@ledger_app.command("recover")
def recover() -> None:
    """Write into a restored ledger again what was sent from this home and it has forgotten; sends nothing.

    A person at this terminal types that they have checked in SeaX what was sent.
    """
    _address()
    journal = named_ledger()
    gone = journal.forgotten()
    if not gone:
        say("The ledger has everything that was sent from this home: nothing to do.")
        return
    for claim in gone:
        say(f"  {claim}")
    if not is_here():
        raise SettingsError("A person must have checked these in SeaX: run this in a terminal.")
    if typed_word("Type checked if you looked for each of these in SeaX; anything else changes nothing") != "checked":
        raise SettingsError("Nothing was changed: checked was not typed.")
    for recovered in journal.recover(by=user_name()):
        say(str(recovered))


@ledger_app.command("copy")
def copy(
    file: Annotated[Path, typer.Argument(help="The SQLite file, ledger.sqlite3, with its key beside it.")],
) -> None:
    """Copy a file's plans, approvals and events, with their seals, into the empty ledger that SEAX_LEDGER names."""
    from toolkit.display import number_of
    from toolkit.ledger.team.postgres_setup import copy_ledger

    if not file.is_file():
        raise SettingsError(f"{file} does not exist: give the path of a ledger's file.")
    copied = copy_ledger(file, _address())
    counts = f"{number_of(copied.plans, 'plan')} and {number_of(copied.events, 'event')}"
    say(
        f"{counts} were copied and match. Set SEAX_LEDGER wherever this file was used, and keep the file out of use: "
        "what is sent with it from now on is not known to the others."
    )


def _address() -> str:
    address = settings().ledger
    if not address:
        raise SettingsError("SEAX_LEDGER is not set: set it to postgresql://host/database, the address of the ledger.")
    try:
        import psycopg  # noqa: F401 — whether it is there
    except ImportError as error:
        raise SettingsError("`pip install 'seax-toolkit[postgresql]'` installs what speaks to PostgreSQL.") from error
    return address
