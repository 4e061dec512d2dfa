"""How a contact file is read, as HTML: what it brings, and its first rows before and after."""

from __future__ import annotations

from toolkit.planning.imports import FileReading
from toolkit.sections import Section, as_html
from toolkit.widgets.views.markup import table


def file_html(file: FileReading) -> str:
    """The labels, who opts out, and the first rows; each row is numbered as a spreadsheet does."""
    brings = [
        ["rows that leave", f"{file.rows:,}"],
        ["rows that stay behind", f"{file.dropped:,}" if file.dropped else ""],
        ["rows of people who opted out", f"{file.opted_out:,}" if file.opted_out else ""],
        ["read as opted out", ", ".join(file.opt_out_labels)],
        ["labels that are new", ", ".join(file.new_labels)],
        ["labels that are there", ", ".join(file.known_labels)],
    ]
    before = table(["row", *(x.theirs for x in file.columns)], [[f"{x.row:,}", *x.before] for x in file.changes])
    after = table(["row", *file.header], [[f"{x.row:,}", *(x.after or ["stays behind"])] for x in file.changes])
    return (
        f"{as_html([Section('What it brings', [row for row in brings if row[1]])])}"
        f"<p><b>First rows in the file</b></p>{_scrolling(before, 'First rows in the file')}"
        f"<p><b>The same rows as they leave</b></p>{_scrolling(after, 'The same rows as they leave')}"
    )


def _scrolling(rows: str, name: str) -> str:
    return f'<div tabindex="0" role="group" aria-label="{name}" style="overflow-x:auto">{rows}</div>'
