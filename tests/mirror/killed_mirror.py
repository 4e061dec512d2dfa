"""Refreshes mirrors in processes that are killed on the way, each at another step.

    python -m tests.mirror.killed_mirror WORKSPACE TIME MIRROR… --at STEP…

Mirror i is refreshed until step i, which is killed before it is taken; a step is any opening, renaming or removing of
a file in the mirror's folder. A step below 1 is a share of a second instead, after which the process is killed; a
mirror on an object store is killed from outside, by the id that is printed for it. Prints for each whether it was
killed or came to the end.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from tests.builders import Clock
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import connect

STEPS = {"open", "os.rename", "os.remove", "os.mkdir"}


def refresh(workspace: Path, time: str, mirror: str) -> None:
    """Refresh a mirror of an embedded workspace at a time."""
    clock = Clock()
    clock.time = datetime.fromisoformat(time)
    sandbox = Sandbox(workspace, now=clock)
    connect(Settings(home=workspace.parent), sandbox=sandbox, now=clock).mirror(mirror).refresh()


def kill_at(step: float, mirror: str) -> None:
    """Have this process killed before it takes a step in the mirror's folder, or after a share of a second."""
    if step < 1:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, step)
        return
    taken = 0

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal taken
        if event in STEPS and str(arguments[0]).startswith(mirror):
            taken += 1
            if taken >= step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def main(workspace: str, time: str, *arguments: str) -> None:
    at = arguments.index("--at")
    for mirror, step in zip(arguments[:at], arguments[at + 1 :], strict=True):
        child = os.fork()
        if not child:
            if "://" not in mirror:
                kill_at(float(step), mirror)
            refresh(Path(workspace), time, mirror)
            os._exit(0)
        if "://" in mirror:
            sys.stdout.write(f"{child}\n")
            sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write("killed\n" if os.WIFSIGNALED(status) else "done\n" if status == 0 else "failed\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
