"""A page without a browser: what a person does there, and what they see."""

from __future__ import annotations

import threading
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any, ClassVar

import httpx
from comm.base_comm import BaseComm
from ipywidgets import HTML, Widget

from toolkit.sandbox import Sandbox

HOSTILE = "<img src=x onerror=alert(1)>"
SAFE_TAGS = {
    *("div", "p", "b", "br", "table", "tr", "td", "th", "pre", "small", "details", "summary", "ul", "li", "style"),
    *("span", "dl", "dt", "dd", "thead", "tbody", "tfoot", "i", "bdi", "mark"),
}


class PageComm(BaseComm):
    """A comm with no page behind it; what a page would be told is kept."""

    told: ClassVar[list[str]] = []

    def publish_msg(self, *args: Any, **kwargs: Any) -> None:
        PageComm.told.append(repr((args, kwargs)))


class Browser:
    """A person at a page. Outside its methods, code runs as in a notebook cell."""

    def __init__(self) -> None:
        self.handling = "execute_request"

    def edit(self, widget: Widget, **state: object) -> None:
        """Type or choose something."""
        self._deliver(widget, {"method": "update", "state": state, "buffer_paths": []})

    def click(self, widget: Widget) -> None:
        """Press a button, and wait until what it makes the page read is there."""
        self._deliver(widget, {"method": "custom", "content": {"event": "click"}})
        self.wait()

    def wait(self) -> None:
        """Wait until no widget reads."""
        if threading.current_thread() is threading.main_thread():  # others click while something reads
            while reading := [each for each in threading.enumerate() if each.name == "read for a widget"]:
                for thread in reading:  # one may begin another
                    thread.join(30)

    def get_parent(self) -> dict[str, Any]:
        """What a kernel says it is handling."""
        return {"header": {"msg_type": self.handling}}

    def _deliver(self, widget: Widget, data: dict[str, object]) -> None:
        self.handling = "comm_msg"
        widget._handle_msg({"content": {"data": data}, "buffers": []})
        self.handling = "execute_request"


class Wire(httpx.BaseTransport):
    """The embedded service, with a count of the campaigns posted to it and a fault to order."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._service = sandbox.transport()
        self.posts = 0
        self.lost: set[str] = set()  # methods whose answers get lost
        self.meanwhile: Callable[[], object] = lambda: None  # what happens while a request is out

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.posts += request.method == "POST"
        self.meanwhile()
        answer = self._service.handle_request(request)
        if request.method in self.lost:
            raise httpx.ReadError("the connection broke", request=request)
        return answer


def controls(widget: Any) -> dict[str, Any]:
    """Every control on the page by its seax- class."""
    found = {name: widget for name in widget._dom_classes if name.startswith("seax-")}
    for child in getattr(widget, "children", ()):
        found |= controls(child)
    return found


def chips(widget: Any, called: str) -> dict[str, Any]:
    """The buttons of a field with choices, by the text of the choice without its count."""
    page = controls(widget)
    buttons = [*page[f"seax-{called}-chosen"].shown, *page[f"seax-{called}-offered"].shown]
    return {button.description[2:].removeprefix("not ").rpartition(" (")[0] or button.description[2:]: button
            for button in buttons}  # fmt: skip


def page_html(widget: Any) -> str:
    """Everything on the page that a browser reads as HTML."""
    own = widget.value if isinstance(widget, HTML) else ""
    return own + "".join(page_html(child) for child in getattr(widget, "children", ()))


def tags(html: str) -> set[str]:
    """The names of the elements in some HTML."""
    seen: set[str] = set()
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: seen.add(tag)  # type: ignore[method-assign]
    parser.feed(html)
    return seen
