"""Widgets for exploring contacts and logs, and for building, approving and following campaigns in a notebook."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.widgets.campaign_builder import CampaignBuilder
    from toolkit.widgets.campaign_monitor import CampaignMonitor
    from toolkit.widgets.contact_import import ContactImport
    from toolkit.widgets.frame_table import FrameTable
    from toolkit.widgets.inbox import Inbox
    from toolkit.widgets.log_explorer import LogExplorer
    from toolkit.widgets.message_composer import MessageComposer
    from toolkit.widgets.segment_explorer import SegmentExplorer
    from toolkit.widgets.send_panel import SendPanel

_HOMES = {  # loaded on demand: the views of this room are shown where there is no ipywidgets, too
    "CampaignBuilder": "campaign_builder",
    "CampaignMonitor": "campaign_monitor",
    "ContactImport": "contact_import",
    "FrameTable": "frame_table",
    "Inbox": "inbox",
    "LogExplorer": "log_explorer",
    "MessageComposer": "message_composer",
    "SegmentExplorer": "segment_explorer",
    "SendPanel": "send_panel",
}

__all__ = [
    "CampaignBuilder",
    "CampaignMonitor",
    "ContactImport",
    "FrameTable",
    "Inbox",
    "LogExplorer",
    "MessageComposer",
    "SegmentExplorer",
    "SendPanel",
]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(f"toolkit.widgets.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'toolkit.widgets' has no attribute {name!r}")
