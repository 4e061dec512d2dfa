"""The pages of the documentation as they stand in the repository, and what is written in them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/[!h_]*/**/*.md")])


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


@cache
def names_of_tests() -> frozenset[str]:
    """The names of all tests and of their files."""
    files = [path for path in ROOT.glob("tests/**/test_*.py") if "node_modules" not in path.parts]
    written = "".join(path.read_text(encoding="utf-8") for path in files)
    names = re.findall(r"^(?:async )?def (test_\w+)\(", written, flags=re.MULTILINE)
    return frozenset([*names, *(path.stem for path in files)])
