"""A page that is one file: no script, nothing loaded from elsewhere, light and dark by themselves, printable.

The same content gives the same bytes: no time of making is in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from toolkit.display import plain
from toolkit.errors import SettingsError


@dataclass(frozen=True)
class HtmlPage:
    """A page with its title; `html` is the whole file."""

    title: str
    body: str
    is_wide: bool = False

    @property
    def html(self) -> str:
        """The file's text."""
        width = " seax-paper--wide" if self.is_wide else ""
        policy = "default-src 'none'; style-src 'unsafe-inline'"
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
            f'<meta name="viewport" content="width=device-width"><title>{text(self.title)}</title>\n'
            f'<style>{_css()}</style></head><body>\n<main class="seax"><article class="seax-paper{width}">\n'
            f"{self.body}\n</article></main></body></html>\n"
        )

    def save(self, path: str | Path) -> Path:
        """Write the file; SettingsError if that cannot be."""
        try:
            Path(path).write_text(self.html, encoding="utf-8", newline="\n")
        except OSError as error:
            raise SettingsError(f"{path} cannot be written ({error.strerror}): name another file.") from error
        return Path(path)

    def _repr_html_(self) -> str:
        source = escape(self.html, quote=True)
        return f'<iframe title="{text(self.title)}" srcdoc="{source}" width="100%" height="900"></iframe>'


def text(words: object) -> str:
    """Words of anybody's, on one line, as text of a page."""
    return escape(plain(str(words)), quote=True)


def where(live: bool, kind: str, push: str) -> str:
    """The first line of a page: which workspace, what it is, and when it was read."""
    word, style = ("LIVE", "live") if live else ("EMBEDDED", "embedded")
    return (
        f'<p class="seax-row seax-small seax-quiet"><span class="seax-where seax-where--{style} seax-small" '
        f'style="padding:0 8px"><b>{word}</b></span><span>{text(kind)}</span>'
        f'<span class="seax-push">{text(push)}</span></p>'
    )


def page_table(label: str, heads: list[str], rows: list[list[str]], *, numbers_from: int) -> str:
    """A table in a region that scrolls sideways by itself; cells are text, from one column on numbers."""

    def row(cells: list[str], tag: str) -> str:
        parts = []
        for at, cell in enumerate(cells):
            number = ' class="n"' if at >= numbers_from else ""
            scope = ' scope="col"' if tag == "th" else ' dir="auto"' if at < numbers_from else ""
            parts.append(f"<{tag}{scope}{number}>{text(cell)}</{tag}>")
        return f"<tr>{''.join(parts)}</tr>"

    body = "\n".join(row(cells, "td") for cells in rows)
    return (
        f'<div class="seax-scroll" tabindex="0" role="region" aria-label="{text(label)}, table">'
        f'<table class="seax-table"><thead>{row(heads, "th")}</thead><tbody>\n{body}</tbody></table></div>'
    )


def facts(rows: list[tuple[str, str]]) -> str:
    """Names with what is so, two columns; several lines are of one name where the others have none."""
    lines = (f"{f'<dt>{text(name)}</dt>' if name else ''}<dd>{text(what)}</dd>" for name, what in rows)
    return f'<dl class="seax-facts">{"".join(lines)}</dl>'


def section(number: int, title: str, body: str) -> str:
    """A part of the page under its heading."""
    return (
        f'<section aria-labelledby="s{number}"><h2 id="s{number}" class="seax-h">{text(title)}</h2>\n{body}\n</section>'
    )


@cache
def tokens() -> str:
    """The style that pages and widgets share, in CSS: colours, sizes, findings, waterfalls, tables."""
    return (Path(__file__).parent / "tokens.css").read_text(encoding="utf-8")


@cache
def _css() -> str:
    return (Path(__file__).parent / "paper.css").read_text(encoding="utf-8") + tokens()
