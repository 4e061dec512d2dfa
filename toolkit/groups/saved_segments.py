"""`ws.segments`: segments with a name, kept between sessions, which rules may name: `segment:lapsed`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from datetime import datetime

from toolkit.audience.rules.rule_text import read_rule
from toolkit.audience.segment import Segment
from toolkit.display import Described, Section
from toolkit.errors import SegmentError
from toolkit.groups.kept_folder import KeptWork
from toolkit.suggest import suggest


class SavedSegments(Described, MutableMapping[str, Segment]):
    """Segments by name: `ws.segments["lapsed"] = Segment.parse("…")`, and `ws.segments.parse("segment:lapsed and …")`.

    A name stands for its rule as it is when the text is read; a plan made before keeps the rule it was made with.
    """

    def __init__(self, work: KeptWork, *, now: Callable[[], datetime]) -> None:
        self._work = work
        self._now = now

    def __getitem__(self, name: str) -> Segment:
        kept = self._work.read(name)
        if kept is None:
            raise SegmentError(f"No segment {name!r} is kept here: {suggest(name, [*self])}")
        return Segment.parse(str(kept.get("rule", "")))

    def __setitem__(self, name: str, segment: Segment) -> None:
        if not name.strip():
            raise SegmentError("A segment is kept under a name: give it one.")
        self._work.write(name.strip(), {"rule": str(segment), "at": self._now().isoformat()})

    def __delitem__(self, name: str) -> None:
        if not self._work.remove(name):
            raise SegmentError(f"No segment {name!r} is kept here: {suggest(name, [*self])}")

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._work.read(name) is not None

    def __iter__(self) -> Iterator[str]:
        return (kept["name"] for kept in self._work.read_all())

    def __len__(self) -> int:
        return len(self._work.read_all())

    def author(self, name: str) -> str:
        """Who kept a segment last: an account of this machine, or a login of the team's ledger; empty if not known."""
        return str((self._work.read(name) or {}).get("by", ""))

    def parse(self, text: str) -> Segment:
        """The segment a text describes, as `Segment.parse`, in which `segment:NAME` stands for a kept one."""
        return Segment(rule=read_rule(text, named=lambda name: self[name].rule))

    def describe(self) -> list[Section]:
        """The kept segments, their rules and who kept them."""
        rows = [[name, str(self[name]), self.author(name)] for name in self]
        return [Section("Segments", rows or [["none"]])]
