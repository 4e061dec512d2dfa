"""How tests are shared out among workers: what shares a browser or Spark stays together, and the slowest begin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

_FIRST = ("browser", "notebooks", "spark")


def _group(nodeid: str) -> str:
    if re.search(r"(?<![a-z])sparks?(?![a-z])", nodeid):  # in a name or a parameter: one JVM for the whole run
        return "spark"
    path = nodeid.partition("::")[0]
    folder = path.split("/")[-2]
    if folder == "notebooks":
        return nodeid  # each has a kernel of its own
    return folder if folder == "browser" else path


def _place(item: pytest.Item) -> int:
    group = _group(item.nodeid)
    return next((place for place, first in enumerate(_FIRST) if first in group), len(_FIRST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Share out by groups, in the order in which they were collected."""
    from xdist.scheduler import LoadScopeScheduling

    class Sharing(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid)

    config.option.loadscopereorder = False
    return Sharing(config, log)  # type: ignore[arg-type]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the slowest, where there are several workers."""
    if hasattr(config, "workerinput"):
        items.sort(key=_place)
