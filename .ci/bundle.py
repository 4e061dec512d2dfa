"""What publishes the MCP server: an MCPB bundle that a host installs by a click, and the registry's `server.json`.

`make bundle REPOSITORY=you/seax-toolkit` writes both into `dist`, and beside them what the bundle installs, as a
CycloneDX list and with its licences. The bundle holds the source and what it depends on,
pinned; the host's uv installs that. The same source gives the same bytes, so that the registry's digest can be checked.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

from sbom import licences, pins, sbom  # type: ignore[import-not-found]  # beside this script

from mcp_server.connection import Connection
from mcp_server.guard.server_settings import Options
from mcp_server.server import build_server
from toolkit.settings import MODES

ROOT = Path(__file__).parents[1]
LOCK = ROOT / ".ci" / "app.txt"
FORMAT, SCHEMA = "0.4", "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
TITLE = "SeaX messaging"
SHORT = "Explore contacts and send SeaX bulk messages that a person has approved."
STARTS = '"""Starts the MCP server from this bundle."""\n\nfrom mcp_server.__main__ import main\n\nmain()\n'
SETTINGS = {
    "SEAX_API_KEY": "The workspace's API key; empty for the embedded workspace, where nobody is real.",
    "SEAX_WORKSPACE_ID": "The workspace's id; needed with a key.",
    "SEAX_MODE": f"How much may happen: {', '.join(MODES)}; empty for draft with a key, live without.",
    "SEAX_APPROVERS": "The only keys whose signatures count on a live workspace, as the approval page shows them, with "
    "commas; empty for those pinned at a terminal.",
    "SEAX_HOME": "The folder of plans and files; empty for the one that the command seax uses, too.",
}


def manifest(project: dict[str, Any]) -> dict[str, Any]:
    """What a host shows and asks before it starts the server."""
    here = Connection(lambda: sys.exit("nothing is opened to build a bundle"), Options.at(Path("unused")))
    tools = asyncio.run(build_server(here).list_tools())
    names = {variable: variable.removeprefix("SEAX_").lower() for variable in SETTINGS}
    return {
        "manifest_version": FORMAT,
        "name": "seax",
        "display_name": TITLE,
        "version": project["version"],
        "description": project["description"],
        "author": {"name": "SeaX toolkit"},
        "server": {
            "type": "uv",
            "entry_point": "server.py",
            "mcp_config": {
                "command": "uv",
                "args": ["run", "--directory", "${__dirname}", "server.py"],
                "env": {variable: f"${{user_config.{name}}}" for variable, name in names.items()},
            },
        },
        "tools": [{"name": tool.name, "description": tool.description} for tool in tools],
        "compatibility": {
            "platforms": ["darwin", "linux", "win32"],
            "runtimes": {"python": project["requires-python"]},
        },
        "user_config": {
            name: {
                "type": "directory" if variable == "SEAX_HOME" else "string",
                "title": variable.removeprefix("SEAX_").replace("_", " ").capitalize().replace("Api", "API"),
                "description": SETTINGS[variable],
                "sensitive": variable == "SEAX_API_KEY",
                "required": False,
                "default": "",  # what is not answered must not stay a placeholder
            }
            for variable, name in names.items()
        },
    }


def pyproject(project: dict[str, Any]) -> str:
    """The project as the bundle's uv reads it: what the server needs and no more, in the versions it is tested with."""
    pinned = [f"{name}=={version}{marker and f' ; {marker}'}" for name, version, marker in pins(LOCK)]
    needed = [*project["dependencies"], *project["optional-dependencies"]["mcp"]]
    return (
        '[build-system]\nrequires = ["hatchling>=1.27"]\nbuild-backend = "hatchling.build"\n\n'
        f"[project]\nname = {json.dumps(project['name'])}\nversion = {json.dumps(project['version'])}\n"
        f"requires-python = {json.dumps(project['requires-python'])}\ndependencies = {json.dumps(needed)}\n\n"
        f"[project.scripts]\nseax = {json.dumps(project['scripts']['seax'])}\n\n"
        '[tool.hatch.build.targets.wheel]\npackages = ["toolkit", "mcp_server"]\n\n'
        f"[tool.uv]\nconstraint-dependencies = {json.dumps(pinned)}\n"
    )


def listing(project: dict[str, Any], repository: str, bundle: Path) -> dict[str, Any]:
    """The server as a registry lists it: this bundle, in the release of its version."""
    url = f"https://github.com/{repository}"
    return {
        "$schema": SCHEMA,
        "name": f"io.github.{repository}",
        "title": TITLE,
        "description": SHORT,
        "version": project["version"],
        "repository": {"url": url, "source": "github"},
        "packages": [
            {
                "registryType": "mcpb",
                "identifier": f"{url}/releases/download/v{project['version']}/{bundle.name}",
                "version": project["version"],
                "fileSha256": hashlib.sha256(bundle.read_bytes()).hexdigest(),
                "transport": {"type": "stdio"},
                "environmentVariables": [
                    {"name": name, "description": text, "isRequired": False, "isSecret": name == "SEAX_API_KEY"}
                    for name, text in SETTINGS.items()
                ],
            }
        ],
    }


def build(folder: Path, repository: str) -> None:
    """Write the bundle and the listing into a folder."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    files = {
        "manifest.json": json.dumps(manifest(project), indent=2).encode(),
        "pyproject.toml": pyproject(project).encode(),
        "server.py": STARTS.encode(),
    }
    for package in ("mcp_server", "toolkit"):
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                files[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    folder.mkdir(parents=True, exist_ok=True)
    bundle = folder / f"seax-{project['version']}.mcpb"
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name)  # without a time of its own
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    (folder / "server.json").write_text(
        json.dumps(listing(project, repository, bundle), indent=2) + "\n", encoding="utf-8"
    )
    (folder / "sbom.cdx.json").write_text(sbom(project, LOCK), encoding="utf-8")
    (folder / "licences.txt").write_text(licences(LOCK), encoding="utf-8")
    sys.stdout.write(f"{bundle} ({bundle.stat().st_size / 1e3:,.0f} kB) and {folder / 'server.json'}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repository", help="OWNER/NAME on GitHub, whose releases hold the bundle")
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    build(arguments.folder, arguments.repository)
