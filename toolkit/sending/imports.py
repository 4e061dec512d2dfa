"""A contact file looked at before anything leaves: columns, rows, phones."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.errors import DraftError
from toolkit.sending.catalogue import finding
from toolkit.sending.draft import ImportDraft
from toolkit.sending.finding import Finding
from toolkit.texting.phones import is_e164, is_fictional


@dataclass(frozen=True)
class ContactFile:
    """A CSV file as read: its bytes, and the phone of every row that is not blank."""

    content: bytes
    phones: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.phones)


def read_file(draft: ImportDraft) -> ContactFile:
    """Read the draft's file; DraftError if it cannot be read, is no UTF-8 CSV or has no `name` or `phone`."""
    try:
        content = draft.path.read_bytes()
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        columns = tuple(next(rows, []))
        names = [column.strip().lower() for column in columns]
        if "name" not in names or "phone" not in names:
            raise DraftError(
                f"{draft.path.name} has no column 'name' or no column 'phone' in its first line: it has "
                f"{', '.join(columns) or 'nothing'}."
            )
        at = names.index("phone")
        phones = tuple(row[at].strip() if at < len(row) else "" for row in rows if any(cell.strip() for cell in row))
    except OSError as error:
        raise DraftError(
            f"{draft.path} cannot be read ({error.strerror}): check the path and your rights to it."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DraftError(f"{draft.path.name} is no CSV in UTF-8 ({error}): save it as CSV UTF-8.") from error
    return ContactFile(content, phones)


def check_import(file: ContactFile, *, live: bool) -> Iterator[Finding]:
    """Findings on a contact file."""
    if len(file) == 0:
        yield finding("IMP001", "The file has no rows.", "Add rows below the column names.")
    complete = [phone for phone in file.phones if is_e164(phone)]
    wrong = sum(is_fictional(phone) is live for phone in complete)
    if wrong and live:
        yield finding(
            "PHN003",
            f"{wrong:,} phones are fictional and can belong to nobody.",
            "Remove them: this is the real service.",
            contacts=wrong,
        )
    elif wrong:
        yield finding(
            "PHN003",
            f"{wrong:,} phones could belong to real people; the embedded workspace will refuse those rows.",
            "Use fictional numbers such as +1 202 555 0147 here.",
            severity="warn",
            contacts=wrong,
        )
    if local := len(file) - len(complete):
        yield finding(
            "PHN001",
            f"{local:,} phones are not in the form +12025550147; the service completes or refuses them.",
            "Name phone_country, and check the job's failed rows afterwards.",
            severity="info",
            contacts=local,
        )
