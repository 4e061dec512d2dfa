"""Contacts, audiences and guarded campaigns on the SeaX Bulk SMS/MMS API.

Names are loaded when they are first used, so that `import toolkit` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit import errors, plots, widgets
    from toolkit.audience.segment import Segment
    from toolkit.audience.vocabulary import Vocabulary
    from toolkit.errors import ToolkitError
    from toolkit.experiments.split import Experiment
    from toolkit.plans.approval import Approval
    from toolkit.plans.draft import (
        CampaignDraft,
        ImportDraft,
        LabelRemovalDraft,
        MessageDraft,
        MessagesDraft,
        TestDraft,
    )
    from toolkit.plans.plan import Plan
    from toolkit.plans.receipt import Receipt
    from toolkit.settings import Settings
    from toolkit.workspace import Workspace, connect

    __version__: str

_HOMES = {
    "Approval": "toolkit.plans.approval",
    "CampaignDraft": "toolkit.plans.draft",
    "Experiment": "toolkit.experiments.split",
    "ImportDraft": "toolkit.plans.draft",
    "LabelRemovalDraft": "toolkit.plans.draft",
    "MessageDraft": "toolkit.plans.draft",
    "MessagesDraft": "toolkit.plans.draft",
    "Plan": "toolkit.plans.plan",
    "Receipt": "toolkit.plans.receipt",
    "Segment": "toolkit.audience.segment",
    "Settings": "toolkit.settings",
    "TestDraft": "toolkit.plans.draft",
    "ToolkitError": "toolkit.errors",
    "Vocabulary": "toolkit.audience.vocabulary",
    "Workspace": "toolkit.workspace",
    "connect": "toolkit.workspace",
}
_MODULES = {"errors", "plots", "widgets"}

__all__ = [
    "Approval",
    "CampaignDraft",
    "Experiment",
    "ImportDraft",
    "LabelRemovalDraft",
    "MessageDraft",
    "MessagesDraft",
    "Plan",
    "Receipt",
    "Segment",
    "Settings",
    "TestDraft",
    "ToolkitError",
    "Vocabulary",
    "Workspace",
    "__version__",
    "connect",
    "errors",
    "plots",
    "widgets",
]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _MODULES:
        return import_module(f"toolkit.{name}")
    if name == "__version__":
        return import_module("importlib.metadata").version("seax-toolkit")
    raise AttributeError(f"module 'toolkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
