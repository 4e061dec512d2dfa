"""Contacts, audiences and guarded campaigns on the SeaX Bulk SMS/MMS API.

Names are loaded when they are first used, so that `import toolkit` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.audience.segment import Segment
    from toolkit.audience.vocabulary import Vocabulary
    from toolkit.errors import ToolkitError
    from toolkit.experiments.split import Experiment
    from toolkit.plans.draft import CampaignDraft, ImportDraft, MessageDraft
    from toolkit.settings import Settings
    from toolkit.workspace import Workspace, connect

_HOMES = {
    "CampaignDraft": "toolkit.plans.draft",
    "Experiment": "toolkit.experiments.split",
    "ImportDraft": "toolkit.plans.draft",
    "MessageDraft": "toolkit.plans.draft",
    "Segment": "toolkit.audience.segment",
    "Settings": "toolkit.settings",
    "ToolkitError": "toolkit.errors",
    "Vocabulary": "toolkit.audience.vocabulary",
    "Workspace": "toolkit.workspace",
    "connect": "toolkit.workspace",
}

__all__ = [
    "CampaignDraft",
    "Experiment",
    "ImportDraft",
    "MessageDraft",
    "Segment",
    "Settings",
    "ToolkitError",
    "Vocabulary",
    "Workspace",
    "connect",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'toolkit' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
