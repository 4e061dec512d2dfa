"""Contact files that a page handed over, kept beside the ledger, so that a plan of one holds in every face.

They hold personal data: only their owner can read them, and a day later they go.
"""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path

_KEPT = 24 * 60 * 60  # seconds; a plan waits for a yes half an hour


def keep_upload(folder: Path, name: str, content: bytes, *, now: float) -> Path:
    """Keep a file in a folder and say where; the same content under the same name is one file.

    `now` is in seconds since 1970. Files that were kept more than a day ago are removed.
    """
    for old in folder.glob("*"):
        if old.is_dir() and not old.is_symlink() and now - old.stat().st_mtime > _KEPT:  # others' files stay
            shutil.rmtree(old)
    place = folder / sha256(content).hexdigest()[:16]
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = place / (Path(name).name.strip(".") or "contacts.csv")
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path
