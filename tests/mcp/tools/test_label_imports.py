"""People whom no label reaches get one of their own, by an import under the guard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.mcp.host import DRAFT, Host, ask, said
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace

pytestmark = pytest.mark.anyio
EVERYBODY = DRAFT | {"any_of": [], "none_of": []}


@pytest.mark.parametrize("as_test", [False, True])
async def test_recipients_get_a_label_of_their_own_once_a_person_approves_the_import(
    host: Host, ws: Workspace, sandbox: Sandbox, sent: Callable[[], int], as_test: bool
) -> None:
    async with host.client() as client:
        before = await ask(client, "plan_campaign", **EVERYBODY)
        of = await ask(client, "plan_campaign", **EVERYBODY, as_test=True) if as_test else before
        labelling = await ask(client, "plan_import", name="Labels", label_for=of["plan_id"])
        unasked = {label.name for label in ws.snapshot().labels}
        answer = await ask(client, "send_plan", plan_id=labelling["plan_id"])
        sandbox.clock.advance(timedelta(hours=1))
        job = await ask(client, "get_job", job_id=answer["outcome"]["job_id"])
        after = await ask(client, "plan_campaign", **EVERYBODY)

    unlabelled = sum(cut["contacts"] for cut in before["left_out"] if cut["step"] == "unlabelled")
    assert unlabelled > 0
    assert (labelling["kind"], labelling["recipients"]) == ("import", before["recipients"] + unlabelled)
    assert not {name for name in unasked if name.startswith("seax:")}
    assert host.questions[0].startswith("Import these")
    assert job["finished"]
    assert after["recipients"] == before["recipients"] + unlabelled
    assert sent() == 0


async def test_a_label_is_for_a_campaign_and_for_nothing_else(host: Host) -> None:
    async with host.client() as client:
        campaign = await ask(client, "plan_campaign", **DRAFT)
        labelling = await ask(client, "plan_import", name="Labels", label_for=campaign["plan_id"])
        of_import = await client.call_tool("plan_import", {"name": "More", "label_for": labelling["plan_id"]})
        neither = await client.call_tool("plan_import", {"name": "More"})
        both = await client.call_tool(
            "plan_import", {"name": "More", "file": "new.csv", "label_for": campaign["plan_id"]}
        )

    assert "is not one. Nothing was planned." in said(of_import)
    assert "one of the two" in said(neither)
    assert "one of the two" in said(both)
