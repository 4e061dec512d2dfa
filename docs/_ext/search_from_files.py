"""Summaries in search results where the site is read from files, of which a browser fetches none.

The text of every page is kept in one script, which only the search page loads.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx

_TEXTS = "page-texts.js"


def keep_text(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Have the search page load the texts, and what puts them under its results."""
    if pagename == "search":
        app.add_js_file(_TEXTS)
        app.add_js_file("search-from-files.js")


def write_texts(app: Sphinx, error: Exception | None) -> None:
    """Write the text of all pages as one script."""
    if error or app.builder.name != "html":
        return
    texts = {name: app.env.get_doctree(name).astext() for name in sorted(app.env.found_docs)}
    script = f"const PAGE_TEXTS = {json.dumps(texts, ensure_ascii=False)};\n"
    (Path(app.outdir) / "_static" / _TEXTS).write_text(script, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", keep_text)
    app.connect("build-finished", write_texts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
