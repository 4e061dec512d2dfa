"""A live workspace changed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import Clock
from tests.mirror.living import LivingService
from tests.mirror.object_server import objects, running_objects
from toolkit.workspace import Workspace

__all__ = ["objects", "running_objects"]


@pytest.fixture
def service() -> LivingService:
    return LivingService()


@pytest.fixture
def live(tmp_path: Path, service: LivingService, clock: Clock) -> Iterator[Workspace]:
    with service.connect(tmp_path, clock) as workspace:
        yield workspace
