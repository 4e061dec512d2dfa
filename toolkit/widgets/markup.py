"""HTML for what the widgets only show. Whatever came from outside passes through `escaped`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

from ipywidgets import HTML

from toolkit.errors import ToolkitError
from toolkit.sections import plain


def escaped(text: str) -> str:
    """The text as harmless HTML, on one line."""
    return escape(plain(text), quote=True)


def status(text: str) -> str:
    """Something that went as it should."""
    return f'<div role="status" style="{_BOX} background:#e6f4ea; color:#0b3d1c">{escaped(text)}</div>'


def hint(text: str) -> str:
    """What is still to do."""
    return f'<div role="status">{escaped(text)}</div>'


def refusal(text: str) -> str:
    """Something that did not happen, and why."""
    return f'<div role="alert" style="{_BOX} background:#fdecea; color:#611a15"><b>{escaped(text)}</b></div>'


def banner(*, live: bool) -> str:
    """Which kind of workspace this is, in words first and in colour second."""
    words, colour = (
        ("LIVE workspace: real people receive what you send", "#b00020")
        if live
        else ("Embedded workspace: nobody real is texted", "#00695c")
    )
    return f'<div role="note" style="{_BOX} background:{colour}; color:#fff"><b>{words}</b></div>'


_BOX = "padding:6px 10px; border-radius:4px; line-height:1.4;"


@contextmanager
def refusals_in(place: HTML) -> Iterator[None]:
    """Show in `place` what goes wrong, because a page shows nothing of what an event handler raises."""
    try:
        yield
    except ToolkitError as error:
        place.value = refusal(str(error))
    except Exception as error:
        place.value = refusal(f"{type(error).__name__}: {error}. This is a fault of the toolkit: please report it.")
        raise
