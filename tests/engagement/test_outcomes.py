"""Statuses of every case and origin: counted once, read ones as delivered, unknown ones as unknown and by name."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from tests.engagement.engagement_logs import log_frame
from tests.engagement.test_engines import logs
from tests.engines import Engine, pandas_engine, rows_of
from toolkit.engagement.campaign_report import campaign_report
from toolkit.engagement.engagement import by_campaign, by_contact, funnel
from toolkit.engagement.failures import by_failure
from toolkit.engagement.outcomes import COUNTS, totals, unknown_statuses
from toolkit.workspace import Workspace

# the vendor's statuses of messages and of WhatsApp messages (its OpenAPI file, 2025-11), and others that are heard of
OUTCOMES = {
    **dict.fromkeys(("accepted", "queued", "scheduled", "sending", "initialized"), "pending"),
    **dict.fromkeys(("delivered", "DELIVERED", " Delivered ", "read", "Seen", "opened", "CLICKED"), "delivered"),
    **dict.fromkeys(("sent", "Sent"), "waiting"),
    **dict.fromkeys(("failed", "FAILED"), "failed"),
    **dict.fromkeys(("undelivered", "Undelivered"), "bounced"),
    **dict.fromkeys(("undelivered_by_carrier", "undeliverable", "", "deleted", "warning", None), "unknown"),
    "canceled": "canceled",
}


def table(words: list[str | None]) -> pa.Table:
    empty = logs(0)
    columns = {name: pa.nulls(len(words), empty.schema.field(name).type) for name in empty.schema.names}
    return pa.table(columns | {"campaign_id": ["c1"] * len(words), "status": pa.array(words, pa.string())})


def test_a_status_is_one_outcome_on_every_engine(engine: Engine) -> None:
    log = table([*OUTCOMES])
    log = log.set_column(0, "campaign_id", pa.array([f"c{at:02}" for at in range(len(OUTCOMES))]))

    rows = sorted(rows_of(by_campaign(engine.frame(log))))
    columns = list(by_campaign(pandas_engine().frame(log)).columns)

    for outcome, row in zip(OUTCOMES.values(), rows, strict=True):
        counts = dict(zip(columns, row, strict=True))
        assert {name for name in COUNTS if counts[name]} - {"attempted", "sent"} == {outcome}
        assert bool(counts["unknown_statuses"]) == (outcome == "unknown")


def test_statuses_in_any_case_are_counted_as_those_in_lower_case(engine: Engine) -> None:
    log = logs(300)
    at, words = log.schema.get_field_index("status"), log["status"].to_pylist()
    odd = [word and (word.upper(), f" {word.title()}\t", word)[row % 3] for row, word in enumerate(words)]
    frames = [engine.frame(log.set_column(at, "status", pa.array(some, pa.string()))) for some in (words, odd)]

    for analysis in (funnel, by_contact, by_failure):
        lower, mixed = (rows_of(analysis(frame)) for frame in frames)
        assert mixed == lower

    assert totals(frames[1]) == totals(frames[0])


def test_unknown_statuses_are_named_alike_on_every_engine(engine: Engine) -> None:
    words = ["delivered", "Undelivered_By_Carrier", "", None, "teleported", "teleported", "read"]
    expected = rows_of(by_campaign(pandas_engine().frame(table(words))))

    result = rows_of(by_campaign(engine.frame(table(words))))

    assert result == expected
    assert result[0][-1] == "no status, teleported, undelivered_by_carrier"


def test_a_log_whose_statuses_are_known_names_none() -> None:
    log = log_frame({"id": "1", "status": "delivered"}, {"id": "2", "status": "queued"}, {"id": "3", "status": "read"})

    assert unknown_statuses(log) == ""
    assert by_campaign(log)["unknown_statuses"].tolist() == [""]
    assert funnel(log)["count"].tolist() == [2, 2, 2]


def test_unknown_statuses_are_counted_and_said_in_a_sentence() -> None:
    words = ["undelivered_by_carrier", "undelivered_by_carrier", None, "delivered", "x" * 90]
    log = log_frame(*({"id": str(at), "status": word} for at, word in enumerate(words)))

    said = unknown_statuses(log)

    assert "4 messages have a status" in said
    assert "undelivered_by_carrier (2)" in said
    assert "no status (1)" in said
    assert "x" * 41 not in said


def test_a_code_alone_tells_why_a_message_failed() -> None:
    log = log_frame(
        {"id": "1", "status": "failed", "error": "30007"}, {"id": "2", "status": "failed", "error": "30007 filtered"}
    )

    assert by_failure(log)[["failure_class", "messages"]].to_numpy().tolist() == [["filtered", 2]]


def test_a_report_names_unknown_statuses(ws: Workspace) -> None:
    campaign_id = ws.campaign_ids()[1]
    log = renamed(ws.logs(campaign_id), "undelivered_by_carrier", rows=2)

    report = campaign_report(ws.campaign(campaign_id), log)

    assert "undelivered_by_carrier (2)" in report.unknown_statuses
    assert "undelivered_by_carrier (2)" in report._repr_mimebundle_()["text/plain"]
    assert "undelivered_by_carrier" in report._repr_html_()
    assert ws.report(campaign_id).unknown_statuses == ""


def renamed(log: pd.DataFrame, word: str, *, rows: int) -> pd.DataFrame:
    """The log with another status in its first rows."""
    words: list[Any] = log["status"].astype("str").tolist()
    return log.assign(status=pd.Categorical([word] * rows + words[rows:]))
