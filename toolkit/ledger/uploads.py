"""Contact files uploaded in a page, kept beside the ledger, so that their plans work in every interface.

They contain personal data: only their owner can read them, and they are deleted a day later.
"""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path

_KEPT = 24 * 60 * 60  # seconds; a plan waits half an hour for an approval


def keep_upload(folder: Path, name: str, content: bytes, *, now: float) -> Path:
    """Keep a file in a folder and return its path; the same content under the same name is one file.

    `now` is in seconds since 1970. Files that were kept more than a day ago are removed.
    """
    for old in folder.glob("*"):
        if old.is_dir() and not old.is_symlink() and now - old.stat().st_mtime > _KEPT:  # others' files are kept
            shutil.rmtree(old)
    place = folder / sha256(content).hexdigest()[:16]
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = place / (Path(name).name.strip(".") or "contacts.csv")
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path
