"""What the toolkit says, in words of the tools: its sentences are written once, and some name Python or a form.

No tool overrides a finding: a reason is a person's to give, in the notebook.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

_PAIR = re.compile(r"'([^']*)': '([^']*)'")


def _mapping(found: re.Match[str]) -> str:
    """A mapping as the tool takes it."""
    pairs = [{"theirs": theirs, "ours": ours} for theirs, ours in _PAIR.findall(found[0])]
    return f"mapping: {json.dumps(pairs, ensure_ascii=False)}"


_WORDS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"\bmapping=\{[^}]*\}", _mapping),
    (r"\bconvert it, as in pd\..*?, utc=True\) where it is in UTC", "write the zone, as 2026-03-01T17:00Z"),
    (r"\b(\w+)=True\b", r"\1: true"),
    (r"\b(\w+)='(\w+)'", r"\1: \2"),
    (r"\blet SeaX shorten it", "give the long link with shorten_links: true"),
    (r', or with tzinfo=ZoneInfo\("America/New_York"\)', ""),
    (r": `seax plans` lists all plans", ": get_status lists the open ones"),
    (r": run `seax resume` to continue", ": ask the person to run `seax resume` in a terminal"),
    (r"^List your own numbers as", "Ask the operator to list their own numbers as"),
    (r": see ws\.phones\(\)", ": get_status lists them"),
    (r": see ws\.campaign_ids\(\)", ": find_campaigns lists them"),
    (r": look in ws\.contacts\(\)", ": look with find_contacts"),
    (r"`ws\.report\(campaign_id\)` says", "get_campaign_report says"),
    (r"\bws\.imports\.label\(draft\) makes", "plan_import with label_for makes"),
    (r"^Give the recipients a label of their own", r"\g<0> (plan_import with label_for)"),
    (r": draft\.as_test\(\)", ": as_test: true"),
    (
        r"\bsend a MessagesDraft, to 200 people at most, which is filled",
        "set personal: true, for at most 200, to be filled",
    ),
    (r"\bName it in `\w+`: ws\.drafts\.(\w+)\(\) lists them", r"Name it in through: the analyst sees the \1 in SeaX"),
    (r": see ws\.drafts\.templates\(\)", ": the analyst sees them in SeaX"),
    (r"\bSee the steps under Who,", "See left_out,"),
    (r"\bCheck the first rows[^;.]*", "Check what file.columns says of each"),
    (r": see that ('\w+') has what ws\.contacts\(\) shows as its (\w+)", r": \1 has to be the \2 of a contact"),
    (r"\bThe frame\b", "The file"),
    (r"\bthe frame\b", "the file"),
    (r": pass a frame\b", ": give a file"),
    (r": pass (a file|the orders)\b", r": give \1"),
    (
        r"\bfind the campaign .*? in SeaX and pass what you found to ws\.ledger\.reconcile\(\)",
        "ask the person to run `seax reconcile` with the plan's id in a terminal",
    ),
    (
        r"\bws\.ledger\.check_plan_recipients\([^)]*\)\.missing are the contacts that remain; plan",
        "ask the analyst which contacts remain, and plan",
    ),
    (r"\bsplit\.read_out\([^)]*\)", "the notebook, which is the analyst's"),
    (r"\boverride ([A-Z]{3}\d{3})\b", r"ask the analyst to override \1 in the notebook"),
    (r"\bgive a reason in overrides\b", "ask the analyst to give a reason in the notebook"),
    (r"\bwith a reason in overrides\b", "with a reason that the analyst gives in the notebook"),
    # whatever else names a read
    (r"\bws\.contacts\(\)", "find_contacts"),
    (r"\bws\.logs\([^)]*\)", "query_logs"),
)
_IN_TOOL_WORDS = [(re.compile(pattern), words) for pattern, words in _WORDS]


def in_tool_words(said: str) -> str:
    """A sentence of the toolkit, for a model."""
    for pattern, words in _IN_TOOL_WORDS:
        said = pattern.sub(words, said)
    return said
