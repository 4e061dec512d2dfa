"""`llms.txt` beside the site's first page: every page with what it is about, for a reader that is a model.

The format is that of https://llmstxt.org (read on 2026-12-02); sections are those of the site's menu.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z`])")


def write_llms_txt(app: Sphinx, error: Exception | None) -> None:
    """Write the list of pages."""
    if error or app.builder.name != "html":
        return
    env = app.env
    first = env.get_doctree("index")
    parts = [f"# {app.config.project}", f"> {_about(first)}"]
    for menu in first.findall(addnodes.toctree):
        lines = [
            f"- [{env.titles[name].astext()}]({app.builder.get_target_uri(name)}): {_about(env.get_doctree(name))}"
            for listed in menu["includefiles"]
            for name in _below(env, listed)
        ]
        parts.append("\n".join([f"## {menu['caption']}", "", *lines]))
    (Path(app.outdir) / "llms.txt").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _below(env: BuildEnvironment, name: str) -> Iterator[str]:
    """A page and all that its own menu leads to."""
    yield name
    for below in env.toctree_includes.get(name, ()):
        yield from _below(env, below)


def _about(page: nodes.document) -> str:
    """The first sentence that stands on a page, or its title."""
    said = next((x.astext() for x in page.findall(nodes.paragraph) if not isinstance(x.parent, nodes.entry)), "")
    return _SENTENCE.split(" ".join(said.split()) or page.next_node(nodes.title).astext())[0]


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("build-finished", write_llms_txt)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
