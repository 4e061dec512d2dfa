"""What a plan of a contact file would find, while its draft is still being written."""

from __future__ import annotations

from toolkit.display import Described, Section
from toolkit.models import Frozen
from toolkit.plans.file_reading import FileReading
from toolkit.plans.finding import Finding


class ImportCheck(Described, Frozen):
    """How a file is read and what would be uploaded in its place, with the findings; nothing is stored.

    `problem` is what prevents planning the draft at all, empty if nothing does.
    """

    file: FileReading
    findings: tuple[Finding, ...]
    problem: str = ""

    def describe(self) -> list[Section]:
        """The file, and the findings."""
        rows = [[each.title.upper(), each.code, f"{each.message} {each.fix}"] for each in self.findings]
        return [
            *self.file.describe(),
            Section("Findings", [["BLOCK", "", self.problem], *rows] if self.problem else rows),
        ]
