"""The embedded workspace, served to other programs or created in another size."""

from __future__ import annotations

import signal
from contextlib import suppress
from typing import Annotated

import typer

from toolkit.cli.terminal import console, settings
from toolkit.errors import SettingsError
from toolkit.platform_support import listen

sandbox_app = typer.Typer(help="Serve the embedded workspace, or create one of any size.")


@sandbox_app.callback(invoke_without_command=True)
def sandbox(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port on 127.0.0.1.")] = 8765,
    speed: Annotated[
        float | None, typer.Option(min=0.001, help="How many times faster its clock runs meanwhile.")
    ] = None,
    requests_per_minute: Annotated[
        int | None, typer.Option(min=1, help="How many requests per minute it serves; more get a 429.")
    ] = None,
) -> None:
    """Serve the embedded workspace on 127.0.0.1 for curl and other programs, until Ctrl+C."""
    if context.invoked_subcommand:
        return
    import uvicorn

    from toolkit.sandbox import Behaviour
    from toolkit.workspace import open_sandbox

    try:
        listening = listen(port)
    except OSError as error:
        raise SettingsError(f"Port {port} cannot be used ({error.strerror}): choose another with --port.") from error
    box = open_sandbox(settings(), behaviour=Behaviour(requests_per_minute=requests_per_minute))
    for base in ("bulk-sms-api", "seax-api"):
        address = f"http://127.0.0.1:{port}/{base}/api/v1/workspace/{box.workspace_id}/contacts"
        console.print(address, soft_wrap=True)
    console.print(f"X-API-KEY: {box.api_key}", soft_wrap=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the clock keeps its pace afterwards
    pace = box.clock.speed
    box.clock.set_speed(pace if speed is None else speed)
    if speed is not None:
        console.print(f"The workspace's clock runs {speed:g} times as fast until Ctrl+C.", soft_wrap=True)
    try:
        with suppress(KeyboardInterrupt):
            uvicorn.Server(uvicorn.Config(box.app, log_level="warning")).run(sockets=[listening])
    finally:
        box.clock.set_speed(pace)


@sandbox_app.command()
def seed(
    contacts: Annotated[int, typer.Option(min=100, help="How many contacts it has, such as 1_000_000.")],
    seed: Annotated[int, typer.Option(help="Another number creates other people.")] = 7,
) -> None:
    """Create an embedded workspace, where there is none yet."""
    from toolkit.workspace import open_sandbox

    here = settings()
    if here.sandbox_path.exists():
        raise SettingsError(
            f"{here.sandbox_path} already exists: remove it and {here.ledger_path.name}, or set SEAX_HOME "
            "to another folder."
        )
    with console.status(f"creating {contacts:,} contacts and their past campaigns"):
        open_sandbox(here, contacts=contacts, seed=seed).close()
    console.print(f"{contacts:,} contacts in {here.sandbox_path}", soft_wrap=True)
