"""Which field a finding is about, what to do in the page's words, and repairs of one click. Independent of widgets."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from toolkit.plans.draft import MOST_MESSAGES
from toolkit.plans.finding import Finding
from toolkit.texting.gsm7 import to_gsm
from toolkit.texting.opt_out_notice import opt_out_words
from toolkit.widgets.forms.campaign_form import CampaignForm

OPT_OUT = "Reply STOP to opt out."
_CONCERNS = {  # the field that findings are about, by the letters of their codes
    "links": ("MSG009", "MSG010", "MSG011"),
    "type": ("TYP", "WAP", "MMS001", "MMS002"),
    "sender": ("SND", "PHN004"),
    "whom": ("AUD", "PHN"),
    "message": ("MSG", "OPT", "CST", "EXP"),
    "media": ("MMS",),
    "when": ("TIM",),
}
_FEW = 3  # characters that a button names
FIELDS = (*_CONCERNS, "else")
_WORDS = (  # what a finding calls the arguments of a draft, and what the page calls its controls
    ("Set shorten_links=True if you want to count clicks.", "Tick Shorten links if you want to count clicks."),
    ("by_zone=True starts it", "By day in each zone starts it"),
    ("send a MessagesDraft, to 200 people at most, which is filled here", "send it as personal messages, to 200 people "
     "at most, which are filled here"),
    ("Name a registration, so that", "Fill in what counts, so that"),
    ("no metric, no least gain, no rule.", "“What counts, by person” is empty."),
    ("see ws.phones()", "those offered have it"),
    ("look for a gain of", "raise “Least rise worth it” to"),
    (" or override EXP001 with the reason", " or type the reason"),
)  # fmt: skip


class Repair(NamedTuple):
    """A repair of one click: what its button says, and the form after it."""

    words: str
    apply: Callable[[CampaignForm], CampaignForm]


def field_of(finding: Finding) -> str:
    """The field beside which a finding stands, one of `FIELDS`."""
    return next((field for field, codes in _CONCERNS.items() if finding.code.startswith(codes)), "else")


def in_page_words(text: str) -> str:
    """A finding or what to do about it, with the names of the page's controls."""
    for ours, page in _WORDS:
        text = text.replace(ours, page)
    return text


def ordered(findings: Sequence[Finding]) -> list[Finding]:
    """The most severe first."""
    return sorted(findings, key=lambda each: ("block", "warn", "info", "overridden").index(each.title))


def repair_of(finding: Finding, form: CampaignForm) -> Repair | None:
    """The repair of one click for a finding on this form; None if it takes a person's thought."""
    code, message = finding.code, "\n".join((form.message, *form.arms.texts))
    if code == "MSG006" and any(_with_opt_out(text) != text for text in (form.message, *form.arms.texts)):
        return Repair(f"Add “{OPT_OUT}”", _each_text(_with_opt_out))
    if code in {"MSG009", "MSG011"} and not form.shorten_links:
        return Repair("Shorten links", lambda form: replace(form, shorten_links=True))
    if code == "MSG010" and "http://" in message and "encrypted" in finding.message:
        return Repair("Write https", _each_text(lambda text: text.replace("http://", "https://")))
    if code == "MSG005" and 0 < finding.contacts <= MOST_MESSAGES and not (form.personal or form.arms.texts):
        return Repair("Send as personal messages", lambda form: replace(form, personal=True))
    if code == "MSG004":
        return Repair("Take out the extra spaces", _each_text(_tidy))
    if code in {"MSG002", "MSG003"}:
        plain = to_gsm(message)
        if plain.replaced and not plain.remaining:
            return Repair("Use plain characters", _each_text(lambda text: to_gsm(text).text))
        if plain.remaining and len(plain.remaining) <= _FEW and code == "MSG002":
            return Repair(f"Take out {' '.join(plain.remaining)}", _each_text(_without(plain.remaining)))
    if code in {"TIM001", "TIM004"} and not form.by_zone:
        return Repair("Start by day in each zone", lambda form: replace(form, by_zone=True))
    return None


def _each_text(change: Callable[[str], str]) -> Callable[[CampaignForm], CampaignForm]:
    """Change the text of the campaign, and of each arm."""
    return lambda form: replace(
        form,
        message=change(form.message),
        arms=replace(form.arms, texts=tuple(map(change, form.arms.texts))),
    )


def _with_opt_out(text: str) -> str:
    """The text as it is if it explains how to opt out in any words, so that the finding is not about it."""
    return text if opt_out_words(text) else f"{text.rstrip()} {OPT_OUT}"


def _without(characters: Sequence[str]) -> Callable[[str], str]:
    def change(text: str) -> str:
        text = to_gsm(text).text
        for character in characters:
            text = text.replace(f"{character} ", "").replace(character, "")
        return text

    return change


def _tidy(text: str) -> str:
    return "\n".join(re.sub(r"  +", " ", line).rstrip() for line in text.replace("\r", "\n").split("\n")).strip()
