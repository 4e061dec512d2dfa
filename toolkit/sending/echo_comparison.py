"""Whether the service understood a campaign as it was asked for: what it repeats of a draft, before that is launched.

What it does not repeat cannot be compared: the labels that a campaign attaches to contacts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from toolkit.api.campaign_echo import CampaignEcho
from toolkit.display import plain, when
from toolkit.models import CampaignRequest
from toolkit.plans.plan_step import plain_form

_SHOWN = 80  # characters of a text


def compare_echo(sent: CampaignRequest, echo: CampaignEcho) -> list[str]:
    """What differs between a campaign as it was requested and as the service repeats it, each in words; empty if
    nothing does. Of the text, spaces at its ends and Unicode forms are ignored; a template has its own."""
    is_template = bool(sent.template)
    texts = (
        ("name", echo.name, sent.name),
        ("type", echo.type, sent.type),
        ("text", echo.message, echo.message if is_template else sent.message),
        ("messaging service", echo.service_id, echo.service_id if is_template else sent.service_id),
        ("template", "/".join(echo.template), "/".join(sent.template)),
        ("AI agent", echo.agent_id, sent.agent_id),
        ("header", echo.header, ""),
        ("mode", echo.other_mode, ""),
    )
    flags = (
        ("is scheduled", echo.is_scheduled, sent.start_at is not None),
        ("shortens links", echo.shorten_links, sent.shorten_links),
        ("goes to WhatsApp numbers alone", echo.is_whatsapp_only, is_template),
        ("starts by time zone", echo.is_by_zone, False),
        ("is launched already", not echo.is_draft, False),
    )
    lists = (
        ("senders", echo.sender_ids, sent.sender_ids),
        ("media", echo.media_urls, sent.media_urls),
        ("files", echo.files, ()),
        ("labels of which one is enough", echo.any_of, sent.target.any_of),
        ("labels that are all needed", echo.all_of, sent.target.all_of),
        ("excluded labels", echo.none_of, sent.target.none_of),
        ("labels that exclude together", echo.none_of_all, ()),
        ("contacts by id", echo.contacts, sent.target.contacts),
        ("excluded contacts", echo.exclude_contacts, sent.target.exclude_contacts),
    )
    return [
        *_differing_texts(texts),
        *(f"it {'' if theirs else 'not '}{what}" for what, theirs, ours in flags if theirs is not ours),
        *_differing_times((("start", echo.start_at, sent.start_at), ("end", echo.end_at, sent.end_at))),
        *_differing_lists(lists),
    ]


def is_same_second(theirs: datetime | None, ours: datetime | None) -> bool:
    """Whether two times are less than a second apart, as one that a service keeps in whole seconds; or both absent."""
    if theirs is None or ours is None:
        return theirs is ours
    return abs(theirs - ours) < timedelta(seconds=1)


def _differing_texts(parts: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    for what, theirs, ours in parts:
        if plain_form(theirs) != plain_form(ours):
            yield f"its {what} is {_short(theirs)}, not {_short(ours)}"


def _differing_times(parts: Sequence[tuple[str, datetime | None, datetime | None]]) -> Iterator[str]:
    for what, theirs, ours in parts:
        if not is_same_second(theirs, ours):
            yield f"its {what} is {when(theirs) if theirs else 'missing'}, not {when(ours) if ours else 'open'}"


def _differing_lists(parts: Sequence[tuple[str, Sequence[str], Sequence[str]]]) -> Iterator[str]:
    for what, theirs, ours in parts:
        more, fewer = len({*theirs} - {*ours}), len({*ours} - {*theirs})
        if more or fewer:
            counted = " and ".join([*[f"{more:,} more"][: bool(more)], *[f"{fewer:,} fewer"][: bool(fewer)]])
            yield f"its {what} are {counted} than asked for"


def _short(text: str) -> str:
    shown = plain(text)
    return repr(shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…")
