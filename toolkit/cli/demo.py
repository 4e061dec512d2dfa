"""The main workflow from start to end, on a temporary embedded workspace."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Hashable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from toolkit.audience.segment import Segment
from toolkit.cli.imports import progress_bar, watch
from toolkit.plans.draft import CampaignDraft, ImportDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

DEMO_CONTACTS = 3_000
BEGINS = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)  # the workspace's own time, so that every run counts the same people
SPEED = 60  # once sent, the workspace's clock runs 60 times faster
_GIVEN = ("Ana", "Ben", "Chloë", "Dmitri", "Eun-ji", "Fatima", "Grace", "Hiro", "Inés", "Jonas", "Łukasz", "Mei")
_FAMILY = ("Abe", "Brown", "Costa", "Dunn", "Evans", "Fox", "García", "Haas", "Ito", "Jensen", "Khan", "Lee", "Nuñez")


def run(console: Console, *, recipients: int | None, ask: Callable[[], str]) -> None:
    """Run it; the person at the terminal approves by answering `ask`, or `recipients` is the approved number."""
    with tempfile.TemporaryDirectory(prefix="seax-demo-") as folder:
        home = Path(folder)
        begun = datetime.now(UTC)
        sandbox = Sandbox(home / "workspace.sqlite3", now=lambda: BEGINS + (datetime.now(UTC) - begun))
        sandbox.clock.advance(timedelta(minutes=15))  # after the opt-out planted ten minutes after its creation
        spoken = {"SEAX_HOME": folder, "SEAX_DIALECT": os.environ.get("SEAX_DIALECT", "")}
        with connect(Settings.from_environment(spoken), sandbox=sandbox) as ws:
            _say(console, "1  The embedded workspace", f"{ws!r}: the whole service here, with invented people.")
            _import(console, ws, _write_csv(home / "spring-fair.csv"))
            _show_contacts(console, ws)
            _campaign(console, ws, sandbox, recipients, ask)
    _say(
        console,
        "6  Next",
        "seax lab                                  the notebooks: explore, build and send by clicking\n"
        "python -c 'import toolkit; print(toolkit.connect().contacts())'\n"
        "seax-mcp                                  the same for an assistant; a person approves its plans\n"
        "seax sandbox --port 8765                  the embedded service for curl\n"
        "seax --help                               all commands",
    )


def _write_csv(path: Path) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["name", "phone", "labels", "customer_tier"])
        for i in range(DEMO_CONTACTS):
            name = f"{_GIVEN[i % len(_GIVEN)]} {_FAMILY[i * 7 % len(_FAMILY)]}"
            labels = "spring_fair,vip_customers" if i % 5 == 0 else "spring_fair"
            rows.writerow([name, f"+1999{2_000_000 + i}", labels, "gold" if i % 5 == 0 else "standard"])
    return path


def _import(console: Console, ws: Workspace, path: Path) -> None:
    plan = ws.plan(ImportDraft(name="Spring fair", path=path))
    receipt = ws.send(plan.approve(recipients=plan.recipients, by="demo"))
    _say(console, "2  Import a CSV", f"{path.name}, {plan.recipients:,} rows, approved and uploaded once.")
    if receipt.job_id is None:
        return
    console.print(str(watch(console, ws, receipt.job_id)))


def _show_contacts(console: Console, ws: Workspace) -> None:
    frame = ws.contacts()
    _say(console, "3  Contacts as a frame", f"ws.contacts() → {len(frame):,} rows × {frame.shape[1]} columns")
    shown = frame[["name", "phone", "labels", "created_time"]].head(5)
    console.print(shown.to_string(index=False), markup=False, highlight=False, soft_wrap=True)


def _campaign(
    console: Console, ws: Workspace, sandbox: Sandbox, recipients: int | None, ask: Callable[[], str]
) -> None:
    sender = ws.phones().query("enabled and sms")["name"].iloc[0]
    plan = ws.plan(
        CampaignDraft(
            name="Spring Sale",
            message="Spring Sale: 25% off everything until Sunday with code SPRING25. Reply STOP to opt out.",
            segment=Segment.any_of("spring_fair", "vip_customers") & ~Segment.any_of("location_nyc"),
            senders=(sender,),
        )
    )
    _say(console, "4  Plan a campaign: who gets what", "")
    console.print(str(plan), markup=False, highlight=False, soft_wrap=True)
    if recipients is None:
        approval = ws.approvals.ask_at_terminal(plan.id, by="demo", ask=ask)
    else:
        approval = plan.approve(recipients=recipients, by="demo")
    receipt = ws.send(approval)
    campaign_id = receipt.campaign_id or ""
    _say(console, "5  Send it, once", str(receipt))
    sandbox.clock.set_speed(SPEED)
    with progress_bar(console) as progress:
        bar = progress.add_task("sending", total=plan.recipients)
        for campaign in ws.follow(campaign_id, every=0.1):
            if counts := campaign.statistics:
                progress.update(bar, total=counts.total, completed=counts.sent + counts.failed)
    sandbox.clock.advance(timedelta(hours=1))  # until the carriers' reports have arrived
    _show_engagement(console, ws.engagement(campaign_id).to_dict("records")[0])


def _show_engagement(console: Console, row: dict[Hashable, Any]) -> None:
    table = Table("an hour later", "count", "of", "rate", "95 % interval")
    for name, count, whole, part in (
        ("delivered", row["delivered"], "sent", "delivery"),
        ("failed or bounced", row["failed"] + row["bounced"], "attempted", "failure"),
    ):
        rate, low, high = (f"{row[f'{part}_{end}']:.1%}" for end in ("rate", "low", "high"))
        table.add_row(name, f"{count:,}", f"{row[whole]:,} {whole}", rate, f"{low} to {high}")
    console.print(table)
    half, most = row["seconds_p50"], row["seconds_p95"]
    if half == half:  # not missing
        console.print(f"Half were delivered within {half:.0f} s, 95 % within {most:.0f} s.")
    else:
        console.print("How long deliveries took is not known: this service reports no delivery times.")


def _say(console: Console, title: str, text: str) -> None:
    console.rule(title, align="left")
    if text:
        console.print(text, markup=False, highlight=False, soft_wrap=True)
