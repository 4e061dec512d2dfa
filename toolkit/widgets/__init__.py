"""Widgets for building, approving and following campaigns in a notebook."""

from toolkit.widgets.campaign_builder import CampaignBuilder
from toolkit.widgets.campaign_monitor import CampaignMonitor

__all__ = ["CampaignBuilder", "CampaignMonitor"]
