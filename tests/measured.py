"""What benches measure: a line each as they run, and one table of what `make bench` kept, `python -m tests.measured`.

The figures stand in `docs/guide/measured.json`, from which the page of costs is made; a bench run by itself prints, and
replaces its own there if `MEASURED` says so.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

KEPT = Path(__file__).parents[1] / "docs" / "guide" / "measured.json"


def figure(
    what: str, ours: float, unit: str, *, rows: int | None = None, expert: float | None = None, limit: str = ""
) -> None:
    """Print one figure and keep it; `limit`, such as `<= 1.5`, is of its ratio to the expert's where there is one."""
    ratio = None if expert is None else ours / expert
    found: dict[str, Any] = {
        "bench": Path(sys.argv[0]).stem,
        "what": what,
        "rows": rows,
        "ours": f"{ours:,.{digits(ours)}f} {unit}",
        "limit": limit and f"{limit} {unit if expert is None else '×'}".replace("<=", "≤").replace(">=", "≥"),
        "expert": "" if expert is None else f"{expert:,.{digits(expert)}f} {unit}",
        "ratio": "" if ratio is None else f"{ratio:.2g} ×" if ratio < 0.1 else f"{ratio:.2f} ×",
        "value": ours,
        "is_met": is_within(ours if ratio is None else ratio, limit),
        "day": f"{datetime.now(UTC):%Y-%m-%d}",
    }
    many = "" if rows is None else f" ({rows:,})"
    beside = f"{found['expert']:>14}{found['ratio']:>9}" if expert is not None else ""
    sys.stdout.write(f"{what + many:66}{found['ours']:>14}{beside}  {found['limit']:12}{verdict(found)}\n")
    sys.stdout.flush()
    if os.environ.get("MEASURED"):
        keep(found)


def digits(value: float) -> int:
    """Decimals that leave about three figures."""
    return 0 if value >= 100 else 1 if value >= 10 else 2


def is_within(value: float, limit: str) -> bool:
    if not limit:
        return True
    sign, number = limit.split()
    return value <= float(number) if sign == "<=" else value >= float(number)


def verdict(found: dict[str, Any]) -> str:
    return "" if not found["limit"] else "ok" if found["is_met"] else "MISSED"


def kept() -> list[dict[str, Any]]:
    """Every figure that was kept, by bench and by number of rows."""
    found: list[dict[str, Any]] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else []
    return found


def keep(found: dict[str, Any]) -> None:
    """Keep a figure in the place of the same one measured before, with how it grew from the next smaller size."""

    def is_same(other: dict[str, Any]) -> bool:
        return (other["bench"], other["what"]) == (found["bench"], found["what"])

    others = [each for each in kept() if not (is_same(each) and each["rows"] == found["rows"])]
    smaller = [each for each in others if is_same(each) and (each["rows"] or 0) < (found["rows"] or 0)]
    found["growth"] = ""
    if smaller:
        last = max(smaller, key=lambda each: int(each["rows"]))
        found["growth"] = f"{found['value'] / last['value']:.1f} × of {found['rows'] / last['rows']:.0f} × as many"
    others.append(found)
    others.sort(key=lambda each: each["bench"])
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in others)
    KEPT.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def main() -> int:
    columns = ("what", "rows", "ours", "limit", "expert", "ratio", "growth", "")
    table = Table(*columns)
    for found in kept():
        many = "" if found["rows"] is None else f"{found['rows']:,}"
        table.add_row(found["what"], many, *(found[name] for name in columns[2:7]), verdict(found))
    Console(width=170).print(table)
    return 0 if all(found["is_met"] for found in kept()) else 1


if __name__ == "__main__":
    sys.exit(main())
