"""A real Chromium with a passkey's device in it, cut off from every network but this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

from tests.browser.jupyter import CHROMIUM, FLAGS

_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@contextmanager
def browsing(*, is_verified: bool = True) -> Iterator[Page]:
    """A page whose device verifies its user, or not; it fails if the page asked for anything outside this machine."""
    flags = [flag.replace("EXCLUDE", "EXCLUDE localhost , EXCLUDE") for flag in FLAGS]
    outside: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.set_default_timeout(30_000)
        page.on("request", lambda request: outside.append(request.url))
        page.on("pageerror", lambda error: outside.append(str(error)))
        device = page.context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        device.send("WebAuthn.addVirtualAuthenticator", {"options": _DEVICE | {"isUserVerified": is_verified}})
        yield page
        browser.close()
    assert [url for url in outside if urlsplit(url).hostname != "localhost"] == []
