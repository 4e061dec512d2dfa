"""Widgets for exploring contacts and logs, and for building, approving and following campaigns in a notebook."""

from toolkit.widgets.campaign_builder import CampaignBuilder
from toolkit.widgets.campaign_monitor import CampaignMonitor
from toolkit.widgets.log_explorer import LogExplorer
from toolkit.widgets.segment_explorer import SegmentExplorer

__all__ = ["CampaignBuilder", "CampaignMonitor", "LogExplorer", "SegmentExplorer"]
