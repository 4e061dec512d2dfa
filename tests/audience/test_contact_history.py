"""Why somebody was, or was not, messaged."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from toolkit.audience.contact_history import contact_history
from toolkit.errors import SegmentError
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


def test_deliveries_are_in_order_and_whole(ws: Workspace) -> None:
    logs = ws.logs(ws.campaign_ids())
    contact_id = logs["contact_id"].value_counts().index[0]

    history = ws.history(contact_id, logs=logs)

    times = [x.sent_time for x in history.deliveries if x.sent_time]
    assert len(history.deliveries) == (logs["contact_id"] == contact_id).sum()
    assert times == sorted(times)
    assert {x.campaign_id for x in history.deliveries} | set(history.missed) == set(ws.campaign_ids())


def test_somebody_who_opted_out_is_told_so(ws: Workspace) -> None:
    frame = ws.contacts()
    stopped = next(row.id for row in frame.itertuples() if "unsubscribed" in row.labels and row.phone == row.phone)

    history = ws.history(stopped)

    assert history.outcome in {"opted_out", "malformed"}
    assert "unsubscribed" in history.labels
    assert history.standing


def test_a_failed_message_says_what_its_code_means(ws: Workspace) -> None:
    logs = ws.logs(ws.campaign_ids())
    failed = logs[logs["status"] == "undelivered"].iloc[0]

    history = ws.history(failed["contact_id"], logs=logs)

    lost = [x for x in history.deliveries if x.status in {"failed", "undelivered"}]
    assert all(x.failure_class and x.action and x.error for x in lost)
    assert all(not x.failure_class for x in history.deliveries if x.status == "delivered")


def test_a_contact_is_found_by_phone_and_name(ws: Workspace) -> None:
    frame = ws.contacts().dropna(subset="phone")
    alone = frame[~frame["phone"].duplicated(keep=False) & ~frame["name"].duplicated(keep=False)].iloc[0]
    logs = ws.logs(ws.campaign_ids()[:1])

    found = {ws.history(alone[column], logs=logs).contact_id for column in ("id", "phone", "name")}

    assert found == {alone["id"]}


def test_nobody_and_several_are_refused(ws: Workspace) -> None:
    frame = ws.contacts()
    shared = frame["name"][frame["name"].duplicated()].iloc[0]

    with pytest.raises(SegmentError, match="use the id of one"):
        ws.history(shared)
    with pytest.raises(SegmentError, match="No contact has"):
        ws.history("nobody")


def test_a_history_keeps_nothing_of_the_others(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    logs = ws.logs(ws.campaign_ids())
    contact_id = logs["contact_id"].iloc[0]
    held = []
    monkeypatch.setattr(
        "toolkit.audience.contact_history.contact_history",
        lambda *read, **k: held.append(read) or contact_history(*read, **k),
    )

    found = ws.history(contact_id)

    contacts, name, kept = held[0]
    assert found == ws.history(contact_id, contacts=ws.snapshot(), logs=logs)
    assert name == contact_id
    assert kept["contact_id"].unique().tolist() == [contact_id]
    assert contacts.table["fields"].null_count == len(contacts)
    assert list(kept["campaign_id"].cat.categories) == ws.campaign_ids()


def in_escapes(body: bytes) -> bytes:
    """JSON that says the same in other words: every digit of its texts escaped."""
    texts = rb'"(?:[^"\\]|\\.)*"'
    return re.sub(texts, lambda text: re.sub(rb"\d", lambda digit: b"\\u%04x" % digit[0][0], text[0]), body)


@pytest.mark.parametrize("written", [bytes, in_escapes], ids=["plainly", "in escapes"])
def test_the_few_pages_that_name_somebody_are_read_whole_however_they_are_written(
    ws: Workspace, sandbox: Sandbox, tmp_path: Path, written: Callable[[bytes], bytes]
) -> None:
    class Service(httpx.BaseTransport):
        def __init__(self) -> None:
            self.inner = sandbox.transport()

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = self.inner.handle_request(request)
            if not request.url.path.endswith("/logs"):
                return response
            return httpx.Response(200, content=written(response.read()))

    logs = ws.logs(ws.campaign_ids())
    contact_id = logs["contact_id"].value_counts().index[0]
    with connect(Settings(home=tmp_path), sandbox=sandbox, transport=Service()) as read:
        history = read.history(contact_id)

    assert history.deliveries == ws.history(contact_id, logs=logs).deliveries
    assert len(history.deliveries) > 1
