"""The site: it is built without a warning, asks no other machine for anything, and is found by searching its files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.browser.jupyter import CHROMIUM
from tests.docs.pages import ROOT
from toolkit.plans.finding_catalogue import CHECKS
from toolkit.texting.quiet_hours_rules import load_hours

SITE = ROOT / "build" / "docs"
LOADING = {
    "link": "href",
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
}


@pytest.fixture(scope="module")
def site() -> Path:
    """The site of the source as it is: what has changed since `make docs` is built again."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "docs", str(SITE)]

    built = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    if built.returncode:
        shutil.rmtree(SITE / ".doctrees", ignore_errors=True)  # or the next build would skip what failed
        pytest.fail(built.stderr)
    return SITE


class Loaded(HTMLParser):
    """What a page loads by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get(LOADING.get(tag, ""))
        if address and given.get("rel") not in {"next", "prev", "index", "search", "canonical"}:
            self.addresses.append(address)


def test_no_page_loads_anything_from_another_machine(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    loaded = {(page.name, each) for page in pages for each in Loaded(page.read_text(encoding="utf-8")).addresses}

    assert len(pages) > 30
    assert [each for each in sorted(loaded) if re.match(r"(https?:)?//", each[1])] == []


def test_no_style_loads_anything_from_another_machine(site: Path) -> None:
    styles = {path.name: path.read_text(encoding="utf-8") for path in site.rglob("*.css")}

    assert "site.css" in styles
    outside = r"url\(\s*['\"]?(?:https?:)?//|@import\s+(?:url\()?\s*['\"]?(?:https?:)?//"
    assert [name for name, text in styles.items() if re.search(outside, text)] == []


def test_every_finding_and_every_rule_is_on_its_page(site: Path) -> None:
    findings = (site / "reference" / "findings.html").read_text(encoding="utf-8")
    rules = (site / "reference" / "rules.html").read_text(encoding="utf-8")

    assert [code for code in CHECKS if f'id="{code.lower()}"' not in findings] == []
    assert [row.code for row in load_hours(None).rows if f">{row.code}<" not in rules] == []


def test_llms_txt_leads_to_every_page_with_what_it_is_about(site: Path) -> None:
    lines = (site / "llms.txt").read_text(encoding="utf-8").splitlines()
    links = dict(re.findall(r"^- \[.+\]\((.+)\): (.+)$", "\n".join(lines), re.MULTILINE))
    made = {"index.html", "genindex.html", "py-modindex.html", "search.html"}

    assert lines[0] == "# SeaX toolkit"
    assert "exactly who gets what" in lines[2]
    assert set(links) == {path.relative_to(site).as_posix() for path in site.rglob("*.html")} - made
    assert max(map(len, links.values())) <= 400
    assert "MCP server" in links["guide/assistant.html"]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A browser that says what it asked other machines for."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


@pytest.mark.browser
def test_a_search_from_files_finds_a_page_and_shows_its_text(site: Path, page: Page) -> None:
    outside: list[str] = []
    page.on(
        "request", lambda request: None if request.url.startswith(("file:", "data:")) else outside.append(request.url)
    )

    page.goto(f"{site.as_uri()}/search.html?q=quiet+hours")
    page.wait_for_selector("#search-results .context", timeout=120_000)

    found = page.locator("#search-results li").all_inner_texts()
    assert any("A rule has three dates" in each and "quiet hours" in each for each in found)
    assert outside == []


@pytest.mark.browser
@pytest.mark.parametrize("name", ["index", "notebooks/01_quickstart", "reference/api/workspace"])
def test_a_page_opens_from_files_without_an_error(site: Path, page: Page, name: str) -> None:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request", lambda request: None if request.url.startswith(("file:", "data:")) else wrong.append(request.url)
    )

    page.goto(f"{site.as_uri()}/{name}.html")

    assert page.locator("h1").count() == 1
    assert wrong == []
