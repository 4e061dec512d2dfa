"""Small named things of one workspace, each a JSON file in a folder of its own: written whole or not at all.

One file for each, so that two notebooks that keep different things lose none of them. A team's are in its ledger: see
`toolkit.ledger.team.shared_work`, which has the same methods.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any, TypeAlias

from toolkit.errors import SettingsError
from toolkit.ledger.team.shared_work import SharedWork
from toolkit.platform_support import replace, user_name


class KeptFolder:
    """What is kept for the workspace at an address, under `root`."""

    def __init__(self, root: Path, address: str) -> None:
        self._folder = root / hashlib.sha256(address.encode()).hexdigest()[:16]

    def read(self, name: str) -> dict[str, Any] | None:
        """What is kept under a name; None if nothing is."""
        return self._load(self._path(name))

    def read_all(self) -> list[dict[str, Any]]:
        """All that is kept, by name; other files are ignored."""
        found = [kept for path in self._folder.glob("*.json") if (kept := self._load(path)) is not None]
        return sorted(found, key=lambda kept: str(kept["name"]))

    def write(self, name: str, kept: dict[str, Any]) -> dict[str, Any]:
        """Keep something under a name, in place of what was there, and return it as it is kept; SettingsError if the
        folder cannot be written."""
        kept = kept | {"name": name, "by": user_name()}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=self._folder, delete=False, encoding="utf-8") as file:
                json.dump(kept, file, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            replace(Path(file.name), self._path(name))
        except OSError as error:
            raise SettingsError(f"{self._folder} cannot be written ({error.strerror}): check SEAX_HOME.") from error
        return kept

    def remove(self, name: str) -> bool:
        """Remove what is kept under a name; False if nothing was."""
        path = self._path(name)
        is_there = path.is_file()
        path.unlink(missing_ok=True)
        return is_there

    def _path(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"

    def _load(self, path: Path) -> dict[str, Any] | None:
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return kept if isinstance(kept, dict) and isinstance(kept.get("name"), str) else None


KeptWork: TypeAlias = KeptFolder | SharedWork
