"""What a draft comes to before it is a plan: its steps, whom they reach, and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.audience.waterfall import Audience
from toolkit.models import Phone
from toolkit.planning.steps import Part
from toolkit.plans.cost import Cost, Preview
from toolkit.plans.file_reading import FileReading
from toolkit.plans.finding import Finding


@dataclass(frozen=True, eq=False)
class Outline:
    """The steps of a draft; `suppressing` are the ids of the labels that keep people from being texted."""

    steps: Sequence[Part]
    findings: Sequence[Finding]
    audience: Audience | None = None
    senders: Sequence[Phone] = ()
    addressing: Sequence[str] = ()
    previews: Sequence[Preview] = ()
    cost: Cost | None = None
    suppressing: tuple[str, ...] = ()
    file: FileReading | None = None
    not_texted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
