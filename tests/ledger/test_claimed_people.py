from __future__ import annotations

import pytest

from toolkit.ledger.claimed_people import compressed, unpacked


@pytest.mark.parametrize("count", [0, 1, 9_999, 10_000, 10_001, 25_000])
def test_the_ids_of_many_recipients_come_back_as_they_were(count: int) -> None:
    ids = tuple(f"contact_{at}" for at in range(count))

    assert unpacked(compressed(ids)) == ids
