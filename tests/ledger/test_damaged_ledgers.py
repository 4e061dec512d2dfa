"""A sample of `soak_sending.py`: on a damaged ledger nothing is sent twice, and nothing is said wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ledger.damage import LEDGER, check_damaged, cuts, flips, stage
from toolkit.errors import LedgerUnavailable
from toolkit.settings import Settings
from toolkit.workspace import connect

FLIPS, CUTS = 12, 4


def test_on_a_ledger_with_a_flipped_bit_or_without_its_end_nothing_is_sent_twice_or_said_wrong(tmp_path: Path) -> None:
    here = stage(tmp_path)
    content = (tmp_path / LEDGER).read_bytes()

    said = [
        check_damaged(here, damaged, tmp_path / "damaged")
        for damaged in (content, *flips(content, FLIPS), *cuts(content, CUTS))
    ]

    whole, *others = said
    assert [words.split(":")[0] for words in whole] == ["sent earlier; nothing was sent now"] * 2 + [
        "sent",
        "sent earlier; nothing was sent now",
    ]
    assert any("is damaged" in words or "was changed or damaged" in words for some in others for words in some)


def test_a_damaged_approval_is_said_in_words(tmp_path: Path) -> None:
    here = stage(tmp_path)
    content = (tmp_path / LEDGER).read_bytes()
    assert b'"approved_at"' in content
    (tmp_path / LEDGER).write_bytes(content.replace(b'"approved_at"', b'"approvedXat"'))

    with (
        connect(Settings(home=tmp_path), sandbox=here.sandbox, transport=here.wire, now=here.clock) as ws,
        pytest.raises(LedgerUnavailable, match=r"is damaged\. Keep the file"),
    ):
        ws.approvals.latest(here.waiting)
