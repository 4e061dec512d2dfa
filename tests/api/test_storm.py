"""Whatever goes wrong on the way, contacts are read as they were at one moment, or the read ends with an error.

A sample of `soak_reading.py`, which has 200 runs of each kind.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.api.storm import make_template, read_embedded, read_moving

SEEDS = range(1_000, 1_020)
outcome = cache(read_moving)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_list_in_motion_is_exact_or_refused_through_faults(seed: int) -> None:
    assert not outcome(seed).startswith("WRONG")


def test_most_reads_get_through() -> None:
    assert [outcome(seed) for seed in SEEDS].count("exact") >= 17


@pytest.mark.parametrize("seed", range(2_000, 2_003))
def test_so_it_is_over_real_http(seed: int) -> None:
    assert not read_moving(seed, over_http=True).startswith("WRONG")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("storm") / "template.sqlite3")


@pytest.mark.parametrize("seed", range(3_000, 3_003))
def test_so_is_the_embedded_workspace_while_it_imports(seed: int, template: Path, tmp_path: Path) -> None:
    assert not read_embedded(seed, template, tmp_path).startswith("WRONG")
