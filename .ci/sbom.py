"""What a release is made of: every package that the lock names, as a CycloneDX list and as a table of licences.

The same lock gives the same bytes. Licences are what the installed packages say of themselves; of packages for another
system than this one nothing is said.
"""

from __future__ import annotations

import json
import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

_PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==([^\s;\\]+)(?:\s*;\s*([^\\\n]+?))?\s*\\?$", re.MULTILINE)


def pins(lock: Path) -> list[tuple[str, str, str]]:
    """Name, version and marker of each package in a lock."""
    return _PIN.findall(lock.read_text(encoding="utf-8"))


def licence(name: str) -> str:
    """The licence of an installed package, as it says itself; empty if it does not, or is not installed."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return ""
    named = [line.rpartition(" :: ")[2] for line in said.get_all("Classifier") or [] if line.startswith("License ::")]
    first = (said.get("License") or "").strip().partition("\n")[0]
    return said.get("License-Expression") or " and ".join(named) or first


def sbom(project: dict[str, Any], lock: Path) -> str:
    """CycloneDX 1.6, as JSON."""
    own = f"pkg:pypi/{project['name']}@{project['version']}"
    content = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": project["name"],
                "version": project["version"],
                "purl": own,
            }
        },
        "components": [_component(*pin) for pin in pins(lock)],
    }
    return json.dumps(content, indent=2) + "\n"


def licences(lock: Path) -> str:
    """A line for each package."""
    return "".join(
        f"{name} {version}: {licence(name) or f'not installed here ({marker})' if marker else licence(name)}\n"
        for name, version, marker in pins(lock)
    )


def _component(name: str, version: str, marker: str) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{version}"
    component: dict[str, Any] = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if said := licence(name):
        is_expression = metadata(name).get("License-Expression") == said
        component["licenses"] = [{"expression": said} if is_expression else {"license": {"name": said}}]
    if marker:
        component["bom-ref"] = f"{purl}?{marker}"
        component["properties"] = [{"name": "python:marker", "value": marker}]
    return component
