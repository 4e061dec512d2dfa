"""`seax remove-label` as a person at a terminal uses it, on the embedded workspace."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest

from tests.builders import campaign_draft
from tests.terminal import at_terminal
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect, open_sandbox


@pytest.fixture
def label() -> str:
    """A label that the recipients of a campaign were given."""
    with closing(open_sandbox(Settings.from_environment(), contacts=100)) as box, opened(box) as ws:
        plan = ws.plan(ws.imports.label(campaign_draft()))
        ws.send(plan.approve(recipients=plan.recipients, by="ana"))
        box.clock.advance(timedelta(minutes=1))
        return next(label.name for label in ws.snapshot().labels if label.name.startswith("seax:"))


def opened(box: Sandbox | None = None) -> Workspace:
    return connect(Settings.from_environment().model_copy(update={"dialect": "published"}), sandbox=box)


def having(label: str) -> int:
    with opened() as ws:
        return int(ws.contacts()["labels"].map(lambda labels: label in labels).sum())


def test_a_label_is_removed_by_typing_its_number_of_contacts_and_read_back(label: str) -> None:
    count = having(label)

    status, shown = at_terminal("remove-label", label, answers=[f"{count}"], SEAX_DIALECT="published")

    assert (status, having(label)) == (0, 0)
    assert f"taken from  {count} contacts, and deleted" in shown
    assert f"None of the {count} contacts of the plan has the label any more, nor does anybody else." in shown


def test_another_number_removes_nothing(label: str) -> None:
    count = having(label)

    status, shown = at_terminal("remove-label", label, answers=[f"{count + 1}"], SEAX_DIALECT="published")

    assert (status, having(label)) == (1, count)
    assert "takes a label from" in shown


def test_a_label_of_others_is_refused(label: str) -> None:
    status, shown = at_terminal("remove-label", "vip_customers", answers=[], SEAX_DIALECT="published")

    assert status == 1
    assert "was not made by ws.imports.label" in " ".join(shown.split())
