"""How a contact file is read, as HTML: what it contains, and its first rows before and after."""

from __future__ import annotations

from toolkit.display import Section, as_html
from toolkit.planning.imports import FileReading
from toolkit.widgets.views.markup import table


def file_html(file: FileReading) -> str:
    """The labels, who opts out, and the first rows; rows are numbered as in a spreadsheet."""
    brings = [
        ["rows to upload", f"{file.rows:,}"],
        ["excluded rows", f"{file.dropped:,}" if file.dropped else ""],
        ["rows of people who opted out", f"{file.opted_out:,}" if file.opted_out else ""],
        ["read as opted out", ", ".join(file.opt_out_labels)],
        ["new labels", ", ".join(file.new_labels)],
        ["existing labels", ", ".join(file.known_labels)],
    ]
    before = table(["row", *(x.theirs for x in file.columns)], [[f"{x.row:,}", *x.before] for x in file.changes])
    excluded = ["excluded", *[""] * (len(file.header) - 1)]
    after = table(["row", *file.header], [[f"{x.row:,}", *(x.after or excluded)] for x in file.changes])
    return (
        f"{as_html([Section('What it contains', [row for row in brings if row[1]])])}"
        f"<p class='seax-above'><b>First rows in the file</b></p>{_scrolling(before, 'First rows in the file')}"
        f"<p class='seax-above'><b>The same rows as uploaded</b></p>{_scrolling(after, 'The same rows as uploaded')}"
    )


def _scrolling(rows: str, name: str) -> str:
    return f'<div tabindex="0" role="group" aria-label="{name}" style="overflow-x:auto">{rows}</div>'
