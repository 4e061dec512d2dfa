"""The behaviour of a sandbox where the guide, or what the vendor publishes, leaves it open."""

from dataclasses import dataclass, field
from typing import Literal

from toolkit.sandbox.faults import Faults


@dataclass(frozen=True)
class Published:
    """What nobody outside can know of the published API, with both answers to each question."""

    counts: Literal["exclusive", "cumulative"] = "exclusive"  # of statuses: a message counts once, or as sent as well
    does_a_draft_send: bool = False
    does_launching_send: bool = True  # a draft that is patched to INSTANCE
    is_audience_taken_at_launch: bool = True  # of a draft; otherwise at its creation
    are_additions_a_filter: bool = True  # by themselves; otherwise labels or a keyword are needed as well
    do_additions_win: bool = False  # over what is excluded
    drops_opted_out: bool = True  # without being asked to
    cancels_by: Literal["patch", "delete"] = "patch"
    fills_missing: Literal["literal", "empty"] = "literal"  # a placeholder without a value
    fills_single_messages: bool = True
    is_bulk_listed: bool = True  # campaigns to numbers, in lists and logs
    does_merge_unite: bool = True  # an import's labels with those a contact has; otherwise it replaces them
    makes_labels: bool = True  # of names that an import brings
    keeps_system_labels: bool = True  # when a contact's labels are patched
    logs_appear: Literal["as sent", "at launch"] = "as sent"
    updated_time_is: Literal["of report", "later"] = "of report"
    most_rows: int | None = None  # of a page; None: no limit, and limit=0 gives all
    is_resource_the_campaign: bool = True  # of a job that launches one
    checks_service: bool = True  # that it has the senders


@dataclass(frozen=True)
class Behaviour:
    """Settings of one opened sandbox; they are not stored in the file."""

    messages_per_second: float = 100.0
    requests_per_minute: int | None = None
    faults: Faults | None = None
    published: Published = field(default_factory=Published)
