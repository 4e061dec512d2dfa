# One file: every state of every widget, in the order of the pictures.
"""The states of each widget, as a person brings them about."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.screens.stage import Stage
from toolkit.audience.segment import Segment
from toolkit.plans.draft import CampaignDraft

_GROUPED = (
    '"labels any of (vip_customers, interest_shoes) and not labels:location_nyc and created after 2024-01-01'
    ' and (field.customer_tier = gold or not (field.orders < 3 or labels:newsletter))"'
)
_FILLED = f"""CampaignBuilder(ws, toolkit.CampaignDraft(
    name="Autumn gold", message="Hi {{name}} 🌸 early access to autumn gold is on: http://shop.example/gold",
    senders=["Marketing Line"], segment=toolkit.Segment.parse({_GROUPED})))"""
_DRAFT = """toolkit.CampaignDraft(
    name="Autumn gold", message="Example Shop: early access to autumn gold is on. Reply STOP to opt out.",
    senders=["Marketing Line"], {more}
    segment=toolkit.Segment.any_of("vip_customers") & ~toolkit.Segment.any_of("location_nyc"))"""
_GOOD = f"CampaignBuilder(ws, {_DRAFT})"
_ZONES = _DRAFT.format(more="by_zone=True,")
_WRITES_A_FILE = """[Path("people.csv").write_text({text!r}, encoding="utf-8"), ContactImport(ws, "people.csv")][1]"""
_GOOD_FILE = "name,phone,labels,shoe size\nAna,+12025550147,vip_customers,38\nBo,(202) 555-0148,newsletter,44\n"
_BAD_FILE = (
    "name;phone;labels;shoe size\nAna;+12025550147;vip_customers;38\nBo;(202) 555-0148;vip_custmers;44\n"
    "Cy;12;newsletter;\n"
)


def _approve(stage: Stage) -> None:
    """Type what the plan on the page asks for."""
    people = stage.see("send-panel", ".seax-people").first.text_content() or ""
    stage.see("count", "input").fill(people.replace(",", ""))
    stage.see("by", "input").fill("Ana")


def builder(stage: Stage) -> None:
    """Empty; filled, with groups of conditions and findings; the plan; refused; sent."""
    see = stage.see
    stage.begin()
    stage.show("CampaignBuilder(ws)")
    expect(see("contacts-said")).to_contain_text("contacts, read at")
    stage.take("builder-1-empty", see("builder"))
    stage.show(_FILLED)
    expect(see("findings")).to_contain_text("block")
    stage.take("builder-2-filled", see("builder"))
    stage.window("builder-2-filled")
    see("rule-tree").get_by_role("button", name="+ Condition").first.click()
    see("picker", "select").first.select_option("field.customer_tier")
    expect(see("picker", ".seax-picture td").first).to_be_visible()
    stage.take("builder-2-picking", see("builder"))
    stage.show(_GOOD.format(more="by_zone=True, local_time='10:00',"))
    expect(see("timetable")).to_contain_text("Their clock")
    stage.take("builder-3-by-zone", see("builder"))
    stage.show(_GOOD.format(more=""))
    see("see-plan").click()
    expect(see("plan")).to_contain_text("Autumn gold")
    _approve(stage)
    stage.take("builder-4-plan", see("builder"))
    stage.opt_out(1000)
    see("send").click()
    expect(see("outcome")).to_contain_text("Nothing was sent")
    stage.take("builder-6-refused", see("builder"))
    stage.show(_GOOD.format(more=""))
    see("see-plan").click()
    expect(see("plan")).to_contain_text("Autumn gold")
    _approve(stage)
    see("send").click()
    expect(see("outcome")).to_contain_text("campaign_")
    stage.page.wait_for_timeout(2500)
    stage.take("builder-5-sent", see("builder"))


def arms(stage: Stage) -> None:
    """Two texts with people held out: each tab, the plan, sent."""
    see = stage.see
    stage.begin()
    stage.show(_GOOD.format(more=""))
    expect(see("contacts-said")).to_contain_text("contacts, read at")
    see("add-arm").get_by_role("button", name="Test another text").click()
    see("message-b", "textarea").fill("Autumn gold is here, Example Shop's best. Reply STOP to opt out.")
    stage.take("arms-1-text", see("builder"))
    see("arms").get_by_role("tab", name="Held out").click()
    see("held-out", "select").select_option("10%")
    expect(see("arms").get_by_role("tab", name="A · 45%")).to_be_visible()
    stage.take("arms-2-held-out", see("builder"))
    see("see-plan").click()
    expect(see("plan")).to_contain_text("Autumn gold is here")
    _approve(stage)
    stage.take("arms-3-plan", see("builder"))
    see("send").click()
    expect(see("plan-monitor")).to_be_visible()
    stage.page.wait_for_timeout(2500)
    stage.take("arms-4-sent", see("builder"))
    see("read-arms").click()
    expect(see("arm-counts")).to_contain_text("opted out, of people")
    stage.take("arms-5-read", see("builder"))


def tables(stage: Stage) -> None:
    """The table of contacts, of an audience's steps, of a filter that cannot be read, of nothing."""
    see, table = stage.see, stage.see("table-view")
    stage.begin()
    stage.show("FrameTable(ws.contacts())")
    expect(see("people-grid", "tbody td").first).to_be_visible()
    stage.take("table-1-contacts", table)
    see("people-grid").get_by_label("Filter labels").fill("vip_customers")
    see("people-grid").get_by_role("button", name="name").first.click()
    expect(see("people-said")).not_to_contain_text("of 5,000")
    stage.take("table-2-filtered", table)
    see("people-grid").get_by_label("Filter created_time").fill("soon")
    expect(table.get_by_role("alert")).to_contain_text("cannot be read")
    stage.take("table-3-refused", table)
    stage.show("FrameTable(ws.audience(toolkit.Segment.any_of('vip_customers')))")
    expect(see("people-grid", "tbody td").first).to_be_visible()
    stage.take("table-4-audience", table)
    stage.show("FrameTable(ws.logs(ws.campaign_ids()[:1]))")
    expect(see("people-grid", "tbody td").first).to_be_visible()
    stage.take("table-5-logs", table)
    stage.show("FrameTable(ws.logs([]))")
    expect(see("table-count")).to_be_visible()
    stage.take("table-6-empty", table)


def explorer(stage: Stage) -> None:
    """Empty; a segment with groups; each tab; a rule that cannot be read."""
    see, tab = stage.see, stage.page.get_by_role("tab")
    stage.begin()
    stage.show("SegmentExplorer(ws)")
    expect(see("waterfall", "td").first).to_be_visible()
    stage.take("explorer-1-empty", see("explorer"))
    stage.show(f"SegmentExplorer(ws, toolkit.Segment.parse({_GROUPED}))")
    expect(see("waterfall", "td").first).to_be_visible()
    stage.take("explorer-2-filled", see("explorer"))
    tab.filter(has_text="Fields").click()
    see("fields", "select").first.select_option("field.customer_tier")
    expect(see("fields", ".seax-picture td").first).to_be_visible()
    stage.take("explorer-3-fields", see("explorer"))
    tab.filter(has_text="Messages").click()
    see("read").click()
    see("messages", "select").select_option("received")
    expect(see("messages", ".seax-picture td").first).to_be_visible()
    stage.take("explorer-4-messages", see("explorer"))
    tab.filter(has_text="People").click()
    expect(see("people-grid", "tbody td").first).to_be_visible()
    stage.take("explorer-5-people", see("explorer"))
    tab.filter(has_text="Overlap").click()
    see("other", "input").fill("labels:newsletter")
    see("other", "input").press("Tab")
    expect(see("overlap")).to_contain_text("both")
    stage.take("explorer-6-overlap", see("explorer"))
    tab.filter(has_text="Code").click()
    stage.take("explorer-7-code", see("explorer"))
    see("rule", "input").fill("field.tier = gold")
    see("rule", "input").press("Tab")
    expect(see("said")).to_contain_text("did you mean")
    stage.take("explorer-8-refused", see("explorer"))


def composer(stage: Stage) -> None:
    """Empty; filled; the plan; sent."""
    see = stage.see
    stage.begin()
    stage.show("MessageComposer(ws, ws.contacts(toolkit.Segment.any_of('vip_customers')).iloc[0])")
    expect(see("to")).to_contain_text("To ")
    stage.take("composer-1-empty", see("composer"))
    see("sender", "select").select_option(index=0)
    see("message", "textarea").fill("Your order is on its way 🌸 http://shop.example/track")
    expect(see("counter")).to_contain_text("🌸")
    stage.take("composer-2-filled", see("composer"))
    see("see-plan").click()
    expect(see("plan")).to_contain_text("1 recipient")
    _approve(stage)
    stage.take("composer-3-plan", see("composer"))
    see("send").click()
    expect(see("outcome")).to_contain_text("sent: ")
    stage.take("composer-4-sent", see("composer"))


def imports(stage: Stage) -> None:
    """Empty; a good file; one with rows that are refused; imported."""
    see = stage.see
    stage.begin()
    stage.show("ContactImport(ws)")
    stage.take("import-1-empty", see("import"))
    stage.show(_WRITES_A_FILE.format(text=_BAD_FILE))
    expect(see("file")).to_contain_text("shoe size")
    stage.take("import-2-refused", see("import"))
    stage.show(_WRITES_A_FILE.format(text=_GOOD_FILE))
    expect(see("file")).to_contain_text("shoe size")
    stage.take("import-3-filled", see("import"))
    see("see-plan").click()
    expect(see("plan")).to_contain_text("people")
    see("count", "input").fill("2")
    see("by", "input").fill("Ana")
    stage.take("import-4-plan", see("import"))
    see("send").click()
    expect(see("figures")).to_contain_text("rows read")
    stage.page.wait_for_timeout(2500)
    stage.take("import-5-sent", see("import"))


def logs(stage: Stage) -> None:
    """Not read yet; read, in each tab."""
    see, tab = stage.see, stage.page.get_by_role("tab")
    stage.begin()
    stage.show("LogExplorer(ws, contacts=ws.snapshot())")
    expect(see("read")).to_be_visible()
    stage.take("logs-1-empty", see("log-explorer"))
    see("read").click()
    expect(see("said")).to_contain_text(" messages.")
    stage.take("logs-2-groups", see("log-explorer"))
    tab.filter(has_text="Compared").click()
    expect(see("compared", "img").first).to_be_visible()
    stage.take("logs-3-compared", see("log-explorer"))
    tab.filter(has_text="Failures").click()
    expect(see("failures", "img").first).to_be_visible()
    stage.take("logs-4-failures", see("log-explorer"))
    tab.filter(has_text="Messages").click()
    expect(see("people-grid", "tbody td").first).to_be_visible()
    stage.take("logs-5-messages", see("log-explorer"))
    tab.filter(has_text="Export").click()
    stage.take("logs-6-export", see("log-explorer"))


def approving(stage: Stage) -> None:
    """The inbox, empty and with an assistant's plan; a plan's own panel."""
    see = stage.see
    stage.begin()
    stage.show("Inbox(ws)")
    expect(see("said")).to_contain_text("No plan waits")
    stage.take("inbox-1-empty", see("inbox"))
    segment = Segment.any_of("vip_customers") & ~Segment.any_of("location_nyc")
    with stage.assistant() as workspace:
        for name in ("Spring sale", "Second thoughts about a name that is long"):
            message = "20% off until Sunday. Reply STOP to opt out."
            workspace.plan(CampaignDraft(name=name, message=message, segment=segment, senders=("Marketing Line",)))
    expect(see("plan-card")).to_have_count(2)
    stage.take("inbox-2-waiting", see("inbox"))
    see("review").first.click()
    expect(see("plan")).to_contain_text("20% off")
    _approve(stage)
    stage.take("inbox-3-open", see("inbox"))
    see("send").click()
    expect(see("outcome")).to_contain_text("campaign_")
    stage.take("inbox-4-sent", see("inbox"))
    stage.show(f"SendPanel(ws, ws.plan({_ZONES}))")
    expect(see("plan")).to_contain_text("Autumn gold")
    stage.take("panel", see("send-panel"))


def following(stage: Stage) -> None:
    """The monitor of a campaign, before and after; of a plan's campaigns, scheduled by zone."""
    see = stage.see
    stage.begin()
    stage.show("CampaignMonitor(ws, ws.campaign_ids()[0])")
    expect(see("figures")).to_be_visible()
    stage.take("monitor-1-empty", see("monitor"))
    see("follow").click()
    expect(see("figures")).to_contain_text("finished")
    stage.take("monitor-2-filled", see("monitor"))
    stage.show(_GOOD.format(more="by_zone=True, local_time='10:00',"))
    see("see-plan").click()
    expect(see("plan")).to_contain_text("Autumn gold")
    _approve(stage)
    see("send").click()
    expect(see("plan-monitor")).to_be_visible()
    stage.page.wait_for_timeout(2500)
    stage.take("plan-monitor", see("plan-monitor"))


def shown(stage: Stage) -> None:
    """What a plan, its findings, an audience and a receipt look like by themselves, and the frames that are pandas'."""
    stage.begin()
    for name, expression in (
        ("plan", f"ws.plan({_ZONES})"),
        ("audience", "ws.audience(toolkit.Segment.any_of('vip_customers'))"),
    ):
        stage.show(expression)
        place = stage.page.locator(stage.host.output).last
        expect(place).to_contain_text("Autumn gold" if name == "plan" else "they receive it")
        stage.take(f"repr-{name}", place)


def twins(stage: Stage) -> None:
    """What the widgets show where they do not run."""
    stage.begin()
    for name, expression in (
        ("builder", _GOOD.format(more="by_zone=True, local_time='10:00',")),
        ("explorer", "SegmentExplorer(ws, toolkit.Segment.any_of('vip_customers'))"),
        ("inbox", "Inbox(ws)"),
    ):
        stage.show(expression)
        place = stage.page.locator(stage.host.output).last
        expect(place).to_contain_text("open it in Jupyter")
        stage.take(f"twin-{name}", place)


SCENES: dict[str, Callable[[Stage], None]] = {
    "builder": builder,
    "arms": arms,
    "tables": tables,
    "explorer": explorer,
    "composer": composer,
    "imports": imports,
    "logs": logs,
    "approving": approving,
    "following": following,
    "shown": shown,
}
OF_MARIMO: dict[str, Callable[[Stage], None]] = {"tables": tables, "shown": shown, "twins": twins}
