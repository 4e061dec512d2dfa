"""The terminal: `seax demo`, `seax sandbox`, `seax plans`, `seax approve`, `seax halt`, `seax resume`.

Commands show and ask; what they do is in `toolkit.workspace`. Heavy modules are imported by the command that needs
them. Mistakes end in one sentence on stderr and exit status 2, refusals in status 1.
"""

from __future__ import annotations

import getpass
import signal
import socket
import sys
from contextlib import suppress
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from toolkit.errors import SendRefused, SettingsError, ToolkitError
from toolkit.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False, help=__doc__)
sandbox_app = typer.Typer(help="The embedded workspace: serve it on this machine, or make one of any size.")
app.add_typer(sandbox_app, name="sandbox")
console = Console()


@app.command()
def demo(
    yes_recipients: Annotated[
        int | None, typer.Option(help="The number of recipients you approve, where no terminal can ask.")
    ] = None,
) -> None:
    """Import contacts, plan a campaign, approve it, send it and watch it, on an embedded workspace of its own."""
    from toolkit.demo import run

    run(console, recipients=yes_recipients, ask=_typed_count)


@sandbox_app.callback(invoke_without_command=True)
def sandbox(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port on 127.0.0.1.")] = 8765,
    speed: Annotated[
        float | None, typer.Option(min=0.001, help="How many times faster its clock runs meanwhile.")
    ] = None,
    requests_per_minute: Annotated[
        int | None, typer.Option(min=1, help="How many requests a minute it serves; the others get a 429.")
    ] = None,
) -> None:
    """Serve the embedded workspace on 127.0.0.1 for curl and other programs, until Ctrl+C."""
    if context.invoked_subcommand:
        return
    import uvicorn

    from toolkit.sandbox import Behaviour
    from toolkit.workspace import open_sandbox

    listening = _listen(port)
    box = open_sandbox(Settings.from_environment(), behaviour=Behaviour(requests_per_minute=requests_per_minute))
    console.print(f"http://127.0.0.1:{port}/bulk-sms-api/api/v1/workspace/{box.workspace_id}/contacts", soft_wrap=True)
    console.print(f"X-API-KEY: {box.api_key}", soft_wrap=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the clock keeps its pace afterwards
    pace = box.clock.speed
    box.clock.set_speed(pace if speed is None else speed)
    try:
        with suppress(KeyboardInterrupt):
            uvicorn.Server(uvicorn.Config(box.app, log_level="warning")).run(sockets=[listening])
    finally:
        box.clock.set_speed(pace)


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise SettingsError(f"Port {port} cannot be used ({error.strerror}): name another with --port.") from error


@sandbox_app.command()
def seed(
    contacts: Annotated[int, typer.Option(min=100, help="How many contacts it has, such as 1_000_000.")],
    seed: Annotated[int, typer.Option(help="Another number makes other people.")] = 7,
) -> None:
    """Make an embedded workspace of any size, where there is none yet."""
    from toolkit.workspace import open_sandbox

    settings = Settings.from_environment()
    if settings.sandbox_path.exists():
        raise SettingsError(
            f"{settings.sandbox_path} is there already: remove it and {settings.ledger_path.name}, or set SEAX_HOME "
            "to another folder."
        )
    with console.status(f"making {contacts:,} contacts and the campaigns they got"):
        open_sandbox(settings, contacts=contacts, seed=seed).close()
    console.print(f"{contacts:,} contacts in {settings.sandbox_path}", soft_wrap=True)


@app.command()
def plans() -> None:
    """List the plans on this machine, newest first, from whichever face made them."""
    from toolkit.sections import plain
    from toolkit.workspace import connect

    with connect() as ws:
        table = Table(Column("plan", no_wrap=True), "name", "recipients", "state", "made (UTC)")
        for entry in ws.plans():
            plan = entry.plan
            made = f"{plan.created_at:%Y-%m-%d %H:%M}"
            table.add_row(plan.id, Text(plain(plan.draft.name)), f"{plan.recipients:,}", entry.state, made)
        console.print(table)


@app.command()
def approve(plan_id: Annotated[str, typer.Argument(help="The plan's id, as `seax plans` shows it.")]) -> None:
    """Look at a plan and approve it by typing its number of recipients; whoever asked for it can then send it."""
    from toolkit.workspace import connect

    with connect() as ws:
        plan = ws.open_plan(plan_id).plan
        console.print(str(plan), markup=False, highlight=False, soft_wrap=True)
        ws.ask_at_terminal(plan_id, by=getpass.getuser(), ask=_typed_count)
        console.print(
            f"\nApproved until {plan.expires_at:%H:%M} UTC. Ask your assistant to send it, or call ws.send()."
        )


@app.command()
def halt(why: Annotated[str, typer.Argument(help="Why, for whoever finds it halted.")] = "") -> None:
    """Stop everything that has not been posted yet, from every face on this machine. Safe to repeat."""
    from toolkit.sending.halt import KillSwitch

    KillSwitch(Settings.from_environment().home).halt(by=getpass.getuser(), why=why)
    console.print("Halted: nothing leaves until `seax resume`. What was posted before cannot be recalled.")


@app.command()
def resume() -> None:
    """Let sending go on after `seax halt`."""
    from toolkit.sending.halt import KillSwitch

    was_halted = KillSwitch(Settings.from_environment().home).resume()
    console.print("Sending may go on." if was_halted else "It was not halted.")


def _typed_count() -> str:
    return str(typer.prompt("\nType the number of recipients to approve; anything else approves nothing"))


def main() -> None:
    """Run a command; what went wrong is one sentence."""
    try:
        app()
    except SendRefused as refusal:
        sys.exit(_say(refusal, 1))
    except ToolkitError as error:
        sys.exit(_say(error, 2 if isinstance(error, SettingsError) else 1))


def _say(error: ToolkitError, status: int) -> int:
    Console(stderr=True).print(str(error), style="bold red", markup=False, highlight=False, soft_wrap=True)
    return status
