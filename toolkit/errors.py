"""Every error the toolkit raises on purpose. Each message says what happened and what to do next.

ToolkitError
├── SettingsError            an environment variable, file or argument of connect() is wrong
├── SegmentError             a segment names an unknown label, or cannot be read
├── UnknownColumn            a frame does not have that column
├── DraftError               a draft that cannot be planned at all
│   └── NotAddressable       the excluded ids are more than the service takes; .alternatives
├── ServiceError             the service did not do what was asked; .status
│   ├── Unauthorized         401
│   ├── NotFound             404
│   ├── InvalidRequest       422; .field, .code
│   │   └── RequestTooLarge  413; .bytes
│   ├── RateLimited          429; .retry_after in seconds
│   ├── Unreachable          no byte of the request was sent
│   ├── ConnectionLost       the request may have arrived, its answer did not
│   ├── UnexpectedReply      a reply that does not have the documented shape
│   │   └── GarbledReply     a broken reply: cut off, or with a row twice
│   └── SnapshotTorn         a list kept changing while it was being read
├── MirrorUnusable           a folder is not a mirror of this workspace, is damaged or cannot be written
├── MirrorBusy               another process is refreshing the mirror
├── NotMirrored              the mirror does not contain that yet
├── NotSupported             this kind of service cannot do that
├── SendRefused              a plan, or the rest of it, was not sent, and why
│   ├── PlanNotFound
│   ├── PlanBlocked          a blocking finding; .findings
│   ├── PlanExpired
│   ├── PlanWithdrawn
│   ├── AudienceChanged      since the approval; .added, .removed: contact ids
│   ├── PlanChanged          something other than the audience differs from what was approved
│   ├── ApprovalRefused      wrong count, or a way of approving that is not accepted here
│   ├── ApprovalInvalid      not an approval this ledger recorded, or for another plan
│   ├── ModeForbids          SEAX_MODE does not allow that
│   ├── Halted               `seax halt` stops everything until `seax resume`
│   ├── CanaryStopped        too many of the first few messages failed, and the rest is never sent
│   ├── LimitReached         the policy's limit on messages within a day, in total or to one person
│   ├── LedgerTampered       somebody changed rows of the ledger by hand
│   └── LedgerUnavailable    no ledger, no send
└── OutcomeUnknown           the request was sent and its outcome is unknown; never retried

ReadCancelled, a KeyboardInterrupt, ends a long read that somebody stopped; it has the rows read so far.
SendInterrupted, another one, ends a send that somebody stopped; it states what was sent by then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_NOTHING_SENT = re.compile(r"\s*Nothing (was sent( now)?|is sent without it)\.$")


class ToolkitError(Exception):
    """The base of every error raised on purpose.

    `statement` states how much of a plan was sent, where a send ended in the error; it replaces the "Nothing was
    sent." that a message may end with.
    """

    statement = ""

    @property
    def reason(self) -> str:
        """What happened and what to do, without the sentence on what was sent."""
        return _NOTHING_SENT.sub("", super().__str__())

    def __str__(self) -> str:
        return f"{self.reason} {self.statement}" if self.statement else super().__str__()


class SettingsError(ToolkitError):
    """An environment variable, a file or an argument of connect() is wrong."""


class SegmentError(ToolkitError):
    """A segment names an unknown label or cannot be read."""


class UnknownColumn(ToolkitError):
    """A frame does not have a column that was asked for."""


class DraftError(ToolkitError):
    """A draft that cannot be planned at all."""


class NotAddressable(DraftError):
    """So many ids would have to be excluded that the service refuses the request; `alternatives` has the nearest sets
    that can be reached."""

    def __init__(self, message: str, *, alternatives: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.alternatives = tuple(alternatives)


class ServiceError(ToolkitError):
    """The service did not do what was asked; `status` is the HTTP status where there was one."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Unauthorized(ServiceError):
    """The API key was not accepted."""


class NotFound(ServiceError):
    """It does not exist in this workspace."""


class InvalidRequest(ServiceError):
    """The service rejected the request as invalid; `field` and `code` are the service's own."""

    def __init__(self, message: str, *, status: int, field: str | None = None, code: str | None = None) -> None:
        super().__init__(message, status=status)
        self.field = field
        self.code = code


class RequestTooLarge(InvalidRequest):
    """The service refused a request for its size, `bytes`, 0 if that is not known."""

    bytes: int = 0


class RateLimited(ServiceError):
    """Too many requests; `retry_after` is the wait in seconds that the service asked for, if it gave one."""

    def __init__(self, message: str, *, status: int = 429, retry_after: float | None = None) -> None:
        super().__init__(message, status=status)
        self.retry_after = retry_after


class Unreachable(ServiceError):
    """No byte of the request was sent."""


class ConnectionLost(ServiceError):
    """The request may have arrived; its answer did not."""


class UnexpectedReply(ServiceError):
    """A reply without the documented shape; `known_id` is the id of what was created, if the reply contains it."""

    known_id: str | None = None


class GarbledReply(UnexpectedReply):
    """A broken reply: cut off and so not valid JSON, or a page with a row twice."""


class SnapshotTorn(ServiceError):
    """A list that kept changing while it was being read."""


class MirrorUnusable(ToolkitError):
    """A folder that is not a mirror of this workspace, is damaged or cannot be written."""


class MirrorBusy(ToolkitError):
    """Another process is refreshing the mirror."""


class NotMirrored(ToolkitError):
    """The mirror does not contain that yet."""


class NotSupported(ToolkitError):
    """This kind of service cannot do that."""


class SendRefused(ToolkitError):
    """A plan, or the rest of it, was not sent: `statement` states how much was."""


class PlanNotFound(SendRefused):
    """The ledger does not have this plan."""


class PlanBlocked(SendRefused):
    """The plan has blocking findings; `findings` lists them."""

    def __init__(self, message: str, findings: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class PlanExpired(SendRefused):
    """The plan is too old to be approved or sent."""


class PlanWithdrawn(SendRefused):
    """Somebody withdrew or declined the plan."""


class AudienceChanged(SendRefused):
    """The recipients are no longer those that were approved; `joined` and `left` are contact ids."""

    def __init__(self, message: str, *, added: Sequence[str] = (), removed: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.added = tuple(added)
        self.removed = tuple(removed)


class PlanChanged(SendRefused):
    """Something other than the audience differs from what was approved."""


class ApprovalRefused(SendRefused):
    """The typed count is wrong, or this way of approving is not accepted here."""


class ApprovalInvalid(SendRefused):
    """Not an approval this ledger recorded, or one for another plan."""


class ModeForbids(SendRefused):
    """SEAX_MODE does not allow that."""


class Halted(SendRefused):
    """Somebody stopped all sending; nothing is sent until it is resumed."""


class CanaryStopped(SendRefused):
    """Too many of the first few messages failed; the rest of the plan is stopped."""


class LimitReached(SendRefused):
    """The policy's limit for one day would be exceeded."""


class LedgerTampered(SendRefused):
    """Rows of the ledger were changed outside the toolkit."""


class LedgerUnavailable(SendRefused):
    """The ledger cannot be written, so nothing may be sent."""


class ReadCancelled(KeyboardInterrupt):
    """Somebody stopped a long read; `rows` has what was read so far, in columns or as a frame."""

    def __init__(self, message: str, rows: Any) -> None:
        super().__init__(message)
        self.rows = rows


class SendInterrupted(KeyboardInterrupt):
    """Somebody stopped a send; the message states what was sent by then and how to continue."""


class OutcomeUnknown(ToolkitError):
    """The request was sent and no definite answer came back; it is never retried."""
