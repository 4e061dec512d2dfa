"""Findings on the labels of a contact file, and on the people it opts out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from toolkit.data.bitmaps import Mask
from toolkit.display import number_of
from toolkit.planning.imports.label_cells import LabelCell
from toolkit.planning.imports.rewrite import Rewrite
from toolkit.plans.file_reading import row_numbers
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding
from toolkit.suggest import nearest


def check_labels(made: Rewrite) -> Iterator[Finding]:
    """Findings on labels: new ones by name, those that may mean opting out, and rows that opt out."""
    reading = made.reading
    if new := reading.new_labels:
        meant = {label: nearest(label, made.known, cutoff=0.8) for label in new}
        yield finding(
            "IMP005",
            f"{number_of(len(new), 'label', 'is', 'are')} new to this workspace."
            if len(new) > 1
            else "1 label is new to this workspace.",
            "Check their spelling: a label with another spelling is another label.",
            evidence=tuple(f"{label}: did you mean {near}?" if near else label for label, near in meant.items()),
        )
    doubtful = _which(made, lambda cell: bool(cell.doubtful))
    if doubtful.any():
        names = dict.fromkeys(name for cell in made.labels for name in cell.doubtful)
        yield finding(
            "IMP012",
            f"{number_of(len(names), 'label')} may mean that their people opted out ({', '.join(names)}): "
            f"{row_numbers(made.rows(doubtful))}.",
            "Write DNC for people who opted out, another name for others, or give a reason in overrides: then they are "
            "treated as any other label.",
            contacts=int(doubtful.sum()),
            evidence=tuple(names),
        )
    comma = _which(made, lambda cell: bool(cell.with_comma))
    if comma.any():
        names = dict.fromkeys(name for cell in made.labels for name in cell.with_comma)
        yield finding(
            "IMP020",
            f"The service separates labels at commas, so {', '.join(map(repr, names))} cannot be imported: "
            f"{row_numbers(made.rows(comma))}.",
            "Rename the label in SeaX, or remove it from the file and add it to these contacts in SeaX.",
            contacts=int(comma.sum()),
        )
    if reading.opted_out:
        silent = "".join(
            f" {count:,} of them {'has' if count == 1 else 'have'} nothing in {name}, which counts as a no."
            for name, count in made.silent_consent.items()
            if count
        )
        yield finding(
            "IMP019",
            f"{number_of(reading.opted_out, 'row')} opted out, and will have the label {made.opt_out}: "
            f"{row_numbers(reading.opted_out_rows, reading.opted_out)}.{silent}",
            "Nothing to do: contacts with that label or one of their numbers are not texted.",
            contacts=reading.opted_out,
        )


def _which(made: Rewrite, has: Callable[[LabelCell], bool]) -> Mask:
    which: Mask = np.array([has(cell) for cell in made.labels], bool)[made.label_codes]
    return which
