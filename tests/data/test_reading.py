"""Contacts and logs as a user reads them: columns, fields, several campaigns, batches, interruption."""

from __future__ import annotations

import httpx
import pandas as pd
import pytest

from tests.builders import make_contacts
from toolkit.audience.segment import Segment
from toolkit.errors import NotFound, ReadCancelled, UnknownColumn
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

GUIDE_CAMPAIGN = "campaign_12345678-abcd-efgh-ijkl-123456789012"


def select(fields: list[str], *columns: str) -> pd.DataFrame:
    return make_contacts([{"id": str(i), "fields": text} for i, text in enumerate(fields)]).select(columns)


def test_contact_fields_become_typed_columns() -> None:
    frame = select(
        [
            '{"tier": "gold", "visits": 3, "vip": true, "last": "2026-01-15", "at": "2026-01-15T10:00:00+08:00"}',
            '{"tier": null, "visits": 2.5}',
            "null",
        ],
        "field.last",
        "id",
        "field.tier",
        "field.visits",
        "field.vip",
        "field.at",
    )

    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "field.last": "datetime64[us, UTC]",
        "id": "str",
        "field.tier": "str",
        "field.visits": "float64",
        "field.vip": "boolean",
        "field.at": "datetime64[us, UTC]",
    }
    assert str(frame["field.at"].iloc[0]) == "2026-01-15 02:00:00+00:00"
    assert frame.iloc[2].drop("id").isna().all()


def test_a_value_that_does_not_fit_is_missing_and_the_field_keeps_its_kind() -> None:
    frame = select(['{"n": 1, "day": "2026-01-15"}', '{"n": "two", "day": "2026-02-30"}'], "field.n", "field.day")

    assert frame["field.n"].iloc[0] == 1
    assert str(frame["field.day"].iloc[0]) == "2026-01-15 00:00:00+00:00"
    assert frame[["field.n", "field.day"]].iloc[1].isna().all()


def test_a_field_may_have_any_name() -> None:
    assert select(['{"class": 1, "a b.c": 2}'], "field.class", "field.a b.c").iloc[0].tolist() == [1, 2]


def test_an_unknown_column_gets_a_suggestion() -> None:
    with pytest.raises(UnknownColumn, match=r"did you mean field\.tier"):
        select(['{"tier": 1}'], "field.teir")
    with pytest.raises(UnknownColumn, match="did you mean phone"):
        select(["null"], "phones")


def test_columns_and_segments_choose_from_the_workspace(ws: Workspace) -> None:
    frame = ws.contacts(Segment.any_of("vip_customers"), ["id", "field.customer_tier"])

    assert list(frame.columns) == ["id", "field.customer_tier"]
    assert len(frame) == ws.labels().set_index("name").loc["vip_customers", "contacts"]
    assert frame.attrs["exact"]
    assert frame.attrs["total"] == len(ws.contacts())


def test_logs_of_several_campaigns_are_one_frame(ws: Workspace, sandbox: Sandbox) -> None:
    one = ws.logs(GUIDE_CAMPAIGN)

    both = ws.logs([GUIDE_CAMPAIGN, GUIDE_CAMPAIGN])
    none = ws.logs([])

    assert len(one) > 0
    pd.testing.assert_frame_equal(both, one)
    assert none.dtypes.drop("campaign_id").equals(one.dtypes.drop("campaign_id"))
    assert set(ws.logs(GUIDE_CAMPAIGN, statuses=["failed"])["status"]) <= {"failed"}
    with pytest.raises(NotFound):
        ws.logs("campaign_nobody_knows")


def test_batches_together_are_the_whole(ws: Workspace) -> None:
    contacts = pd.concat(list(ws.iter_batches()))
    logs = pd.concat([batch.astype({"campaign_id": "str"}) for batch in ws.iter_batches(GUIDE_CAMPAIGN)])

    assert contacts["id"].tolist() == ws.contacts()["id"].tolist()
    assert logs["id"].tolist() == ws.logs(GUIDE_CAMPAIGN)["id"].tolist()


class Interrupted(httpx.BaseTransport):
    """A person who presses Ctrl+C while the third page is read."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._inner = sandbox.transport()
        self._pages = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._pages += 1
        if self._pages == 3:
            raise KeyboardInterrupt
        return self._inner.handle_request(request)


@pytest.fixture
def large(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    return Sandbox(tmp_path_factory.mktemp("large") / "w.sqlite3", contacts=3_000)


def test_an_interrupted_read_keeps_what_was_read(large: Sandbox, tmp_path: pytest.TempPathFactory) -> None:
    ws = connect(Settings(home=tmp_path), sandbox=large, transport=Interrupted(large))  # type: ignore[arg-type]

    with pytest.raises(ReadCancelled, match="Stopped after") as caught:
        ws.contacts()

    kept = caught.value.rows
    assert 0 < len(kept) < 3_000
    assert not kept.attrs["exact"]
    assert kept["id"].is_unique


def test_progress_is_told_to_whoever_asks(ws: Workspace) -> None:
    seen: list[tuple[int, int]] = []

    ws.contacts(progress=lambda read, total: seen.append((read, total)))

    assert seen == [(400, 400)]
