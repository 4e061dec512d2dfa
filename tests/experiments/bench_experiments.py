"""How long it takes to read out an experiment of a million contacts and three million orders; and growth, RFM."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from toolkit.api.columns import CONTACTS
from toolkit.data.arrow_frames import to_pandas
from toolkit.data.contacts import Contacts
from toolkit.engagement.weekly.cohorts import list_growth, retention, rfm
from toolkit.experiments.assignment import Assignment
from toolkit.experiments.metric import FAILURES, Metric
from toolkit.experiments.registration import Guardrail, Registration
from toolkit.experiments.split import Experiment
from toolkit.experiments.study import Study
from toolkit.models import Label

SENT = datetime(2026, 11, 4, 16, tzinfo=UTC)


def contacts(count: int) -> Contacts:
    columns: dict[str, Any] = {name: pa.nulls(count, CONTACTS.field(name).type) for name in CONTACTS.names}
    columns |= {
        "id": pa.array([f"{at:032x}" for at in range(count)]),
        "phone": pa.array([f"+1999{at:07}" for at in range(count)]),
        "labels": pa.array([[0]] * count, CONTACTS.field("labels").type),
        "created_time": pa.array(
            np.datetime64("2026-01-01", "us") + np.arange(count) * np.timedelta64(25, "s"),
            pa.timestamp("us", "UTC"),
        ),
        "fields": pa.array(["{}"] * count),
    }
    return Contacts(pa.table(columns, schema=CONTACTS), (Label(id="1", name="vip"),), SENT)


def orders(ids: pa.Array, count: int) -> pa.Table:
    random = np.random.default_rng(1)
    at = np.datetime64("2026-10-20", "us") + random.integers(0, 25 * 86_400, count).astype("timedelta64[s]")
    return pa.table(
        {
            "contact_id": ids.take(pa.array(random.integers(0, len(ids), count))),
            "time": pa.array(at, pa.timestamp("us", "UTC")),
            "amount": random.gamma(2, 20, count).round(2),
        }
    )


def logs(ids: pa.Array) -> pd.DataFrame:
    at = pd.Timestamp(SENT)
    frame = pd.DataFrame({"contact_id": pd.Series(ids.to_pylist(), dtype="str")})
    frame["campaign_id"] = pd.Categorical(np.where(np.arange(len(frame)) % 2, "b", "a"))
    frame["status"] = pd.Categorical(np.where(np.arange(len(frame)) % 30, "delivered", "failed"))
    return frame.assign(sent_time=at, delivered_time=at + pd.Timedelta(seconds=5), error=None)


def timed(what: str, do: Callable[[], Any]) -> Any:
    began = time.process_time()
    found = do()
    used, peak = time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    sys.stdout.write(f"{what}: {used:.1f} s of CPU, {peak:.2f} GB at most so far\n")
    return found


def main(count: int = 1_000_000) -> None:
    people = contacts(count)
    ids = people.table["id"].combine_chunks()
    rule = Registration(
        metric=Metric(name="amount", kind="mean", value="amount"),
        control="a",
        least_lift=1.0,
        baseline=30.0,
        spread=50.0,
        before=timedelta(days=14),
        guardrails=(Guardrail(metric=FAILURES, margin=0.01),),
    )
    experiment = Experiment(name="bench", arms={"a": 0.5, "b": 0.5}, wait=timedelta(days=7), registration=rule)
    names = ids.to_pylist()
    assignment = Assignment({"a": names[::2], "b": names[1::2]}, people)
    log, bought = logs(ids), to_pandas(orders(ids, 3 * count))
    study = Study(experiment, assignment, log, {"a": "a", "b": "b"}, {}, bought, SENT + timedelta(days=8))
    result = timed(f"{count:,} contacts with {3 * count:,} orders read out", study.result)
    sys.stdout.write(f"  {result.verdict}\n")
    frame = people.select(["id", "created_time"])
    timed("growth by week", lambda: list_growth(frame, until=SENT))
    timed("retention by cohort", lambda: retention(frame, log, as_of=SENT + timedelta(days=40)))
    timed("RFM", lambda: rfm(log, as_of=SENT + timedelta(days=8)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
