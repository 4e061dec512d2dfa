"""The terminal's `seax memo` and `seax report`: pages that are written to one HTML file each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def memo(
    plan_id: Annotated[str, typer.Argument(help="The plan of the experiment, as `seax plans` shows it.")],
    orders: Annotated[
        Path | None, typer.Option(help="Orders or events: a Parquet, Feather or CSV file with the registered columns.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The HTML file; memo-PLAN.html if not given.")
    ] = None,
) -> None:
    """Read an experiment out, and write the decision memo."""
    from toolkit.experiments.order_rows import read_orders
    from toolkit.workspace import connect

    with connect(face="terminal") as workspace:
        plan = workspace.get_plan(plan_id).plan
        frame = None if orders is None else read_orders(orders, times=_times_of(plan.draft))
        page = workspace.experiments.memo(plan_id, frame)
        typer.echo(str(page.save(output or Path(f"memo-{plan_id}.html"))))


def report(
    week: Annotated[
        str | None, typer.Option(help="The week, as 2026-48; the last one that is over if not given.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The HTML file; week-WEEK.html if not given.")
    ] = None,
    mirror: Annotated[
        str | None, typer.Option(help="A mirror's folder or address, which knows who opted out when.")
    ] = None,
) -> None:
    """Write the report of a week against the eight before."""
    from toolkit.workspace import connect

    with connect(face="terminal") as workspace:
        page = workspace.weekly_page(week, mirror=None if mirror is None else workspace.mirror(mirror))
        name = page.title.lower().replace(" ", "-")
        typer.echo(str(page.save(output or Path(f"{name}.html"))))


def _times_of(draft: object) -> str:
    experiment = getattr(draft, "experiment", None)
    return experiment.registration.metric.time if experiment and experiment.registration else "time"
