"""What operating systems do differently, in one place: user names, ports, memory, and replacing files.

No other module calls anything that exists only on some of them.
"""

from __future__ import annotations

import ctypes
import getpass
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

_TRIES, _PAUSE = 50, 0.02  # one second in total


def user_name() -> str:
    """The name of the account, or unknown where it has none."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a user id without a name; Windows raises another error
        return "unknown"


def release_memory() -> None:
    """Give memory that is free back to the system: of a million contacts, allocators keep hundreds of megabytes."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):  # of the GNU C library
        trim(0)


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
    """Replace a file atomically; readers of the old one are waited for.

    Windows does not release a name while the file is open, for at most a second here; then PermissionError.
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
    """Flush the names in a folder to disk; where folders cannot be opened, they already are."""
    if sys.platform == "win32":
        return
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def is_private(path: Path) -> bool | None:
    """Only its owner can read a folder; None where its mode does not show it."""
    return None if sys.platform == "win32" else not path.stat().st_mode & 0o077
