"""Reads a mirror again and again until its input ends, then prints every number of contacts it has seen.

python -m tests.mirror.reading_mirror WORKSPACE MIRROR
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import connect


def main(workspace: Path, folder: str) -> None:
    mirror = connect(Settings(home=workspace.parent), sandbox=Sandbox(workspace)).mirror(folder)
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    seen: set[int] = set()
    while not ended.is_set():
        contacts, labels = mirror.contacts(), mirror.labels()
        assert contacts["id"].is_unique
        assert len(mirror.logs()) > 0
        assert labels["contacts"].max() <= 2 * len(contacts)
        if not seen:
            sys.stdout.write("reading\n")
            sys.stdout.flush()
        seen.add(len(contacts))
    sys.stdout.write(" ".join(map(str, sorted(seen))))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
