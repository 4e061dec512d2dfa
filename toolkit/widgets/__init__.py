"""Widgets for exploring contacts and logs, and for building, approving and following campaigns in a notebook."""

from toolkit.widgets.campaign_builder import CampaignBuilder
from toolkit.widgets.campaign_monitor import CampaignMonitor
from toolkit.widgets.contact_import import ContactImport
from toolkit.widgets.inbox import Inbox
from toolkit.widgets.log_explorer import LogExplorer
from toolkit.widgets.message_composer import MessageComposer
from toolkit.widgets.segment_explorer import SegmentExplorer
from toolkit.widgets.send_panel import SendPanel

__all__ = [
    "CampaignBuilder",
    "CampaignMonitor",
    "ContactImport",
    "Inbox",
    "LogExplorer",
    "MessageComposer",
    "SegmentExplorer",
    "SendPanel",
]
