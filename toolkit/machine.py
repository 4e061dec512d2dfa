"""What operating systems do differently, in one place: names of users, ports, and files that take another's place.

Elsewhere nothing is called that only some of them have.
"""

from __future__ import annotations

import getpass
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

_TRIES, _PAUSE = 50, 0.02  # a second in all


def user_name() -> str:
    """The name of the account, or unknown where it has none."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a user id without a name, which Windows says in its own way
        return "unknown"


def listen(port: int) -> socket.socket:
    """A socket that listens on 127.0.0.1 and shares its port with no other program; OSError if the port is taken."""
    listening = socket.socket(proto=socket.IPPROTO_TCP)  # named, so that asyncio turns Nagle's delay off
    if sys.platform == "win32":  # there SO_REUSEADDR would let two programs have one port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:  # a port is free again as soon as its program has ended
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def replace(draft: Path, path: Path, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Give a file the name of another in one step; whoever reads the other at that moment is waited for.

    Windows does not let go of a name while somebody has its file open, for a second at most here; then PermissionError.
    """
    for _ in range(_TRIES):
        try:
            draft.replace(path)
        except PermissionError:
            if sys.platform != "win32":
                raise
            sleep(_PAUSE)
        else:
            return
    draft.replace(path)


def sync_folder(path: Path) -> None:
    """Have the names of a folder's files on the disk; where folders cannot be opened, they are there already."""
    if sys.platform == "win32":
        return
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def is_private(path: Path) -> bool | None:
    """Nobody but its owner can look into a folder; None where its mode does not say so."""
    return None if sys.platform == "win32" else not path.stat().st_mode & 0o077
