"""Output for people, as sections of rows: one content, as plain text and as HTML without style sheets.

Names and texts come from outside: HTML is escaped, and control characters in text are shown as spaces.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any


def number_of(number: int, what: str, does: str = "", do: str = "") -> str:
    """A count of something, with its verb, as people write it: `1 row has`, `2,400 rows have`."""
    return f"{number:,} {what} {does}".rstrip() if number == 1 else f"{number:,} {what}s {do}".rstrip()


def n_recipients(count: int, has: str = "", have: str = "") -> str:
    """How many recipients, and what one or several of them do."""
    return number_of(count, "recipient", has, have)


def when(at: datetime, form: str = "%Y-%m-%d %H:%M") -> str:
    """A moment in UTC and, where clocks differ, in the time zones of the reader and of the author.

    `2026-12-03 03:00 UTC (2026-12-02 22:00 EST)`; `form` is a `strftime` format. The reader's zone is the machine's.
    """
    utc = at.astimezone(UTC)
    others = {
        there.utcoffset(): f"{there:{form}} {_zone(there)}" for there in (at, utc.astimezone()) if there.utcoffset()
    }
    words = f"{utc:{form}} UTC"
    return f"{words} ({', '.join(reversed(others.values()))})" if others else words


def _zone(at: datetime) -> str:
    """The short name of its zone, such as EST or UTC-05:00."""
    name = at.tzname() or ""
    return name if name[:1].isalpha() else f"UTC{at.isoformat(timespec='minutes')[-6:]}"


@dataclass(frozen=True)
class Section:
    """A heading and its rows; each row is a few cells."""

    title: str
    rows: Sequence[Sequence[str]]


class Described:
    """What notebooks show: its sections as tables, or as text where HTML is not supported."""

    def describe(self) -> list[Section]:
        """Its content, in reading order."""
        raise NotImplementedError

    def _repr_html_(self) -> str:
        return as_html(self.describe())

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        return {"text/plain": as_text(self.describe()), "text/html": self._repr_html_()}


def as_text(sections: Sequence[Section]) -> str:
    """Plain text, columns lined up."""
    lines: list[str] = []
    for section in sections:
        lines.append(("" if not lines else "\n") + plain(section.title))
        rows = [[plain(cell) for cell in row] for row in section.rows]
        widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(max(map(len, rows), default=0))]
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
            lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join(lines)


_CELL = "text-align:left; vertical-align:top; padding:2px 14px 2px 0"  # JupyterLab aligns cells to the right


def as_html(sections: Sequence[Section]) -> str:
    """Tables that are readable without any style, and aligned where there is one."""
    parts = []
    for section in sections:
        rows = "".join(
            "<tr>" + "".join(f'<td style="{_CELL}">{escape(plain(cell), quote=True)}</td>' for cell in row) + "</tr>"
            for row in section.rows
        )
        parts.append(f"<p><b>{escape(plain(section.title))}</b></p><table>{rows}</table>")
    return '<div style="line-height:1.4">' + "".join(parts) + "</div>"


def plain(text: str) -> str:
    """The text on one line, with unprintable characters (control and direction marks) as spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


_NUMBER = re.compile(r"\+?\d(?:[\s().\-/]{0,3}\d){6,}")


def masked(text: str) -> str:
    """The text with only the first and last two digits of each phone number in it, however it is written."""
    return _NUMBER.sub(lambda found: f"{found[0][:3]}•••{found[0][-2:]}", text)
