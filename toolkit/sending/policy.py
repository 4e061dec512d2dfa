"""What a workspace allows itself: limits that every plan is held against, from a file that its keeper writes.

`policy.toml` in SEAX_HOME, or the TOML or JSON file that SEAX_POLICY names; without one there are no limits but the
defaults here. A draft cannot lift a limit: it is changed in the file. No argument of `connect()` reaches it.
"""

from __future__ import annotations

import json
import tomllib
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from toolkit.errors import SettingsError
from toolkit.models import Frozen
from toolkit.texting.jurisdictions import HoursTable, load_hours

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class SendPolicy(Frozen):
    """The limits in force; None means no limit, an empty list means nothing is allowed.

    What stops a plan: `max_recipients` people a plan; `max_cost` for its highest estimate, in `currency`, which needs
    `price_per_part`; `senders`, the names, numbers or ids that may be used; `link_domains`, the domains (with those
    below them) that texts may link to, and whose media a live plan asks for their type and size; `max_per_day`, the
    messages that one contact may have within 24 hours from campaigns known here; `test_send_above`, the number of
    recipients above which the same text must have been sent to a few before (at most `test_send_size` of them).

    What only warns: `large_audience` people, or `large_share` of the workspace. `brand` is the name people should
    read early in a text.

    What is reckoned with: `messages_per_second` parts that a sender gets out, which decides when a send ends;
    `short_link_length` characters of a shortened link; `price_per_part` and `price_per_mms`, as estimates;
    `hours_file`, a table of the form of `toolkit/texting/hours.toml` whose rules replace those of the same code.

    What is counted from the ledger as a plan leaves: `max_per_day`, again, and `daily_messages`, over all plans.

    A canary: above `canary_above` recipients the first `canary_size` are sent alone. `canary_minutes` later the rest
    goes, unless the share of them that failed is clearly above the usual one, by more than `canary_margin`.

    A test goes to `test_numbers`, the operator's own, and to no others; none listed means to nobody.

    Who says yes: above `signed_above` recipients a live workspace wants a signature, above `two_person_above` those of
    two people. Both count over 24 hours and all plans of the workspace. Where approvers are pinned, SEAX_SIGNED_ABOVE
    (100 if unset) and SEAX_TWO_PERSON_ABOVE are the most that the file can set.
    """

    max_recipients: Count | None = None
    max_cost: Annotated[Decimal, Field(ge=0)] | None = None
    price_per_part: Annotated[Decimal, Field(ge=0)] | None = None
    price_per_mms: Annotated[Decimal, Field(ge=0)] | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "USD"
    senders: tuple[str, ...] | None = None
    link_domains: tuple[str, ...] | None = None
    brand: str = ""
    hours_file: Path | None = None
    messages_per_second: Annotated[float, Field(gt=0)] = 10.0
    short_link_length: Count = 25
    large_audience: Count = 10_000
    large_share: Share = 0.5
    max_per_day: Count | None = None
    test_numbers: tuple[str, ...] = ()
    canary_above: Count | None = None
    canary_size: Annotated[int, Field(ge=1)] = 200
    canary_minutes: Annotated[float, Field(ge=0)] = 10.0
    canary_margin: Share = 0.02
    daily_messages: Count | None = None
    test_send_above: Count | None = None
    test_send_size: Count = 20
    signed_above: Count = 100
    two_person_above: Count | None = None

    def held_to(self, signed_above: int, two_person_above: int | None) -> SendPolicy:
        """The same with thresholds of signatures that are at most these."""
        two = [most for most in (self.two_person_above, two_person_above) if most is not None]
        update = {"signed_above": min(self.signed_above, signed_above), "two_person_above": min(two, default=None)}
        return self.model_copy(update=update)

    @cached_property
    def hours(self) -> HoursTable:
        """The rules on when texts may arrive; SettingsError if the file is none."""
        return load_hours(self.hours_file)


def load_policy(path: Path | None) -> SendPolicy:
    """Read a policy from a TOML or JSON file, the defaults if there is none; SettingsError if it cannot be read."""
    if path is None:
        return SendPolicy()
    try:
        text = path.read_text(encoding="utf-8")
        said = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        policy = SendPolicy.model_validate(said, strict=False)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The policy {path} cannot be read ({error}): nothing is planned without it.") from error
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        raise SettingsError(f"The policy {path} is not whole ({error}): mend it, or name another.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "its form"
        raise SettingsError(f"The policy {path} is wrong at {where}: {first['msg']}.") from error
    if policy.hours_file and not policy.hours_file.is_absolute():
        policy = policy.model_copy(update={"hours_file": path.parent / policy.hours_file})
    policy.hours  # noqa: B018 — read now, so that a wrong file is told at once
    return policy
