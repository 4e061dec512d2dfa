"""The builder as a page that Voilà serves, in a real browser."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import campaigns_named
from tests.browser.jupyter import serving_page
from tests.browser.notebook_page import NotebookPage

pytestmark = pytest.mark.browser

PAGE = Path(__file__).parents[2] / "notebooks" / "09_campaign_page.ipynb"


def test_a_page_without_code_finds_an_audience_and_sends_to_it_once(
    browser_page: NotebookPage, home: Path, tmp_path: Path
) -> None:
    page = browser_page.page.context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with serving_page(PAGE, home=home, log=tmp_path / "voila.log") as address:
        page.goto(address, timeout=120_000)  # it runs the notebook first
        expect(page.locator(".seax-explorer .seax-rule input")).to_have_value("labels:vip_customers")
        expect(page.locator(".jp-CodeCell .jp-InputArea")).to_have_count(0)
        assert campaigns_named("Spring preview", home) == 0

        page.locator(".seax-explorer .seax-labels button").filter(has_text="interest_shoes").click()
        expect(page.locator(".seax-builder .seax-rule textarea")).to_have_value(
            "labels any of (interest_shoes, vip_customers)"
        )
        page.locator(".seax-builder .seax-see-plan").click()
        count = page.locator(".seax-builder .seax-plan b").first
        expect(count).to_contain_text("recipients")
        page.locator(".seax-builder .seax-count input").fill((count.text_content() or "").split()[0])
        page.locator(".seax-builder .seax-by input").fill("ana")
        page.screenshot(path=tmp_path / "page.png", full_page=True)
        page.locator(".seax-builder .seax-send").dblclick()
        expect(page.locator(".seax-builder .seax-outcome")).to_contain_text("sent: campaign_")
        page.goto(address, timeout=120_000)  # it runs the notebook first
        expect(page.locator(".seax-builder .seax-see-plan")).to_be_enabled()
    page.close()

    assert campaigns_named("Spring preview", home) == 1
    assert {urlsplit(url).hostname for url in asked} <= {"127.0.0.1", None}
