"""Widgets for building, approving and following campaigns in a notebook."""

from toolkit.widgets.campaign_builder import CampaignBuilder

__all__ = ["CampaignBuilder"]
