"""The limits of a workspace, which every plan is checked against, from a file that its owner writes.

`policy.toml` in SEAX_HOME, or the TOML or JSON file in SEAX_POLICY; without one there are no limits but the
defaults here. A draft cannot lift a limit: it is changed in the file. No argument of `connect()` changes it.
"""

from __future__ import annotations

import json
import tomllib
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field, ValidationError

from toolkit.data.label_names import LabelNames
from toolkit.errors import SettingsError
from toolkit.invalid_values import in_words, place_in
from toolkit.models import Frozen
from toolkit.texting.opt_out_words import folded_name
from toolkit.texting.quiet_hours_rules import Consent, HoursTable, load_hours

if TYPE_CHECKING:
    from toolkit.audience.holdout import Holdout

Count = Annotated[int, Field(ge=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
_KEPT = frozenset({"dnc", "unsubscribed"})  # labels of the service that always mean opted out


def _without_kept(names: tuple[str, ...]) -> tuple[str, ...]:
    if kept := [name for name in names if folded_name(name) in _KEPT]:
        raise ValueError(f"{kept[0]!r} always means that somebody opted out: remove it from not_opt_out_labels")
    return names


def _country(said: str) -> str:
    from toolkit.texting.numbering.dialling import dialling

    if dialling(said) is None:
        raise ValueError(f"{said!r} is not a country: write its ISO 3166 code, such as US or GB")
    return said


class SendPolicy(Frozen):
    """The limits in force; None means no limit, an empty list means nothing is allowed.

    What stops a plan: `max_recipients` people per plan; `max_cost` for its highest estimate, in `currency`, which needs
    `price_per_part`; `senders`, the names, numbers or ids that may be used; `link_domains`, the domains (with those
    below them) that texts may link to, and whose media a live plan checks for type and size; `max_per_day`, the
    messages that one contact may get in any 24 hours from campaigns known here, sent or scheduled; `test_send_above`,
    the number of recipients above which the same text must have been sent to a few before (at most `test_send_size` of
    them).

    What only warns: `large_audience` people, or `large_share` of the workspace. `brand` is the name people should
    read early in a text.

    Assumptions: `messages_per_second`, the parts a sender sends per second, which decides when a send ends (unless it
    is set, all senders together send what the carriers allow their messaging service, where that is reported);
    `short_link_length` characters of a shortened link; `price_per_part` and `price_per_mms`, as estimates;
    `hours_file`, a table of the form of `toolkit/texting/hours.toml` whose rules replace those of the same code;
    `consent`, what all recipients have given: `express` (prior express consent) or `relationship` (a purchase or other
    dealing within 18 months), which lifts rules that allow it. Unless set none is assumed, which is strictest.

    What is counted from the ledger when a plan is sent: `max_per_day`, again, and `daily_messages`, over all plans, in
    any 24 hours. Messages count when they are sent, scheduled ones at their start.

    A canary: above `canary_above` recipients the first `canary_size` are sent alone. `canary_minutes` later the rest
    is sent, unless the share of them that failed is clearly above the usual one, by more than `canary_margin`.

    `country`, an ISO 3166 code, is where numbers without a calling code are; by default where the senders are.

    What labels mean: nobody with a label of `opt_out_labels` is texted, as with DNC; a label of `not_opt_out_labels` is
    treated as any other, although its name looks like an opt-out. DNC and unsubscribed cannot be listed there.

    `holdout` is the share of all people who are sent nothing, at most half, so that the effect of texting can be
    measured; another `holdout_salt` draws others. A draft that has to reach them gives a reason, `holdout_exempt`.

    A test goes only to `test_numbers`, the operator's own; if none are listed, to nobody.

    Who approves: above `signed_above` recipients a live workspace requires a signature, above `two_person_above` those
    of two people. Both count over 24 hours and all plans of the workspace. Where approvers are pinned, the variables
    SEAX_SIGNED_ABOVE (100 if unset) and SEAX_TWO_PERSON_ABOVE are the most that the file can set.
    """

    _wrong = SettingsError

    max_recipients: Count | None = None
    max_cost: Annotated[Decimal, Field(ge=0)] | None = None
    price_per_part: Annotated[Decimal, Field(ge=0)] | None = None
    price_per_mms: Annotated[Decimal, Field(ge=0)] | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "USD"
    senders: tuple[str, ...] | None = None
    link_domains: tuple[str, ...] | None = None
    brand: str = ""
    hours_file: Path | None = None
    country: Annotated[str, AfterValidator(_country)] | None = None
    consent: tuple[Consent, ...] = ()
    messages_per_second: Annotated[float, Field(gt=0)] = 10.0
    short_link_length: Count = 25
    large_audience: Count = 10_000
    large_share: Fraction = 0.5
    max_per_day: Count | None = None
    opt_out_labels: tuple[str, ...] = ()
    not_opt_out_labels: Annotated[tuple[str, ...], AfterValidator(_without_kept)] = ()
    holdout: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    holdout_salt: str = "holdout"
    test_numbers: tuple[str, ...] = ()
    canary_above: Count | None = None
    canary_size: Annotated[int, Field(ge=1)] = 200
    canary_minutes: Annotated[float, Field(ge=0)] = 10.0
    canary_margin: Fraction = 0.02
    daily_messages: Count | None = None
    test_send_above: Count | None = None
    test_send_size: Count = 20
    signed_above: Count = 100
    two_person_above: Count | None = None

    @property
    def held_out(self) -> Holdout | None:
        """Who is excluded from everything; None if nobody is."""
        from toolkit.audience.holdout import Holdout

        return Holdout(self.holdout, self.holdout_salt) if self.holdout else None

    @property
    def label_names(self) -> LabelNames:
        """What the names of labels mean under this policy."""
        return LabelNames(self.opt_out_labels, self.not_opt_out_labels)

    def held_to(self, signed_above: int, two_person_above: int | None) -> SendPolicy:
        """The same with thresholds of signatures that are at most these."""
        two = [most for most in (self.two_person_above, two_person_above) if most is not None]
        update = {"signed_above": min(self.signed_above, signed_above), "two_person_above": min(two, default=None)}
        return self.model_copy(update=update)

    @cached_property
    def hours(self) -> HoursTable:
        """The rules on when texts may arrive; SettingsError if the file is invalid."""
        return load_hours(self.hours_file).without(self.consent)


def load_policy(path: Path | None) -> SendPolicy:
    """Read a policy from a TOML or JSON file, or the defaults without one; SettingsError if it cannot be read."""
    if path is None:
        return SendPolicy()
    try:
        text = path.read_text(encoding="utf-8-sig")  # as Windows' editors may save it
        said = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        policy = SendPolicy.model_validate(said, strict=False)
    except OSError as error:
        raise SettingsError(
            f"The policy {path} cannot be read ({error.strerror}): check SEAX_POLICY. Nothing is planned without it."
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"The policy {path} is not UTF-8 text: save it as UTF-8, or use another file.") from error
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        why = f"cannot be parsed ({place_in(error)})"
        raise SettingsError(f"The policy {path} {why}: correct it, or use another file.") from error
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "its format"
        wrong = in_words(error, SendPolicy.model_fields, of="the policy")
        raise SettingsError(f"The policy {path} is wrong at {where}: {wrong}") from error
    if policy.hours_file and not policy.hours_file.is_absolute():
        policy = policy.model_copy(update={"hours_file": path.parent / policy.hours_file})
    policy.hours  # noqa: B018 — read now, so that a wrong file is reported at once
    return policy
