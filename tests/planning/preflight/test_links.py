"""Links as a phone makes them, held against the domains that a policy allows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import START, Clock, campaign_draft
from toolkit.planning.preflight.text_check import check_text
from toolkit.plans.policy import SendPolicy
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.texting.links import links
from toolkit.workspace import connect

POLICY = SendPolicy(link_domains=("example.com",))
ENDS = json.loads((Path(__file__).parent / "link_ends.json").read_text(encoding="utf-8"))
ELSEWHERE = [
    "https://example.com@evil.test/x",
    "https://example.com:pw@evil.test/x",
    "https://localhost/x",
    "https://[2001:db8::1]/x",
    "//evil.test/x",
    "https://evil.test_x",
    "https://example.com\\@evil.test",
    "HTTPS://EVIL.TEST",
    "hTTp://evil.test",
    "evil.com",
    "Evil.Com",
    "EVIL.COM",
    "go to evil.test/x now",
    "www.evil.test",
    "www.evil.nosuchtld",
    "ftp://evil.test/a",
    "mailto:a@evil.test",
    "javascript:alert(1)",
    "data:text/html,hi",
    "intent://evil#Intent;end",
    "myapp://evil",
    "tel:+15550100001",
    "sms:+15550100001",
    "https://192.0.2.1/x",
    "192.0.2.77/x",
    "see 192.0.2.77",
    "https://3221225985/",
    "https://0xC0000201/",
    "https://0300.0.2.1/",
    "https://evil\u3002test",
    "https://evil\uff0etest/x",
    "evil\u3002com",
    "https://evil\uff61test",
    "\uff45\uff56\uff49\uff4c.com",
    "\uff57\uff57\uff57.evil.com",
    "https://\u0435vil.com",
    "https://xn--80ak6aa92e.com",
    "https://%65vil.test/",
    "https://example.com%2eevil.test/",
    "https://example.com%40evil.test/",
    "https://exam\u00adple.evil.com",
    "evil\u200b.com",
    "https://evil.test\u200b.example.com",
    "https://example.com\u200b.evil.test",
    "https://example.com\u0009.evil.com",
    "https://exam\u000aple.com",
    "https://evil.test.",
    "https://evil.test:443/x",
    "https://example.com.evil.test",
    "https://notexample.com",
    "https://example.comevil.test",
    "example.com.evil.com",
    "https://example.org",
    "https:/evil.test",
    "https:\\\\evil.test",
    "https:evil.test",
    "http:///evil.test/x",
    "hxxp://evil.com",
    "Sale!https://evil.test",
    "xhttps://evil.test",
    "(evil.com)",
    '"evil.com"',
    "evil.shop",
    "bestdeals.live",
    "evil.me",
    "evil.co.uk",
    "evil.com.Reply STOP",
    "evil.com,",
    "https://[::ffff:192.0.2.1]/",
    "https://user:pass@[2001:db8::1]:8080/",
    "example.com and evil.com",
    "evil.com:8080",
    "today.it/x",
    "https://ex ample.com",
    "https://example.com@[::1]/",
    "//localhost/x",
    "\\\\evil.test\\x",
    "https://example.com\uff0f@evil.com",
    "https://1.1",
    "https://evil.com#example.com",
    "https://evil.com?example.com",
    "evil-site.com",
    "evil_site.com",
    "a.b.c.evil.com",
    "1evil.com",
    "https://evil.com🎉",
    "今すぐhttps://evil.comへ",
    "今すぐevil.comへ",
    "http://evil",
    "whatsapp://send?text=hi",
    "tg://resolve?domain=x",
    "market://details?id=x",
    "itms-apps://x",
    "https://💩.la",
    "https://example.com🎉.evil.com",
    "https://example\u3002com\u3002evil\u3002test",
    "https://EXAMPLE.COM.EVIL.TEST/",
    "https://example.com&evil.test",
    "https://evil.test/https://example.com",
    "https://example.com_",
]
ALLOWED = [
    "Ends today.Reply STOP",
    "St.John's fair",
    "menu.pdf",
    "e.g.this",
    "order.Visit us",
    "https://example.com",
    "https://www.example.com/x?y=https://evil.test",
    "HTTPS://EXAMPLE.COM/X",
    "example.com",
    "shop.example.com/a",
    "Example.com",
    "https://example.com.",
    "https://example.com./x",
    "https://example.com:443/x",
    "https://user@example.com/x",
    "https://\uff45xample.com",
    "https://example\u3002com/x",
    "https://exa%6dple.com",
    "costs 3.5 or v2.0",
    "Mr.Smith",
    "a.m.to",
    "U.S.A",
    "i.e.it is",
    "ana@example.org",
    "joe.smith@evil.com",
    "today.it is",
    "now.at the store",
    "Inc.is",
    "St.is",
    "Sunday.Shop now",
    "ready.In store",
    "$5.99.Save",
    "50%off.Now",
    "open 9.am to 5.pm",
    "10.30-12.30",
    "1,299.00",
    "v1.2.3",
    "1.2.3.4",
    "Hi:there",
    "Note:call us",
    "Tel:020 7946 0000",
    "Data:5GB free",
    "Ratio 3:1",
    "and/or",
    "//",
    "// comment",
    "1//2",
    "a//b",
    ":-//",
    "24/7",
    "w/o",
    "http",
    "https",
    "The end...Next",
    "Wow!!!Yes",
    "today...at 5",
    "Hurry.Ends soon",
    "Thanks.The team",
    "back.We miss you",
    "Ph.D.s",
    "readme.md",
    "setup.py",
    "#sale @shop",
    "@evil.com",
    "C.O.D.",
    "p.m.Doors open",
    "Dr.Who",
    "3.Call us",
    "no.1",
    "No.5",
    "J.Crew",
    "J.P.Morgan",
    "O'Brien's.Come in",
    "tonight.See you",
    "https://example.com…",
    "https://example.com\u3002今すぐ",
    "https://example.comを見る",
    "example.comを見る",
    "https://example.com.Reply STOP",
    "https://example.com🎉",
    "https://example.com🎉Sale",
    "“https://example.com/x”",
    "https://example.com/a_(b)",
    "https://example.com?@evil",
    "hoy.No",
    "ici.Et",
    "Bitcoin:up 5%",
    "intent:buy",
]


def weights(text: str) -> set[str]:
    return {found.severity for found in check_text(text, policy=POLICY, now=START) if found.code == "MSG010"}


@pytest.mark.parametrize("text", ELSEWHERE)
def test_a_link_that_leads_elsewhere_is_blocked(text: str) -> None:
    assert "block" in weights(f"Sale: {text} Reply STOP to opt out.")


@pytest.mark.parametrize("text", ALLOWED)
def test_a_link_to_the_domain_and_what_is_no_link_are_not_blocked(text: str) -> None:
    assert "block" not in weights(f"{text}\nReply STOP to opt out.")


@pytest.mark.parametrize(("text", "link"), ENDS)
def test_a_link_ends_where_a_phone_ends_it(text: str, link: str) -> None:
    assert [found.written for found in links(text)] == [link]


@pytest.mark.parametrize("text", ["today.it is", "now.at the store", "Sunday.Shop now", "readme.md"])
def test_what_may_be_two_sentences_is_only_warned_of(text: str) -> None:
    assert weights(f"{text} Reply STOP to opt out.") == {"warn"}


def test_a_host_that_is_filled_in_cannot_be_judged() -> None:
    assert "block" in weights("See https://{site}/x Reply STOP to opt out.")
    assert "block" in weights("See https://example.com{site}/x Reply STOP to opt out.")
    assert weights("See https://example.com/{site} Reply STOP to opt out.") == set()


@pytest.mark.parametrize("domain", ["example.com", "EXAMPLE.com", ".example.com", "example.com."])
def test_a_domain_of_the_policy_is_read_without_regard_to_case_and_dots(domain: str) -> None:
    policy = SendPolicy(link_domains=(domain,))

    found = check_text("See https://shop.Example.com/x Reply STOP to opt out.", policy=policy, now=START)

    assert "MSG010" not in {each.code for each in found}


def test_a_domain_beyond_ascii_is_the_same_in_punycode() -> None:
    policy = SendPolicy(link_domains=("b\u00fccher.example",))

    found = check_text("See https://xn--bcher-kva.example Reply STOP to opt out.", policy=policy, now=START)

    assert "block" not in {each.severity for each in found}


def test_an_address_however_it_is_written_leads_to_no_name() -> None:
    assert all(links(f"https://{host}/")[0].is_bare_address for host in ("3221225985", "0xC0000201", "0300.0.2.1"))
    assert not links("https://example.com/")[0].is_bare_address


@pytest.mark.parametrize(
    ("text", "is_blocked"), [("https://example.com@evil.test/x", True), ("Ends today.Reply", False)]
)
def test_a_plan_is_held_to_the_domains(
    tmp_path: Path, sandbox: Sandbox, clock: Clock, text: str, *, is_blocked: bool
) -> None:
    (tmp_path / "policy.toml").write_text('link_domains = ["example.com"]', encoding="utf-8")
    with connect(Settings(home=tmp_path), sandbox=sandbox, now=clock) as ws:
        plan = ws.plan(campaign_draft(message=f"{text} Reply STOP to opt out."))

    assert plan.is_blocked is is_blocked


@given(
    st.text(
        st.sampled_from("aB1.:/\\@[]()%#?-_ \u200b\u3002\U0001f389\u3042") | st.characters(codec="utf-8"), max_size=60
    )
)
def test_any_text_has_links_in_order_and_within_it(text: str) -> None:
    at = 0
    for link in links(text):
        at = text.index(link.written, at) + len(link.written)
