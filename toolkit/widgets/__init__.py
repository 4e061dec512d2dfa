"""Widgets for exploring contacts and logs, and for building, approving and following campaigns in a notebook."""

from toolkit.widgets.campaign_builder import CampaignBuilder
from toolkit.widgets.campaign_monitor import CampaignMonitor
from toolkit.widgets.inbox import Inbox
from toolkit.widgets.log_explorer import LogExplorer
from toolkit.widgets.segment_explorer import SegmentExplorer
from toolkit.widgets.send_panel import SendPanel

__all__ = ["CampaignBuilder", "CampaignMonitor", "Inbox", "LogExplorer", "SegmentExplorer", "SendPanel"]
