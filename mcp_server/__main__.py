"""`seax-mcp`: the MCP server on standard input and output, or over HTTP on this machine."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mcp_server.guard.server_settings import Options
from toolkit.errors import SettingsError
from toolkit.settings import Settings

if TYPE_CHECKING:
    from mcp_server.connection import Connection

_EPILOG = (
    "An MCP host starts this command and talks to it over standard input and output; `seax mcp config` writes the "
    "host's configuration. It works on the embedded workspace unless SEAX_API_KEY and SEAX_WORKSPACE_ID are set; "
    "SEAX_HOME is the folder of its files. SEAX_MODE (read, draft, test, live) decides which tools exist. Nothing is "
    "sent before a person has approved it."
)


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until standard input closes or Ctrl+C; exit code 2 and one sentence if it cannot start."""
    parser = argparse.ArgumentParser(
        prog="seax-mcp", description="SeaX bulk messages for an AI assistant, over MCP.", epilog=_EPILOG
    )
    parser.add_argument("--http", action="store_true", help="serve on 127.0.0.1 instead; needs SEAX_MCP_TOKEN")
    parser.add_argument("--port", type=int, default=8766, help="the port for --http (8766)")
    arguments = parser.parse_args(argv)
    try:
        settings = Settings.from_environment()
        options = Options.from_environment(settings)
    except SettingsError as error:
        parser.exit(2, f"seax-mcp: {error}\n")
    try:
        from mcp_server.connection import Connection
        from mcp_server.server import build_server
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] not in {"mcp", "mcp_types"}:
            raise
        parser.exit(2, "seax-mcp: the package mcp is missing: install seax-toolkit with its extra mcp\n")

    with closing(Connection.to(settings, options)) as connection, suppress(KeyboardInterrupt):
        if arguments.http:
            try:
                _serve(connection, arguments.port)
            except SettingsError as error:
                parser.exit(2, f"seax-mcp: {error}\n")
        else:
            connection.has_page = True  # the host that started this program is on this machine
            build_server(connection).run("stdio")


def _serve(connection: Connection, port: int) -> None:
    """Serve on this machine alone until Ctrl+C."""
    import uvicorn

    from mcp_server.guard.auth import Access
    from mcp_server.http import LOOPBACK, build_app

    access = Access.from_environment()
    connection.has_page = urlsplit(access.resource).hostname in {None, *LOOPBACK}  # else its person may be elsewhere
    app = build_app(connection, access)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
