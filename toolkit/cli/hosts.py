"""How an MCP host starts the server."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from toolkit.cli.terminal import say, settings
from toolkit.errors import SettingsError

mcp_app = typer.Typer(help="The MCP server, and how a host starts it.", no_args_is_help=True)


@mcp_app.callback()
def mcp() -> None:
    """The MCP server, and how a host starts it."""


@mcp_app.command()
def config(
    host: Annotated[str, typer.Argument(help="claude-desktop, claude-code, cursor or vscode.")],
) -> None:
    """Print the configuration a host needs to start `seax-mcp`.

    It has the current folder and mode, and no key.
    """
    import shutil
    from pathlib import Path
    from typing import get_args

    from toolkit.mcp_hosts import FILES, HostName, host_config

    here = settings()
    found = next((name for name in get_args(HostName) if name == host), None)
    if found is None:
        raise SettingsError(f"Unknown host {host!r}: use one of {', '.join(get_args(HostName))}.")
    command = Path(shutil.which("seax-mcp") or Path(sys.executable).with_name("seax-mcp")).absolute()
    say(host_config(found, command=command, home=here.home.absolute(), mode=here.mode))
    typer.echo(f"Add this to {FILES[found]}.", err=True)
