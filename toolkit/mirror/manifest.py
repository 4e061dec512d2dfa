"""The content of a mirror, in one small JSON file: which files are current, when and how certainly they were read.

It names the workspace, so that two never mix, and contains no key. Its own digest reveals damage.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from pydantic import ValidationError

from toolkit.errors import MirrorUnusable
from toolkit.models import Campaign, Frozen, Label, Statistics

MANIFEST, LOCK, DRAFT = "manifest.json", "lock", "draft-"  # files beside those that it lists
STILL = timedelta(days=7)  # a finished campaign whose counters were unchanged this long is not checked again


class FilePart(Frozen):
    """One Parquet file of the mirror: its path inside the folder."""

    file: str
    rows: int


class KnownLabel(Frozen):
    """A label, how many contacts have it, and when its members were last read in full."""

    label: Label
    contacts: int
    read_time: datetime


class ContactsPart(Frozen):
    """All contacts in files, the newest first; codes of labels are indexes of `labels`.

    `changed_until` is how far an order by time of change was followed; None where the service does not support it.
    """

    parts: tuple[FilePart, ...]
    labels: tuple[KnownLabel, ...]
    read_time: datetime
    whole_time: datetime  # when the last complete read began
    repairs: int
    exact: bool
    changed_until: datetime | None

    def __len__(self) -> int:
        return sum(part.rows for part in self.parts)


class LogPart(Frozen):
    """One campaign's log, and the campaign as it was just before the log was read or found unchanged."""

    part: FilePart
    campaign: Campaign
    read_time: datetime
    still_since: datetime
    checked_time: datetime
    agrees: bool  # the log adds up to the campaign's counters

    @property
    def is_frozen(self) -> bool:
        """The campaign is finished, and its counters have been unchanged long enough not to be checked."""
        return self.campaign.is_finished and self.checked_time - self.still_since >= STILL

    def has_moved(self, campaign: Campaign) -> bool:
        """True if the log may have changed since it was read."""
        return self.moved_counters(campaign) or not self.agrees

    def moved_counters(self, campaign: Campaign) -> bool:
        """True if the counts of messages differ from when the log was read; opens and clicks are not included."""
        return _counted(self.campaign) is None or _counted(self.campaign) != _counted(campaign)


class Manifest(Frozen):
    """One state of a mirror."""

    version: Literal[1] = 1
    workspace: str  # address and id
    began: datetime  # when the first read ended; label changes are known from then on
    contacts: ContactsPart
    changes: tuple[FilePart, ...]
    logs: dict[str, LogPart]

    @property
    def files(self) -> set[str]:
        """The names of all its files."""
        parts = [*self.contacts.parts, *self.changes, *(log.part for log in self.logs.values())]
        return {part.file for part in parts}


class _Sealed(msgspec.Struct):
    sha256: str
    manifest: msgspec.Raw


def write_manifest(manifest: Manifest) -> bytes:
    """The file's content."""
    body = manifest.model_dump_json().encode()
    return msgspec.json.encode(_Sealed(hashlib.sha256(body).hexdigest(), msgspec.Raw(body)))


def read_manifest(content: bytes) -> Manifest:
    """The manifest in a file; MirrorUnusable if it was not written by this version."""
    try:
        sealed = msgspec.json.decode(content, type=_Sealed)
        body = bytes(sealed.manifest)
        if hashlib.sha256(body).hexdigest() == sealed.sha256:
            return Manifest.model_validate_json(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValidationError):
        pass
    raise MirrorUnusable(
        "The mirror's manifest is damaged, or was written by another version: delete the mirror's folder and refresh()."
    )


def _counted(campaign: Campaign) -> tuple[str, Statistics] | None:
    if campaign.statistics is None:
        return None
    return campaign.status, campaign.statistics.model_copy(update={"opened": 0, "clicked": 0})
