"""Delivery logs, filtered and grouped by clicking: who got what, why some did not, which campaigns performed better."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from ipywidgets import HTML, Button, DatePicker, Dropdown, HBox, Tab, Text, VBox
from traitlets import Instance

from toolkit.api.snapshot_read import Progress
from toolkit.data.export import to_csv, to_parquet
from toolkit.data.groups import OF_CONTACTS, Key
from toolkit.display import Section, as_html, as_text, plain
from toolkit.engagement.outcomes import KNOWN, unknown_statuses
from toolkit.texting.failure_classes import FAILURE_CLASSES
from toolkit.widgets.fields.choice_field import ChoiceField
from toolkit.widgets.fields.long_read import LongRead
from toolkit.widgets.forms.log_view import LogView
from toolkit.widgets.frame_table import FrameTable
from toolkit.widgets.views.host_support import titled
from toolkit.widgets.views.log_pages import (
    ORDERS,
    campaign_name,
    compared_page,
    failures_page,
    group_lines,
    groups_page,
    named_messages,
)
from toolkit.widgets.views.markup import hint, look, refusal, refusals_in, status
from toolkit.workspace import Workspace

if TYPE_CHECKING:
    from toolkit.data.contacts import Contacts

_NEWEST = 50  # campaigns to choose from by name
_USUAL = ("delivered", "undelivered", "failed", "sent")  # statuses, offered first before the logs are read
_RESULTS = ("Groups of messages, with their rates,", "Pictures of campaigns beside each other", "Why messages failed")
_KEYS: tuple[Key, ...] = ("campaign", "status", "failure", "day", "hour", "label", "region", "state")


class LogExplorer(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The delivery logs of some campaigns, read when the button is pressed.

    `value` is the `LogView` on the page: print it, keep it, pass it back as in `LogExplorer(ws, view)`. `rows` are the
    messages in it, as a frame. With `contacts`, which is `ws.snapshot()`, logs can be grouped by label, region and
    state too. Raises ServiceError if the campaigns cannot be read.
    """

    value = Instance(LogView, read_only=True)

    def __init__(self, workspace: Workspace, view: LogView | None = None, *, contacts: Contacts | None = None) -> None:
        view = view or LogView()
        self._workspace = workspace
        self._contacts = contacts
        self._logs: pd.DataFrame | None = None
        ids = list(dict.fromkeys([*reversed(workspace.campaign_ids()[-_NEWEST:]), *view.campaigns]))
        self._campaigns = {campaign_id: workspace.campaign(campaign_id) for campaign_id in ids}
        filters = self._filters(view)
        self._reading = LongRead("Read the logs", self._read, self._have)
        self._said = HTML(hint("Choose campaigns, or none for all of them, and read their logs.")).add_class(
            "seax-said"
        )
        self._tabs = self._results()
        parts = VBox([filters, self._reading, self._said, self._tabs]).add_class("seax-lines")
        super().__init__([look(), parts])
        self.add_class("seax").add_class("seax-log-explorer")
        self._edited()

    def _filters(self, view: LogView) -> HBox:
        """Which messages to look at, and how they are grouped."""
        named = [(campaign_name(c, self._campaigns), c.id) for c in self._campaigns.values()]
        keys = [key for key in _KEYS if self._contacts is not None or key not in OF_CONTACTS]
        then = view.by[1] if len(view.by) > 1 else ""
        causes = [each.name for each in FAILURE_CLASSES]
        self._which = ChoiceField("Campaigns (none: all)", called="campaigns")
        self._statuses = ChoiceField("Statuses (none: all)", called="statuses", offered=8)
        self._causes = ChoiceField("Causes of failures (none: all)", called="causes")
        self._which.offer(named, view.campaigns)
        known = dict.fromkeys((*_USUAL, *KNOWN, *view.statuses))
        self._statuses.offer([(plain(each), each) for each in known], view.statuses)
        self._causes.offer([(each.replace("_", " "), each) for each in causes], view.causes)
        self._contact = Text(view.contact, description="Contact has", placeholder="name, phone or id")
        self._since = DatePicker(value=view.since, description="Sent from (UTC)")
        self._until = DatePicker(value=view.until, description="Sent until (UTC)")
        self._by = Dropdown(options=keys, value=view.by[0] if view.by else keys[0], description="Group by")
        others = [("nothing else", ""), *zip(keys, keys, strict=True)]
        self._then_by = Dropdown(options=others, value=then, description="Then by")
        self._order = Dropdown(options=ORDERS, description="Sort by").add_class("seax-order")
        self._order.observe(lambda _: self._refresh(), "value")
        fields = {
            "campaigns": self._which,
            "statuses": self._statuses,
            "causes": self._causes,
            "contact": self._contact,
            "since": self._since,
            "until": self._until,
            "by": self._by,
            "then-by": self._then_by,
        }
        for name, field in fields.items():
            field.add_class(f"seax-{name}").observe(lambda _: self._edited(), "value")
        first = VBox([self._which, self._contact, self._since, self._until]).add_class("seax-lines")
        second = VBox([self._statuses, self._causes, self._by, self._then_by, self._order]).add_class("seax-lines")
        return HBox([first, second]).add_class("seax-pair")

    def _results(self) -> Tab:
        """What is shown of those messages, each in a tab."""
        unread = [HTML(hint(f"{what} are here once the logs are read.")) for what in _RESULTS]
        self._groups, self._compared, self._failures = unread
        for called, page in zip(("groups", "compared", "failures"), unread, strict=True):
            page.add_class(f"seax-{called}")
        self._messages = FrameTable(what="messages").add_class("seax-messages")
        tabs = Tab(
            [self._groups, self._compared, self._failures, self._messages, self._export()],
            titles=("Groups", "Compared", "Failures", "Messages", "Export"),
        ).add_class("seax-tabs")
        tabs.observe(lambda _: self._refresh(), "selected_index")
        return tabs

    def _export(self) -> VBox:
        """Where those messages are saved."""
        about = "The messages chosen above, "
        self._path = Text("delivery-log", description="File name").add_class("seax-path")
        self._saved = HTML(hint("The messages chosen above are saved beside this notebook.")).add_class("seax-saved")
        csv = Button(description="Save CSV", tooltip=f"{about}safe to open in a spreadsheet").add_class("seax-csv")
        parquet = Button(description="Save Parquet", tooltip=f"{about}with their types").add_class("seax-parquet")
        csv.on_click(lambda _: self._save(".csv", to_csv))
        parquet.on_click(lambda _: self._save(".parquet", to_parquet))
        buttons = HBox([csv, parquet]).add_class("seax-row")
        return VBox([self._path, buttons, self._saved]).add_class("seax-lines")

    @property
    def rows(self) -> pd.DataFrame:
        """The messages in `value`; an empty frame before the logs are read."""
        logs = self._logs if self._logs is not None else self._workspace.logs([])
        return self.value.rows(logs)

    def read(self) -> None:
        """Read the logs, as the button does."""
        self._reading.start()

    def wait(self, timeout: float) -> None:
        """Wait until the logs are read, up to a timeout in seconds."""
        self._reading.wait(timeout)

    def _read(self, progress: Progress) -> pd.DataFrame:
        return self._workspace.logs(self.value.campaigns or list(self._campaigns), progress=progress)

    def _have(self, logs: pd.DataFrame) -> None:
        self._logs = logs
        counts = logs["status"].value_counts()
        offered = [
            (f"{plain(name)} ({counts.get(name, 0):,})", name)
            for name in dict.fromkeys((*counts[counts > 0].index, *self._statuses.value))
        ]
        self._statuses.offer(offered or self._statuses.options, self._statuses.value)
        self._edited()

    def _edited(self) -> None:
        by = tuple(dict.fromkeys(key for key in (self._by.value, self._then_by.value) if key))
        view = LogView(
            campaigns=self._which.value,
            statuses=self._statuses.value,
            causes=self._causes.value,
            contact=self._contact.value,
            since=self._since.value,
            until=self._until.value,
            by=by,
        )
        self.set_trait("value", view)
        self._refresh()

    def _refresh(self) -> None:
        """Show the content of the open tab."""
        if self._logs is None:
            return
        with refusals_in(self._said):
            rows = self.value.rows(self._logs)
            missing = set(self.value.campaigns) - set(self._logs["campaign_id"].cat.categories)
            more = f" {len(missing):,} chosen campaigns are not read yet: read the logs again." if missing else ""
            unknown = unknown_statuses(rows)
            self._said.value = hint(f"{len(rows):,} of {len(self._logs):,} messages.{more} {unknown}".strip())
            match self._tabs.selected_index:
                case 1:
                    _draw(self._compared)
                    self._compared.value = compared_page(rows, self._campaigns)
                case 2:
                    _draw(self._failures)
                    self._failures.value = failures_page(rows)
                case 3:
                    self._messages.show(named_messages(rows, self._campaigns))
                case _:
                    self._groups.value = groups_page(
                        rows, self.value.by, self._campaigns, self._contacts, self._order.value
                    )

    def _save(self, ending: str, write: Callable[[pd.DataFrame, str], Path]) -> None:
        with refusals_in(self._saved):
            if self._logs is None:
                self._saved.value = refusal("Read the logs first: there is nothing to save yet.")
                return
            rows = self.rows
            name = self._path.value.strip().removesuffix(ending) or "delivery-log"
            path = write(rows, f"{name}{ending}")
            self._saved.value = status(f"{len(rows):,} messages were saved to {path.name}.")

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The widget, and a plain version that is readable without a kernel."""
        twin = [Section(titled("Log explorer", "use it"), [["value", repr(self.value)]])]
        if self._logs is not None:
            titles, lines, _ = group_lines(self.rows, self.value.by, self._campaigns, self._contacts)
            twin.append(Section(f"{len(self.rows):,} messages", [titles, *lines]))
            if unknown := unknown_statuses(self.rows):
                twin.append(Section("Unknown statuses", [[unknown]]))
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": as_text(twin), "text/html": as_html(twin)}


def _draw(page: HTML) -> None:
    """Say that a picture is being drawn, which takes a while, where there is none yet."""
    if "<img" not in page.value:
        page.value = hint("Drawing…")
