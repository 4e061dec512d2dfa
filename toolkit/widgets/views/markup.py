"""HTML for the parts of widgets that only display. Whatever came from outside passes through `escaped`."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from html import escape

from ipywidgets import HTML

from toolkit.audience.waterfall import Step
from toolkit.errors import SendInterrupted, ToolkitError
from toolkit.sections import plain


def escaped(text: str) -> str:
    """The text as safe HTML, on one line."""
    return escape(plain(text), quote=True)


def status(text: str) -> str:
    """A success."""
    return f'<div role="status" style="{_BOX} background:#e6f4ea; color:#0b3d1c">{escaped(text)}</div>'


def hint(text: str) -> str:
    """What remains to be done."""
    return f'<div role="status">{escaped(text)}</div>'


def caution(text: str) -> str:
    """A warning that something may not be intended."""
    return f'<div role="status" style="{_BOX} background:#fff4e5; color:#5f3700">{escaped(text)}</div>'


def refusal(text: str) -> str:
    """A failure or refusal, and why."""
    return f'<div role="alert" style="{_BOX} background:#fdecea; color:#611a15"><b>{escaped(text)}</b></div>'


def banner(*, live: bool) -> str:
    """Which kind of workspace this is, in words first and in colour second."""
    words, colour = (
        ("LIVE workspace: real people receive what you send", "#b00020")
        if live
        else ("Embedded workspace: no real people are texted", "#00695c")
    )
    return f'<div role="note" style="{_BOX} background:{colour}; color:#fff"><b>{words}</b></div>'


def bars(rows: Sequence[tuple[str, int]], total: int) -> str:
    """Counts as bars of a whole, with their names and numbers: a table without any style."""
    lines = []
    for name, number in rows:
        share = 100 * number / total if total else 0
        lines.append(
            f'<tr><td style="{_CELL} overflow-wrap:anywhere">{escaped(name)}</td>'
            f'<td style="{_CELL} text-align:right; white-space:nowrap">{number:,}</td>'
            f'<td style="{_CELL} text-align:right; white-space:nowrap">{share:.1f} %</td>'
            f'<td style="width:45%; padding:1px"><div style="background:#4c78a8; height:10px; width:{share:.2f}%">'
            "</div></td></tr>"
        )
    return f'<table style="width:100%; line-height:1.4; table-layout:auto">{"".join(lines)}</table>'


def waterfall_list(selected: int, waterfall: Sequence[Step]) -> str:
    """Who is excluded at which step, from those selected to those who receive it."""
    rows = [(f"{selected:,}", "selected", "", selected)]
    rows += [
        (f"{'' if step.outcome == 'recipient' else '−'}{step.count:,}", step.reason, step.outcome, step.count)
        for step in waterfall
    ]
    lines = [
        f'<tr><td style="{_CELL} text-align:right; white-space:nowrap"><b>{number}</b></td>'
        f'<td style="{_CELL}">{escaped(reason)}<div style="height:4px; width:{100 * count / max(selected, 1):.2f}%; '
        f'background:{"#4c78a8" if outcome in {"", "recipient"} else "#e4572e"}"></div></td></tr>'
        for number, reason, outcome, count in rows
    ]
    return f'<table style="width:100%; line-height:1.4">{"".join(lines)}</table>'


def code(text: str) -> str:
    """A line of code that one click selects completely, for copying."""
    return (
        f'<pre style="user-select:all; white-space:pre-wrap; overflow-wrap:anywhere; padding:6px 10px; '
        f'border:1px solid #8888">{escaped(text)}</pre>'
    )


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows under titles; long words break instead of widening the page."""
    head = "".join(f'<th style="{_TABLE}" scope="col">{escaped(title)}</th>' for title in titles)
    lines = ("".join(f'<td style="{_TABLE}">{escaped(cell)}</td>' for cell in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<table style="line-height:1.4"><tr>{head}</tr>{body}</table>'


def image(png: bytes, words: str) -> str:
    """A picture, and its text for people who cannot see it."""
    source = f"data:image/png;base64,{b64encode(png).decode()}"
    return f'<img src="{source}" alt="{escaped(words)}" style="max-width:100%">'


_CELL = "text-align:left; padding:1px 10px 1px 0;"
_TABLE = f"{_CELL} vertical-align:top; min-width:6em; max-width:340px; overflow-wrap:anywhere"
_BOX = "padding:6px 10px; border-radius:4px; line-height:1.4;"


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
