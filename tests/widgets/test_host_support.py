"""Where widgets do not run, they say so, and show what they hold."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

import toolkit
from toolkit.widgets import Inbox, SegmentExplorer, SendPanel
from toolkit.workspace import Workspace


def shown(widget: object) -> str:
    return str(widget._repr_mimebundle_()["text/html"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("is_marimo", [True, False])
def test_in_marimo_a_widget_says_where_it_runs(ws: Workspace, monkeypatch: pytest.MonkeyPatch, is_marimo: bool) -> None:
    monkeypatch.setitem(sys.modules, "marimo", SimpleNamespace(running_in_notebook=lambda: is_marimo))  # type: ignore[arg-type]
    plan = ws.plan(
        toolkit.CampaignDraft(
            name="Spring Sale",
            message="Hello. Reply STOP to opt out.",
            segment=toolkit.Segment.any_of("vip_customers"),
            senders=("Marketing Line",),
        )
    )

    explorer, inbox, panel = (shown(widget) for widget in (SegmentExplorer(ws), Inbox(ws), SendPanel(ws, plan)))

    assert ["open it in Jupyter" in each for each in (explorer, inbox, panel)] == [is_marimo] * 3
    assert ["run the cell" in each for each in (explorer, inbox)] == [not is_marimo] * 2
    assert plan.id in panel
