"""Failures in clusters: what carriers reported, how many people are affected, and what to do about it."""

from __future__ import annotations

import pandas as pd

from toolkit.engagement.campaign_report import ADVICE
from toolkit.engagement.failures import by_failure, classified
from toolkit.frames import lazy

_WORDS = 3  # of carriers, for each cluster


def failure_clusters(logs: pd.DataFrame) -> pd.DataFrame:
    """One row per class of failures in the log, most frequent first.

    Columns: those of `toolkit.engagement.failures.by_failure`, and `contacts` (int64, the people affected), `words`
    (str, the carriers' most frequent messages, up to three) and `advice` (str, what to do).
    """
    lost: pd.DataFrame = classified(lazy(logs, "status", "error", "contact_id")).collect().to_native()
    groups = lost.groupby("failure_class")
    classes = by_failure(logs).sort_values(["messages", "failure_class"], ascending=[False, True], ignore_index=True)
    words = {name: " / ".join(said.dropna().value_counts().index[:_WORDS]) for name, said in groups["error"]}
    return classes.assign(
        contacts=classes["failure_class"].map(groups["contact_id"].nunique()).astype("int64"),
        words=pd.Series([words[name] for name in classes["failure_class"]], dtype="str"),
        advice=pd.Series([ADVICE[action] for action in classes["action"]], dtype="str"),
    )
