"""A person at a terminal of their own, in which the real command runs."""

from __future__ import annotations

import os
import pty
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

SEAX = Path(sys.executable).parent / "seax"
CTRL_C = "\x03"


def at_terminal(*arguments: str, answers: Sequence[str], **env: str) -> tuple[int, str]:
    """The exit status of a command, and what it shows somebody who types these answers to its questions."""
    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # as at any terminal; what runs in the background ignores it
        os.execve(SEAX, [str(SEAX), *arguments], os.environ | env)
    shown, seen = b"", 0
    for answer in answers:
        while not shown[seen:].rstrip().endswith(b":"):
            shown += os.read(terminal, 4096)
        seen = len(shown)
        os.write(terminal, answer.encode() + b"\n")
    with suppress(OSError):  # the terminal is gone with its program
        while chunk := os.read(terminal, 4096):
            shown += chunk
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown.decode().replace("\r\n", "\n")
