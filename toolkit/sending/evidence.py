"""What was rehearsed on an account, with dates: kept in SEAX_HOME beside how its service answers.

Two stages are used only where a rehearsal has seen that a draft texts nobody and that launching it texts once.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from toolkit.models import Frozen

if TYPE_CHECKING:
    from toolkit.api.client import Client

Rehearsed = Literal["two stages", "cancel"]
IN_STAGES, AS_REHEARSAL = "two stages, rehearsed", "two stages, as a rehearsal"  # what `Plan.stages` begins with
REHEARSED: tuple[Rehearsed, ...] = get_args(Rehearsed)


class Evidence(Frozen):
    """What a rehearsal saw, and on which day; empty if it was not rehearsed."""

    on: str = ""
    seen: tuple[str, ...] = ()


class EvidenceFile:
    """The evidence on one workspace, by its host and id, in the file that keeps how services answer."""

    def __init__(self, path: Path, workspace: str) -> None:
        self._path = path
        self._workspace = workspace

    def of(self, what: Rehearsed) -> Evidence:
        """What was seen last; none if the file cannot be read, so that nothing is relied upon."""
        try:
            return Evidence.model_validate(self._kept()[self._workspace]["rehearsed"][what])
        except (LookupError, TypeError, ValueError):
            return Evidence()

    def keep(self, what: Rehearsed, evidence: Evidence) -> None:
        """Keep what was seen; one without a day takes back what was there. Raises OSError if that is impossible."""
        kept = self._kept()
        entry = kept.setdefault(self._workspace, {})
        before = entry.get("rehearsed")
        entry["rehearsed"] = (before if isinstance(before, dict) else {}) | {what: evidence.model_dump()}
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(kept, indent=2), encoding="utf-8")
        fresh.replace(self._path)

    def _kept(self) -> dict[str, dict[str, Any]]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {name: each for name, each in kept.items() if isinstance(each, dict)} if isinstance(kept, dict) else {}


def sent_in(client: Client, evidence: EvidenceFile) -> str:
    """How campaigns are sent, by what was rehearsed on this account; empty where the service keeps no drafts, or was
    not asked yet how it is spoken to."""
    if client.spoken is None or client.spoken.dialect.STAGES is None:
        return ""
    on = evidence.of("two stages").on
    return f"{IN_STAGES} {on}" if on else "one request; two stages are unproven on this account"
