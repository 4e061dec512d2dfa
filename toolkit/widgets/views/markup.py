"""HTML for the parts of widgets that only display. Whatever came from outside passes through `escaped`."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.audience.waterfall import Step
from toolkit.display import plain
from toolkit.errors import SendInterrupted, ToolkitError
from toolkit.pages.html_page import tokens

if TYPE_CHECKING:
    from ipywidgets import HTML, VBox  # not where only the HTML is needed, as on the approval page


def escaped(text: str) -> str:
    """The text as safe HTML, on one line."""
    return escape(plain(text), quote=True)


def status(text: str) -> str:
    """A success."""
    return f'<div role="status" class="seax-well">{escaped(text)}</div>'


def hint(text: str) -> str:
    """What remains to be done."""
    return f'<div role="status">{escaped(text)}</div>'


def caution(text: str) -> str:
    """A warning that something may not be intended."""
    return f'<div role="status" class="seax-caution">{escaped(text)}</div>'


def refusal(text: str) -> str:
    """A failure or refusal, and why."""
    return f'<div role="alert" class="seax-alert"><b>{escaped(text)}</b></div>'


def banner(*, live: bool) -> str:
    """Which kind of workspace this is: by its word and shape first, by its colour second."""
    kind, word, rest = (
        ("live", "LIVE", "real people receive what you send")
        if live
        else ("embedded", "EMBEDDED", "invented people, nobody is texted")
    )
    return f'<div role="note" class="seax-where seax-where--{kind}"><b>{word}</b> <span>{rest}</span></div>'


def heading(text: str) -> str:
    """The name of a part of the page."""
    return f'<div class="seax-h" role="heading" aria-level="2">{escaped(text)}</div>'


def look() -> VBox:
    """The style of all widgets and the script of their page, as a part of one of them that is not seen."""
    from ipywidgets import HTML, VBox

    from toolkit.widgets.views.page_script import PageScript

    return VBox([HTML(f"<style>{widget_style()}</style>"), PageScript()]).add_class("seax-style")


@cache
def widget_style() -> str:
    """The style of all widgets and of the views in them, in CSS."""
    return tokens() + (Path(__file__).parent / "look.css").read_text(encoding="utf-8")


def bars(rows: Sequence[tuple[str, int]], total: int) -> str:
    """Counts as bars of a whole, with their names and numbers: a table without any style."""
    lines = []
    for name, number in rows:
        share = 100 * number / total if total else 0
        lines.append(
            f'<tr><td style="{_CELL} overflow-wrap:anywhere">{escaped(name)}</td>'
            f'<td style="{_CELL} text-align:right; white-space:nowrap">{number:,}</td>'
            f'<td style="{_CELL} text-align:right; white-space:nowrap">{share:.1f} %</td>'
            '<td style="width:45%; padding:1px"><div style="background:var(--data, #0072b2); height:10px; '
            f'width:{share:.2f}%"></div></td></tr>'
        )
    return f'<table style="width:100%; line-height:1.4; table-layout:auto">{"".join(lines)}</table>'


SHORT_REASONS = {  # reasons, as a table has room for them
    "no_phone": "no phone number",
    "malformed": "number cannot be read",
    "locked": "fictional here, or real on the embedded service",
    "duplicate": "same number as another",
    "opted_out": "opted out",
    "unreachable": "unreachable",
    "capped": "had as many texts as allowed",
    "global_holdout": "held out by the policy",
    "unlabelled": "have no label",
    "over_limit": "above the limit",
    "reserved": "reserved by an experiment",
    "held_out": "held out, to compare",
    "recipient": "receive it",
}


def waterfall_list(selected: int, waterfall: Sequence[Step]) -> str:
    """Who is excluded at which step, from those selected to those who receive it, as stairs on one scale."""
    rest, lines = selected, [_stair(f"{selected:,}", "selected", "", 0, 1, is_whole=True)]
    whole = max(selected, 1)
    for step in waterfall:
        is_last = step.outcome == "recipient"
        rest -= 0 if is_last else step.count
        at, width = (0, step.count / whole) if is_last else (rest / whole, step.count / whole)
        number = f"{'' if is_last else '−'}{step.count:,}"
        short = SHORT_REASONS.get(step.outcome, step.reason)
        lines.append(_stair(number, short, step.reason, at, width, is_whole=is_last))
    return f'<table class="seax-fall"><tbody>{"".join(lines)}</tbody></table>'


def _stair(number: str, words: str, reason: str, at: float, width: float, *, is_whole: bool) -> str:
    kind = ' class="all"' if is_whole else ""
    return (
        f'<tr{kind}><td>{number}</td><td title="{escaped(reason)}">{escaped(words)}</td>'
        f'<td><i style="--at:{at:.4f};--n:{width:.4f}"></i></td></tr>'
    )


def code(text: str) -> str:
    """A line of code that one click selects completely, for copying."""
    return (
        f'<pre style="user-select:all; white-space:pre-wrap; overflow-wrap:anywhere; padding:6px 10px; '
        f'border:1px solid #8888">{escaped(text)}</pre>'
    )


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows under titles; long words break instead of widening the page."""
    head = "".join(
        f'<th style="{_TABLE}; overflow-wrap:break-word" scope="col">{escaped(title)}</th>' for title in titles
    )
    lines = ("".join(f'<td style="{_TABLE}">{escaped(cell)}</td>' for cell in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<table class="seax-table" style="line-height:1.4"><tr>{head}</tr>{body}</table>'


def image(png: bytes, words: str) -> str:
    """A picture, and its text for people who cannot see it."""
    source = f"data:image/png;base64,{b64encode(png).decode()}"
    return f'<img src="{source}" alt="{escaped(words)}" style="max-width:100%">'


_CELL = "text-align:start; padding:1px 10px 1px 0;"
_ROW = "text-align:start; padding:4px 12px 4px 0;"
_TABLE = f"{_ROW} vertical-align:top; min-width:6em; max-width:340px; overflow-wrap:anywhere"


@contextmanager
def refusals_in(place: HTML) -> Iterator[None]:
    """Show errors in `place`, because a page does not show what an event handler raises."""
    try:
        yield
    except (ToolkitError, SendInterrupted) as error:
        place.value = refusal(str(error))
    except Exception as error:
        place.value = refusal(f"{type(error).__name__}: {error}. This is a bug in the toolkit: please report it.")
        raise
