"""Who gained or lost a label between refreshes, and when that can have been."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from tests.builders import START, Clock
from tests.mirror.imports import import_contacts
from tests.mirror.living import LivingService
from toolkit.errors import NotMirrored, SegmentError, ToolkitError
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace


def test_labels_gained_and_lost_are_known_with_the_interval(
    live: Workspace, service: LivingService, tmp_path: Path, clock: Clock
) -> None:
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh()
    at = service.first()
    person = service.contacts[at]["id"]
    for labels in (("vip",), ()):
        clock.move(hours=1)
        service.label(at, *labels)
        mirror.refresh()

    gained, lost = mirror.gained("vip", since=START), mirror.lost("id-of-vip", since=START)

    intervals = [
        (rows["contact_id"].item(), rows["after_time"].item(), rows["before_time"].item()) for rows in (gained, lost)
    ]
    first, second, third = (pd.Timestamp(START + timedelta(hours=hours)) for hours in range(3))
    assert intervals == [(person, first, second), (person, second, third)]
    assert mirror.gained("vip", since=second).empty
    assert mirror.lost("vip", since=second).equals(lost)
    assert mirror.gained("vip", since=third).dtypes.equals(gained.dtypes)


def test_a_change_that_a_count_hid_is_dated_from_the_last_certain_reading(
    live: Workspace, service: LivingService, tmp_path: Path, clock: Clock
) -> None:
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh()
    clock.move(hours=1)
    service.swap("vip")
    mirror.refresh()
    clock.move(hours=1)
    mirror.refresh(full=True)

    gained = mirror.gained("vip", since=START)

    assert len(gained) == 1
    assert gained["after_time"][0] == pd.Timestamp(START)
    assert gained["before_time"][0] == pd.Timestamp(START + timedelta(hours=2))


def test_who_joined_has_gained_and_who_left_has_lost(
    live: Workspace, service: LivingService, tmp_path: Path, clock: Clock
) -> None:
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh()
    clock.move(hours=1)
    left = service.contacts.pop(service.first("nyc"))["id"]
    joined = service.join("vip")["id"]
    mirror.refresh()

    assert mirror.gained("vip", since=START)["contact_id"].tolist() == [joined]
    assert mirror.lost("nyc", since=START)["contact_id"].tolist() == [left]


def test_opting_out_counts_once_a_person(ws: Workspace, sandbox: Sandbox, tmp_path: Path, clock: Clock) -> None:
    mirror = ws.mirror(tmp_path / "mirror")
    mirror.refresh([])
    began = sandbox.clock.now()
    people = mirror.contacts()
    people = people[people["labels"].map(lambda names: not {"DNC", "unsubscribed"} & {*names})]
    person = people.drop_duplicates("phone", keep=False).dropna(subset="phone").iloc[0]
    import_contacts(sandbox, clock, "phone,labels", [f'{person["phone"]},"DNC,unsubscribed"'], update=True)
    mirror.refresh([])

    opted_out = mirror.opted_out(since=began)

    assert person["id"] in opted_out["contact_id"].tolist()
    assert opted_out["contact_id"].is_unique
    assert len(mirror.gained("DNC", since=began)) == len(opted_out)


def test_the_history_is_the_difference_of_what_was_there(
    live: Workspace, service: LivingService, tmp_path: Path, clock: Clock
) -> None:
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh()
    draw = random.Random(8)
    expected: set[tuple[str, str, str]] = set()
    for _ in range(4):
        clock.move(hours=1)
        held = {(row["id"], name) for at, row in enumerate(service.contacts) for name in service.has(at)}
        for _ in range(draw.randrange(1, 30)):
            at = draw.randrange(len(service.contacts))
            service.label(at, *draw.sample(["vip", "nyc", "DNC", "fresh"], draw.randrange(3)))
        service.join(*draw.sample(["vip", "nyc"], draw.randrange(2)))
        service.contacts.pop(draw.randrange(len(service.contacts)))
        mirror.refresh(full=True)
        now = {(row["id"], name) for at, row in enumerate(service.contacts) for name in service.has(at)}
        expected |= {(*pair, "gained", clock().isoformat()) for pair in now - held}
        expected |= {(*pair, "lost", clock().isoformat()) for pair in held - now}

    changes = mirror.label_changes(since=START)

    found = zip(changes["contact_id"], changes["label"], changes["change"], changes["before_time"], strict=True)
    assert {(*rest, time.isoformat()) for *rest, time in found} == expected
    assert len(changes) == len(expected)


def test_the_history_tells_nothing_it_does_not_know(live: Workspace, tmp_path: Path) -> None:
    mirror = live.mirror(tmp_path / "mirror")
    mirror.refresh()

    with pytest.raises(NotMirrored, match="known since 2026-03-03 17:00 UTC"):
        mirror.label_changes(since=START - timedelta(seconds=1))
    with pytest.raises(SegmentError, match="did you mean vip"):
        mirror.gained("vpi", since=START)
    with pytest.raises(ToolkitError, match="no time zone"):
        mirror.opted_out(since=START.replace(tzinfo=None))
