from __future__ import annotations

import csv
import re
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from tests.widgets.page import Browser, Wire, chips, controls, page_html, tags
from toolkit.audience.segment import Segment
from toolkit.plans.draft import CampaignDraft, ImportDraft
from toolkit.sandbox import Sandbox
from toolkit.widgets.forms.log_view import LogView
from toolkit.widgets.log_explorer import LogExplorer
from toolkit.workspace import Workspace

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def explorer(ws: Workspace, browser: Browser) -> LogExplorer:
    """An explorer of all logs, which are read."""
    explorer = LogExplorer(ws)
    browser.click(controls(explorer)["seax-read"])
    explorer.wait(20)
    return explorer


def test_nothing_is_read_of_the_logs_before_the_button(ws: Workspace, browser: Browser, wire: Wire) -> None:
    explorer = LogExplorer(ws)

    assert "read their logs" in controls(explorer)["seax-said"].value
    assert explorer.rows.empty
    assert "run the cell to use it" in explorer._repr_mimebundle_()["text/html"]


def test_messages_are_filtered_and_grouped_by_clicking(explorer: LogExplorer, browser: Browser, ws: Workspace) -> None:
    page, logs = controls(explorer), ws.logs(ws.campaign_ids())

    browser.click(chips(explorer, "statuses")["undelivered"])
    browser.edit(page["seax-by"], index=page["seax-by"]._options_values.index("failure"))

    lost = int((logs["status"] == "undelivered").sum())
    assert explorer.value == LogView(statuses=("undelivered",), by=("failure",))
    assert len(explorer.rows) == lost
    assert f"{lost:,} of {len(logs):,} messages." in page["seax-said"].value
    assert "unreachable" in page["seax-groups"].value
    assert f"0 of {lost:,} sent" not in page["seax-groups"].value


@pytest.mark.parametrize(("order", "is_falling"), [(0, True), (1, True), (2, True), (3, False)])
def test_groups_are_sorted_by_what_is_chosen(
    explorer: LogExplorer, browser: Browser, order: int, is_falling: bool
) -> None:
    page = controls(explorer)
    browser.edit(page["seax-by"], index=page["seax-by"]._options_values.index("campaign"))
    browser.edit(page["seax-order"], index=order)

    rows = re.findall(r"<tr>(.*?)</tr>", page["seax-groups"].value)
    column = {0: 1, 1: 2, 2: 3, 3: 0}[order]
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row)[column] for row in rows[1:]]
    keys = [cell.casefold() if order == 3 else _number(cell) for cell in cells]
    assert len(keys) > 3
    assert keys == sorted(keys, reverse=is_falling)


def _number(cell: str) -> float:
    """A count, or the percentage of a rate."""
    rate = re.search(r"([\d.]+) ?%", cell)
    return float(rate[1]) if rate else float(cell.replace(",", ""))


def test_a_plain_click_on_a_second_status_keeps_the_first(explorer: LogExplorer, browser: Browser) -> None:
    browser.click(chips(explorer, "statuses")["undelivered"])
    browser.click(chips(explorer, "statuses")["failed"])
    browser.click(chips(explorer, "causes")["invalid number"])
    assert set(explorer.value.statuses) == {"undelivered", "failed"}
    assert explorer.value.causes == ("invalid_number",)

    browser.click(chips(explorer, "statuses")["undelivered"])
    assert explorer.value.statuses == ("failed",)


def test_statuses_can_be_chosen_before_the_logs_are_read_and_stay_chosen(ws: Workspace, browser: Browser) -> None:
    explorer = LogExplorer(ws)
    assert "are here once the logs are read" in controls(explorer)["seax-groups"].value
    browser.click(chips(explorer, "statuses")["failed"])
    browser.click(chips(explorer, "statuses")["seen"])

    browser.click(controls(explorer)["seax-read"])
    explorer.wait(20)

    assert set(explorer.value.statuses) == {"failed", "seen"}  # nobody's status is "seen" here
    assert set(explorer.rows["status"]) == {"failed"}


def test_a_view_can_be_given_back(ws: Workspace, browser: Browser) -> None:
    view = LogView(
        campaigns=(ws.campaign_ids()[0],), statuses=("failed",), causes=("landline",), contact="a", by=("day", "hour")
    )

    assert LogExplorer(ws, view).value == view


def test_only_the_chosen_campaigns_are_read(ws: Workspace, browser: Browser) -> None:
    one, two = ws.campaign_ids()[:2]
    explorer = LogExplorer(ws, LogView(campaigns=(one,)))
    explorer.read()
    explorer.wait(20)
    assert explorer.rows["campaign_id"].unique().tolist() == [one]

    name = ws.campaign(two).name
    browser.edit(controls(explorer)["seax-campaigns-find"], value=name)
    press = next(button for text, button in chips(explorer, "campaigns").items() if text.startswith(name))
    browser.click(press)

    assert explorer.value.campaigns == (two, one)
    assert "1 chosen campaigns are not read yet" in controls(explorer)["seax-said"].value


def test_campaigns_are_compared_and_failures_come_with_what_to_do(explorer: LogExplorer, browser: Browser) -> None:
    page = controls(explorer)

    browser.edit(page["seax-tabs"], selected_index=1)
    browser.edit(page["seax-tabs"], selected_index=2)
    browser.edit(page["seax-tabs"], selected_index=3)

    assert 'alt="Delivery rates, with 95 % intervals' in page["seax-compared"].value
    assert "Choose 2 to 20 campaigns" in page["seax-compared"].value
    assert "Label these contacts and never text the number again." in page["seax-failures"].value
    assert "•••" in str(page["seax-messages"].shown["rows"])
    assert page["seax-messages"].shown["found"] == len(explorer.rows)


def test_few_campaigns_are_held_against_each_other(ws: Workspace, browser: Browser) -> None:
    explorer = LogExplorer(ws, LogView(campaigns=tuple(ws.campaign_ids()[:2])))
    explorer.read()
    explorer.wait(20)

    browser.edit(controls(explorer)["seax-tabs"], selected_index=1)

    assert "Monthly news 1 against Monthly news 2" in controls(explorer)["seax-compared"].value.replace(
        "Monthly news 2 against Monthly news 1", "Monthly news 1 against Monthly news 2"
    )


def test_what_is_chosen_is_saved_and_no_file_is_written_over(
    explorer: LogExplorer, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = controls(explorer)
    browser.edit(page["seax-contact"], value="ma")

    browser.click(page["seax-csv"])
    browser.click(page["seax-parquet"])
    assert f"{len(explorer.rows):,} messages were saved to delivery-log.parquet." in page["seax-saved"].value
    browser.click(page["seax-csv"])

    assert "The file delivery-log.csv already exists" in page["seax-saved"].value
    with Path("delivery-log.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(explorer.rows) == len(pd.read_parquet("delivery-log.parquet"))
    assert all(row["phone"].startswith("'+") for row in rows if row["phone"])


def test_saving_before_reading_is_refused(ws: Workspace, browser: Browser) -> None:
    explorer = LogExplorer(ws)

    browser.click(controls(explorer)["seax-csv"])

    assert "Read the logs first" in controls(explorer)["seax-saved"].value


def test_reading_can_be_stopped_and_begun_anew(ws: Workspace, browser: Browser, wire: Wire) -> None:
    explorer = LogExplorer(ws)
    page, asked = controls(explorer), []
    wire.meanwhile = lambda: asked.append(1) or (browser.click(page["seax-read-stop"]) if len(asked) == 3 else None)

    browser.click(page["seax-read"])
    explorer.wait(20)
    assert explorer.rows.empty

    wire.meanwhile = lambda: None
    browser.click(page["seax-read"])
    explorer.wait(20)
    assert len(explorer.rows) == len(ws.logs(ws.campaign_ids()))


def test_groups_of_contacts_are_offered_with_the_contacts(ws: Workspace, browser: Browser) -> None:
    explorer = LogExplorer(ws, LogView(by=("label",)), contacts=ws.snapshot())
    explorer.read()
    explorer.wait(20)

    assert "vip_customers" in controls(explorer)["seax-groups"].value
    assert "label" not in controls(LogExplorer(ws))["seax-by"]._options_values


def test_hostile_data_stays_text_on_every_page(
    ws: Workspace, sandbox: Sandbox, browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f'name,phone,labels\n"{HOSTILE}",+12025550142,"{HOSTILE}"\n', encoding="utf-8")
    ws.send(ws.plan(ImportDraft(name="x", path=path)).approve(recipients=1, by="test"))
    sandbox.clock.advance(timedelta(minutes=5))
    draft = CampaignDraft(name=HOSTILE, message="Hi", segment=Segment.any_of(HOSTILE), senders=("Marketing Line",))
    receipt = ws.send(ws.plan(draft).approve(recipients=1, by="test"))
    explorer = LogExplorer(
        ws, LogView(campaigns=(receipt.campaign_id or "",), by=("campaign", "label")), contacts=ws.snapshot()
    )
    explorer.read()
    explorer.wait(20)
    assert len(explorer.rows) == 1
    explorer._logs = explorer._logs.assign(error=HOSTILE, status=pd.Categorical(["failed"], ["failed"]))

    for tab in range(5):
        browser.edit(controls(explorer)["seax-tabs"], selected_index=tab)
    html = page_html(explorer)
    assert "onerror" in html
    assert "<img src=x" not in html
    assert tags(html) <= {"div", "b", "p", "table", "tr", "th", "td", "img", "span", "style"}
    assert "<img src=x" not in explorer._repr_mimebundle_()["text/html"]


def test_every_control_has_a_label(explorer: LogExplorer) -> None:
    unlabelled = [
        name
        for name, control in controls(explorer).items()
        if hasattr(control, "description") and hasattr(control, "disabled") and not control.description
    ]

    assert unlabelled == []
