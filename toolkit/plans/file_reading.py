"""How a contact file was read and what of it is uploaded: the part of a plan that a person checks before an import."""

from __future__ import annotations

from pathlib import Path

from toolkit.display import Described, Section, number_of
from toolkit.models import Frozen

NAME, PHONE, WHATSAPP, LABELS, FIELDS = "name", "phone", "whatsapp", "labels", "fields"
OPTED_OUT, OPTED_IN, IGNORE = "opted out", "opted in", "ignore"
OURS = (NAME, PHONE, WHATSAPP, LABELS, OPTED_OUT, OPTED_IN, FIELDS, IGNORE)
REASON = "reason"  # the column with the service's reason for refusing a row
_ROWS = 20  # row numbers listed


class ColumnReading(Frozen):
    """What one of the file's columns becomes: one of OURS, or the contact field named `ours`; "" if it is undecided.

    `reason` explains why; `sample` are a few of its values as in the file, phones masked.
    """

    theirs: str
    ours: str
    reason: str = ""
    sample: tuple[str, ...] = ()

    @property
    def is_field(self) -> bool:
        """It becomes a contact field."""
        return self.ours not in ("", *OURS)


class RowChange(Frozen):
    """One row before, by the file's columns except ignored ones, and after, by ours; phones masked.

    `after` is empty if the row is not uploaded.
    """

    row: int
    before: tuple[str, ...]
    after: tuple[str, ...]


class FileReading(Described, Frozen):
    """A contact file as it was read, and the file uploaded in its place.

    `rows` is how many rows are uploaded; `row` numbers are those of a spreadsheet, with header and blank rows counted.
    `sha256` is of the uploaded file, of which `path` is a copy for checking, kept for a day.
    """

    encoding: str
    separator: str
    header_row: int
    above: tuple[str, ...] = ()
    columns: tuple[ColumnReading, ...] = ()
    countries: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    rows: int = 0
    changes: tuple[RowChange, ...] = ()
    known_labels: tuple[str, ...] = ()
    new_labels: tuple[str, ...] = ()
    opt_out_labels: tuple[str, ...] = ()
    opted_out: int = 0
    opted_out_rows: tuple[int, ...] = ()
    dropped: int = 0
    sha256: str = ""
    path: Path | None = None

    @property
    def mapping(self) -> dict[str, str]:
        """What the columns become, as `ImportDraft(mapping=…)` takes it; without undecided ones."""
        return {column.theirs: column.ours for column in self.columns if column.ours}

    def describe(self) -> list[Section]:
        """The format of the file, its columns, its labels and its first rows before and after."""
        form = [
            ["encoding", self.encoding],
            ["separator", self.separator],
            ["header", f"row {self.header_row}" + (f", below {'; '.join(self.above)!r}" if self.above else "")],
            ["phones without a country", f"as of {' or '.join(self.countries)}" if self.countries else "not read"],
            ["rows to upload", f"{self.rows:,}" + (f", {self.dropped:,} excluded" if self.dropped else "")],
        ]
        if self.path:
            form.append(["the file to upload", f"{self.path} (SHA-256 {self.sha256[:12]})"])
        columns = [[column.theirs, "→", _ours(column), column.reason, _sample(column)] for column in self.columns]
        sections = [Section("How the file was read", form), Section("Columns", columns)]
        labels = [["new", name] for name in self.new_labels]
        labels += [["opt-out", f"{name} is read as opted out"] for name in self.opt_out_labels]
        labels += [["known", ", ".join(self.known_labels)]] if self.known_labels else []
        if self.opted_out:
            labels.append(
                ["opted out", f"{number_of(self.opted_out, 'row')}: {row_numbers(self.opted_out_rows, self.opted_out)}"]
            )
        if labels:
            sections.append(Section("Labels", labels))
        if self.changes:
            changes = [["", " · ".join(self.header)]]
            for change in self.changes:
                changes.append([f"- row {change.row}", " · ".join(change.before)])
                changes.append(["+", " · ".join(change.after) if change.after else "excluded"])
            sections.append(Section("First rows, before and after", changes))
        return sections


def row_numbers(rows: tuple[int, ...] | list[int], total: int | None = None) -> str:
    """Row numbers as people write them: `row 3`, `rows 3, 4 and 9`, `rows 3, 4, … and 80 more`."""
    total = len(rows) if total is None else total
    shown = [f"{row:,}" for row in rows[:_ROWS]]
    if total > len(shown):
        return f"rows {', '.join(shown)} and {total - len(shown):,} more"
    return f"rows {', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else f"row {''.join(shown)}"


def _ours(column: ColumnReading) -> str:
    if not column.ours:
        return "UNDECIDED"
    return f"contact field {column.ours}" if column.is_field else column.ours


def _sample(column: ColumnReading) -> str:
    return f"e.g. {', '.join(column.sample)}" if column.sample else ""
