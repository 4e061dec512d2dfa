"""Pages that stand elsewhere in the repository: they are copied here, and links to and from them are turned.

The notebooks, and the pages that a reader looks for in the repository's root. A link is written as it works in the
repository; on the site it leads to the copy.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
HOUSE = ("ARCHITECTURE", "CHANGELOG", "CONTRIBUTING", "SECURITY")
COPIES = {
    **{DOCS / "notebooks" / path.name: path for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))},
    **{DOCS / "house" / f"{name.lower()}.md": ROOT / f"{name}.md" for name in HOUSE},
}
_LINK = re.compile(r"(?<=\]\()(?!https?:|#)([^)\s#]+)")


def copy_pages(app: Sphinx) -> None:
    """Copy what is new or has changed, so that a second build has little to do."""
    (DOCS / "house").mkdir(exist_ok=True)
    for copy, original in COPIES.items():
        if not copy.exists() or copy.read_bytes() != original.read_bytes():
            shutil.copyfile(original, copy)


def turn_links(app: Sphinx, docname: str, source: list[str]) -> None:
    """Let links lead where the page they name is on the site."""
    page = Path(app.env.doc2path(docname))
    if page.suffix == ".ipynb":
        return
    here = COPIES.get(page, page).parent
    homes = {original: copy for copy, original in COPIES.items()}

    def turned(link: re.Match[str]) -> str:
        there = Path(os.path.normpath(here / link[1]))
        return Path(os.path.relpath(homes.get(there, there), page.parent)).as_posix()

    source[0] = _LINK.sub(turned, source[0])


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", copy_pages)
    app.connect("source-read", turn_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
