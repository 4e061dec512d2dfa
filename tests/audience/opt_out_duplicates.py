"""Random workspaces in which people who opted out are there a second time, with their number written otherwise."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from tests.builders import Clock
from tests.filling import new_sandbox
from toolkit.audience.segment import Segment
from toolkit.plans.draft import CampaignDraft
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

TIME = "2026-03-03T10:00:00"
VIP, DNC = ({"id": f"l-{name}", "name": name, "is_system": name == "DNC"} for name in ("vip", "DNC"))


class Country(NamedTuple):
    """A country with numbers set aside for fiction: calling code, trunk prefix, how many numbers, and each of them."""

    code: str
    trunk: str
    numbers: int
    number: Callable[[int], str]


COUNTRIES = {
    "US": Country("1", "1", 100, lambda at: f"202555{100 + at % 100:04}"),
    "CA": Country("1", "1", 100, lambda at: f"416555{100 + at % 100:04}"),
    "GB": Country("44", "0", 1_000, lambda at: f"7700900{at % 1000:03}"),
    "DE": Country("49", "0", 100, lambda at: f"17139200{at % 100:02}"),
    "FR": Country("33", "0", 10_000, lambda at: f"63998{at % 10_000:04}"),
    "AU": Country("61", "0", 6, lambda at: f"491570{(6, 156, 157, 158, 159, 110)[at % 6]:03}"),
    "IE": Country("353", "0", 10_000, lambda at: f"2091{50_000 + at % 10_000:05}"),
    "SE": Country("46", "0", 95, lambda at: f"7017406{5 + at % 95:02}"),
}

WRITINGS: dict[str, Callable[[Country, str], str]] = {
    "E.164": lambda country, number: f"+{country.code}{number}",
    "with spaces": lambda country, number: f"+{country.code} {number[:3]} {number[3:6]} {number[6:]}",
    "with brackets": lambda country, number: f"+{country.code} ({number[:3]}) {number[3:6]}-{number[6:]}",
    "with dots": lambda country, number: f"+{country.code}.{number[:3]}.{number[3:]}",
    "as dialled from Europe": lambda country, number: f"00{country.code} {number}",
    "as dialled from America": lambda country, number: f"011 {country.code} {number}",
    "as dialled at home": lambda country, number: f"{country.trunk}{number[:3]} {number[3:]}",
    "as dialled at home, with brackets": lambda country, number: f"({country.trunk}{number[:3]}) {number[3:]}",
    "with the trunk prefix after the code": lambda country, number: (
        f"+{country.code} ({country.trunk}) {number}" if country.trunk == "0" else f"+{country.code} {number}"
    ),
    "without its plus": lambda country, number: f"{country.code}{number}",
    "without its zero": lambda country, number: number,
    "as a decimal": lambda country, number: f"{number}.0",
    "as a decimal with its code": lambda country, number: f"{country.code}{number}.0",
    "after an apostrophe": lambda country, number: f"'+{country.code}{number}",
    "as a formula": lambda country, number: f'="+{country.code}{number}"',
    "with marks of direction": lambda country, number: f"\u202a+{country.code}{number}\u202c",
    "with hard spaces and dashes": lambda country, number: f"+{country.code}\u00a0{number[:3]}\u2011{number[3:]}",
    "in wide digits": lambda country, number: f"+{country.code}{number}".translate(_digits(0xFF10)),
    "in Arabic digits": lambda country, number: f"+{country.code}{number}".translate(_digits(0x660)),
    "as a link": lambda country, number: f"tel:+{country.code}-{number}",
    "with an extension": lambda country, number: f"+{country.code}{number} x12",
    "with an extension, at home": lambda country, number: f"{country.trunk}{number} ext. 4",
    "with a note": lambda country, number: f"{country.trunk}{number} (home)",
    "beside another number": lambda country, number: f"+999 1234567 / +{country.code} {number}",
}


def _digits(zero: int) -> dict[int, int]:
    return {ord("0") + digit: zero + digit for digit in range(10)}


class Twins:
    """Workspaces one after another, on a service that has nothing but their contacts and a sender of a country."""

    def __init__(self, folder: Path) -> None:
        clock = Clock()
        self._contacts: list[dict[str, Any]] = []
        self._country = ""
        self._plans = 0
        self.sandbox = new_sandbox(folder / "sandbox.sqlite3", contacts=5, now=clock)
        transport = httpx.MockTransport(self._answer)
        self._ws = {"": connect(Settings(home=folder), sandbox=self.sandbox, transport=transport, now=clock)}
        for region in COUNTRIES:
            home = folder / region
            home.mkdir()
            (home / "policy.toml").write_text(f'country = "{region}"', encoding="utf-8")
            settings = Settings(home=home, policy=home / "policy.toml")
            self._ws[region] = connect(settings, sandbox=self.sandbox, transport=transport, now=clock)

    def close(self) -> None:
        for workspace in self._ws.values():
            workspace.close()
        self.sandbox.close()

    def plan(self, people: list[dict[str, Any]], *, sender: str, policy: str = "") -> tuple[str, ...]:
        """Who a campaign to the label vip would reach."""
        self._contacts, self._country = people, sender
        self._plans += 1
        draft = CampaignDraft(
            name=f"Campaign {self._plans}",
            message="Hello. Reply STOP to opt out.",
            segment=Segment.any_of("vip"),
            senders=("Shop",),
        )
        workspace: Workspace = self._ws[policy]
        return workspace.plan(draft).recipient_ids

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/phones"):
            country = COUNTRIES[self._country]
            sender = {
                "id": "p1",
                "name": "Shop",
                "phone": f"+{country.code}{country.number(1)}",
                "phone_capability": {},
            }
            return httpx.Response(200, json={"data": [sender | {"country": self._country}], "total": 1})
        return httpx.Response(200, json={"data": self._contacts, "total": len(self._contacts)})


def person(contact_id: str, label: dict[str, Any], **numbers: str) -> dict[str, Any]:
    """A contact of the service with one label."""
    told = {"id": contact_id, "name": contact_id, "contact_labels": [label], "created_time": TIME, "updated_time": TIME}
    return told | numbers


def workspaces(seed: int, count: int) -> Iterator[tuple[str, str, list[dict[str, Any]], set[str], str]]:
    """Random workspaces: sender's country, policy's country or empty, contacts, ids of those who must not be texted,
    and what is special in words."""
    draw = random.Random(seed)
    names = [*WRITINGS]
    for _ in range(count):
        region = draw.choice([*COUNTRIES])
        country, start = COUNTRIES[region], draw.randrange(10_000)
        people, gone, said = [], set(), []
        for at in range(draw.randint(2, 6)):
            number = country.number(start + at)
            people.append(person(f"p{at}", VIP, phone=f"+{country.code}{number}"))
            if draw.random() < 0.5:
                channel, name = draw.choice(["phone", "whatsapp_phone"]), draw.choice(names)
                written = WRITINGS[name](country, number)
                people.append(person(f"twin{at}", DNC, **{channel: written}))
                gone.add(f"p{at}")
                said.append(f"{name} ({written}) as {channel}")
        draw.shuffle(people)
        is_said = draw.random() < 0.5
        sender = draw.choice([*COUNTRIES]) if is_said else region
        yield sender, region if is_said else "", people, gone, f"{region}: {'; '.join(said)}"


def check(twins: Twins, seed: int, count: int) -> int:
    """Plan in so many random workspaces and hold each plan to who must not be, and who must be, a recipient; how many
    people were left out."""
    left_out = 0
    for sender, policy, people, gone, what in workspaces(seed, count):
        everybody = {each["id"] for each in people if each["contact_labels"] == [VIP]}
        assert {*twins.plan(people, sender=sender, policy=policy)} == everybody - gone, what
        alone = [each for each in people if each["contact_labels"] == [VIP]]
        assert {*twins.plan(alone, sender=sender, policy=policy)} == everybody, what
        left_out += len(gone)
    return left_out
