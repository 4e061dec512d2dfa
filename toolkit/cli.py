"""The terminal: import a file, show plans, approve or sign them, stop sending, audit the ledger, serve the sandbox.

Commands show and ask; what they do is in `toolkit.workspace`. Heavy modules are imported by the command that needs
them. Mistakes end in one sentence on stderr and exit status 2, refusals in status 1.
"""

from __future__ import annotations

import getpass
import io
import signal
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from toolkit import importing
from toolkit.errors import Halted, SendInterrupted, SendRefused, SettingsError, ToolkitError
from toolkit.reports_command import memo, report
from toolkit.rules_command import rules
from toolkit.settings import Settings

if TYPE_CHECKING:
    from toolkit.ledger.entry import Entry
    from toolkit.sending.keys import Approvers
    from toolkit.workspace import Workspace

app = typer.Typer(no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False, help=__doc__)
sandbox_app = typer.Typer(help="The embedded workspace: serve it on this machine, or make one of any size.")
app.add_typer(sandbox_app, name="sandbox")
approver_app = typer.Typer(help="Who signs plans, and their keys.", no_args_is_help=True)
app.add_typer(approver_app, name="approver")
audit_app = typer.Typer(help="What the ledger says, held against itself.", no_args_is_help=True)
app.add_typer(audit_app, name="audit")
PlanId = Annotated[str, typer.Argument(help="The plan's id, as `seax plans` shows it.")]
mcp_app = typer.Typer(help="The MCP server: how a host starts it.", no_args_is_help=True)
app.add_typer(mcp_app, name="mcp")
app.command()(rules)
app.command()(memo)
app.command()(report)
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
    listening = socket.socket(proto=socket.IPPROTO_TCP)  # named, so that asyncio turns Nagle's delay off
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen()
    except OSError as error:
        raise SettingsError(f"Port {port} cannot be used ({error.strerror}): name another with --port.") from error
    return listening


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


app.command("import")(importing.import_file)
app.command("job")(importing.follow_job)


@mcp_app.callback()
def mcp() -> None:
    """The MCP server: how a host starts it."""


@mcp_app.command()
def config(
    host: Annotated[str, typer.Argument(help="claude-desktop, claude-code, cursor or vscode.")],
) -> None:
    """Write the lines that a host needs to start `seax-mcp`, with the present folder and mode; no key is in them."""
    import shutil
    from pathlib import Path
    from typing import get_args

    from toolkit.hosts import FILES, HostName, host_config

    settings = Settings.from_environment()
    found = next((name for name in get_args(HostName) if name == host), None)
    if found is None:
        raise SettingsError(f"There is no host {host!r} here: name one of {', '.join(get_args(HostName))}.")
    command = Path(shutil.which("seax-mcp") or Path(sys.executable).with_name("seax-mcp")).absolute()
    text = host_config(found, command=command, home=settings.home.absolute(), mode=settings.mode)
    console.print(text, markup=False, highlight=False, soft_wrap=True)
    Console(stderr=True).print(f"Put this into {FILES[found]}.", markup=False, highlight=False, soft_wrap=True)


@app.command()
def plans() -> None:
    """List the plans on this machine, newest first, from whichever face made them."""
    from toolkit.sections import plain, when

    with _connected() as ws:
        table = Table(Column("plan", no_wrap=True), "name", "recipients", "state", "made")
        for entry in ws.plans():
            plan = entry.plan
            name, made = Text(plain(plan.draft.name)), when(plan.created_at)
            table.add_row(plan.id, name, f"{plan.recipients:,}", _state(entry), made)
        console.print(table)


@app.command()
def approve(
    plan_id: PlanId,
    sign: Annotated[str | None, typer.Option(help="The approver who signs, with the passphrase of their key.")] = None,
) -> None:
    """Look at a plan and approve it by typing its number of recipients; whoever asked for it can then send it."""
    from toolkit.sections import when

    with _connected() as ws:
        plan = ws.open_plan(plan_id).plan
        console.print(str(plan), markup=False, highlight=False, soft_wrap=True)
        if sign:
            ws.sign_at_terminal(plan_id, approver=sign, ask=_typed_count, ask_passphrase=_typed_passphrase)
        else:
            ws.ask_at_terminal(plan_id, by=getpass.getuser(), ask=_typed_count)
        console.print(
            f"\nApproved until {when(plan.expires_at, '%H:%M')}. Your assistant can send it now, and so does "
            f"`seax send {plan_id}`.",
            soft_wrap=True,
        )


@app.command()
def send(plan_id: PlanId) -> None:
    """Send a plan that was approved, once; one of several steps goes on where it stopped."""
    with _connected() as ws:
        try:
            receipt = ws.send(ws.approval_of(plan_id))
        except SendInterrupted as stop:
            raise typer.Exit(_say(stop, 130)) from stop
        console.print(str(receipt), markup=False, highlight=False, soft_wrap=True)


@app.command()
def withdraw(plan_id: PlanId) -> None:
    """End a plan that has not left, or the rest of one that left in part."""
    from toolkit.sending.scheduled import held_words

    with _connected() as ws:
        is_ended = ws.close_plan(plan_id, "withdrawn", by=getpass.getuser(), via="terminal")
        ended = f"{'Ended' if is_ended else 'There was nothing to end'}: it is {_state(ws.get_plan(plan_id))}."
        console.print(f"{ended} {held_words(ws.scheduled(plan_id))}".strip(), markup=False, soft_wrap=True)


@app.command()
def events(plan_id: PlanId) -> None:
    """Tell what happened to a plan: when, what, who, and from which face."""
    from toolkit.sections import plain, when

    with _connected() as ws:
        table = Table(Column("at", no_wrap=True), "what", "step", "state", "who", "via", "detail")
        for event in ws.events(plan_id):
            step = "" if event.step is None else str(event.step)
            said = (event.event, step, event.state, event.who, event.via, event.detail)
            table.add_row(when(event.at, "%Y-%m-%d %H:%M:%S"), *(Text(plain(word)) for word in said))
        console.print(table)


@app.command()
def reconcile(
    plan_id: PlanId,
    found: Annotated[str | None, typer.Option(help="The id of the campaign, message or job found in SeaX.")] = None,
    nothing: Annotated[bool, typer.Option("--nothing", help="You looked in SeaX, and it is not there.")] = False,
) -> None:
    """Settle a plan of unknown outcome: by asking the service, or with what you found in SeaX.

    That it is not there is typed at a terminal; it is taken once nothing of it can appear any more, and if the service,
    asked once more, has nothing of it. Then the draft can be planned again.
    """
    if found is not None and nothing:
        raise SettingsError("Say what you found in SeaX: --found ID, or --nothing.")
    with _connected() as ws:
        receipt = ws.reconcile(
            plan_id,
            found=found if found or nothing else ...,
            by=getpass.getuser(),
            ask=_typed_word if nothing else None,
        )
        console.print(str(receipt), markup=False, soft_wrap=True)


@approver_app.command("create")
def create_approver(name: Annotated[str, typer.Argument(help="A short name, such as ana.")]) -> None:
    """Make the key that somebody signs plans with; the passphrase is typed here and kept nowhere."""
    passphrase = _typed_passphrase()
    if passphrase != _typed_passphrase("The same again"):
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
    if not sys.stdin.isatty():
        raise SettingsError("A key is pinned by a person at a terminal, and there is none here. Nothing was pinned.")
    key = keys.names().get(name, "no key")
    console.print(f"{name} has {key}. Compare it with the fingerprint that they have.", highlight=False)
    if str(typer.prompt("Type the name again to pin the key; anything else pins nothing")).strip() != name:
        raise SettingsError("The name was not typed: nothing was pinned.")
    console.print(f"Pinned: what {name} signs with {keys.pin(name)} counts on real workspaces.", soft_wrap=True)


@approver_app.command("list")
def list_approvers() -> None:
    """List who can sign, with the fingerprint of each key."""
    keys = _approvers()
    for name, key in keys.names().items():
        where = "is not pinned, and counts on no real workspace" if keys.named is None else "not in SEAX_APPROVERS"
        console.print(f"{name}  {key}{'' if key in keys.pinned else f'  {where}'}")


@audit_app.command("anchor")
def anchor_audit(
    sign: Annotated[str, typer.Option(help="The approver who signs it, with the passphrase of their key.")] = "",
) -> None:
    """Print the last seal as a line to keep elsewhere, on paper or in a mail: it shows later what is as it was now."""
    with _connected() as ws:
        line = ws.anchor(approver=sign, passphrase=_typed_passphrase() if sign else None)
    console.print(line, markup=False, highlight=False, soft_wrap=True)


@audit_app.command("verify")
def verify_audit(
    anchor: Annotated[str, typer.Option(help="A line of `seax audit anchor` that was kept elsewhere.")] = "",
) -> None:
    """Hold every row of the ledger against its chain of events; status 1 if something was edited."""
    with _connected() as ws:
        audit = ws.audit(anchor)
    console.print(str(audit), markup=False, highlight=False, soft_wrap=True)
    if not audit.is_whole:
        raise typer.Exit(1)


@app.command()
def halt(why: Annotated[str, typer.Argument(help="Why, for whoever finds it halted.")] = "") -> None:
    """Stop everything that has not been posted yet, from every face on this machine. Safe to repeat."""
    from toolkit.sending.halt import KillSwitch
    from toolkit.sending.scheduled import held_words

    settings = Settings.from_environment()
    KillSwitch(settings.home).halt(by=getpass.getuser(), why=why)
    console.print(
        "Halted: nothing more is handed over until `seax resume`. What was handed over before cannot be recalled.",
        soft_wrap=True,
    )
    if settings.ledger_path.exists():
        try:
            with _connected() as ws:
                if held := held_words(ws.scheduled()):
                    console.print(held, markup=False, highlight=False, soft_wrap=True)
        except ToolkitError as error:
            _say(error, 1)
            console.print("So it is not known here what the service holds and starts later: look in SeaX.")


@app.command()
def resume() -> None:
    """Let sending go on after `seax halt`: a person at this terminal types the word."""
    from toolkit.sending.halt import KillSwitch

    switch = KillSwitch(Settings.from_environment().home)
    if (reason := switch.reason) is None:
        console.print("Sending is not halted.")
        return
    if not sys.stdin.isatty():
        raise SettingsError("Sending stays halted: a person types the word at a terminal, and there is none here.")
    console.print(f"Halted by {reason}", markup=False, highlight=False, soft_wrap=True)
    if str(typer.prompt("Type resume to let sending go on; anything else leaves it halted")).strip() != "resume":
        raise Halted("Sending stays halted: resume was not typed.")
    switch.resume()
    console.print("Sending may go on.")


def _state(entry: Entry) -> str:
    """Where a plan stands; what was handed over and starts later is scheduled."""
    return "scheduled" if entry.receipt and entry.receipt.status == "scheduled" else entry.state


def _connected() -> Workspace:
    from toolkit.workspace import connect

    return connect(face="terminal")


def _approvers() -> Approvers:
    from toolkit.sending.keys import Approvers

    settings = Settings.from_environment()
    return Approvers(settings.approvers_path, settings.approvers)


def _typed_passphrase(prompt: str = "Passphrase") -> SecretStr:
    """A passphrase from the person at the terminal, and from nowhere else; it is not shown."""
    if not sys.stdin.isatty():
        raise SettingsError("A passphrase is typed at a terminal, and there is none here. Nothing was done.")
    return SecretStr(getpass.getpass(f"{prompt}: "))


def _typed_word(prompt: str) -> str:
    return str(typer.prompt(f"{prompt}\n"))


def _typed_count() -> str:
    return str(typer.prompt("\nType the number of recipients to approve; anything else approves nothing"))


def main() -> None:
    """Run a command; what went wrong is one sentence."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that has no emoji shows its number
    try:
        app()
    except SendRefused as refusal:
        sys.exit(_say(refusal, 1))
    except ToolkitError as error:
        sys.exit(_say(error, 2 if isinstance(error, SettingsError) else 1))


def _say(error: BaseException, status: int) -> int:
    Console(stderr=True).print(str(error), style="bold red", markup=False, highlight=False, soft_wrap=True)
    return status
