"""Checkers from outside, which run on Node: `make node` installs them into `tests/mcp/node`."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent / "node"


def node(*arguments: str | Path, stdin: str = "", timeout: float = 300, code: int = 0, **environment: str) -> str:
    """What a script prints on the Node of the folder; fails with all it wrote if it ends with another exit code."""
    binary = FOLDER / "node_modules" / "node" / "bin" / "node"
    assert binary.exists(), "Node and its packages are missing: run `make node`, which installs them"
    done = subprocess.run(
        [str(binary), *map(str, arguments)],
        cwd=FOLDER,
        env={"PATH": f"{binary.parent}:{os.environ['PATH']}", "HOME": str(FOLDER), **environment},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        encoding="utf-8",
    )
    assert done.returncode == code, f"{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
    return done.stdout
