"""What engines have different words for, or what narwhals has none for on one of them: the one room that knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw

from toolkit.frames import Frame, flag


def with_microseconds(frame: Frame, **columns: str) -> Frame:
    """The frame with a column added for each of these names: the microseconds since 1970 of the time column it names.

    float64, which holds them exactly below 2**53 and has a missing value on every engine.
    """
    if frame.implementation.is_duckdb():
        added = _in_duckdb(frame.to_native(), columns)
    elif frame.implementation.is_spark_like():
        added = _in_spark(frame.to_native(), columns)
    else:
        return frame.with_columns(
            nw.col(column).dt.timestamp("us").cast(nw.Float64).alias(name) for name, column in columns.items()
        )
    found: Frame = nw.from_native(added)
    return found


def with_flags(frame: Frame, column: str, words: Mapping[str, Sequence[str]]) -> Frame:
    """The frame with a column added for each of these names, 1 where the text of a column is one of its words.

    int8; elsewhere, also where the text is missing, 0, or missing itself on DuckDB. `flagged` counts them.
    """
    if frame.implementation.is_duckdb():  # narwhals looks the text up in a list, which takes three times as long
        relation: Any = frame.to_native()
        lists = {name: ", ".join(f"'{word}'" for word in some) for name, some in words.items()}
        added = [f'CASE WHEN "{column}" IN ({some}) THEN 1::TINYINT END AS "{name}"' for name, some in lists.items()]
        found: Frame = nw.from_native(relation.project(", ".join(["*", *added])))
        return found
    return frame.with_columns(flag(nw.col(column).is_in(some)).alias(name) for name, some in words.items())


def flagged(frame: Frame, *names: str) -> list[nw.Expr]:
    """How many rows `with_flags` flagged, one reduction a name: DuckDB counts much faster than it adds up."""
    is_duckdb = frame.implementation.is_duckdb()
    return [nw.col(name).count() if is_duckdb else nw.col(name).sum() for name in names]


def rows_of(frame: Frame, columns: Sequence[str], *, name: str, value: str) -> Frame:
    """The frame with a row for each of these columns, its name and its value in two new ones; the others stay."""
    if frame.implementation.is_duckdb():  # narwhals asks another connection than the relation's
        named = ", ".join(f'"{column}"' for column in columns)
        relation: Any = frame.to_native()
        found: Frame = nw.from_native(
            relation.query("wide", f'FROM (UNPIVOT wide ON {named} INTO NAME "{name}" VALUE "{value}")')
        )
        return found
    others = [column for column in frame.collect_schema() if column not in columns]
    return frame.unpivot(list(columns), index=others, variable_name=name, value_name=value)


def _in_duckdb(relation: Any, columns: dict[str, str]) -> Any:
    added = [f'epoch_us("{column}")::DOUBLE AS "{name}"' for name, column in columns.items()]
    return relation.project(", ".join(["*", *added]))


def _in_spark(frame: Any, columns: dict[str, str]) -> Any:
    from pyspark.sql.functions import expr

    return frame.withColumns(
        {name: expr(f"CAST(unix_micros(`{column}`) AS DOUBLE)") for name, column in columns.items()}
    )
