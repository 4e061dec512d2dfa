"""The list of mutations is whole, and one of them, another each day of the month, is tried."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from tests.sending.mutations import DIALECTS, MUTATIONS, ROOT, Mutation, is_noticed, of, scratch
from toolkit.settings import DialectName


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_what_a_mutation_breaks_is_there_and_so_is_who_notices(mutation: Mutation) -> None:
    path, _, name = mutation.test.partition("::")

    assert (ROOT / mutation.file).read_text(encoding="utf-8").count(mutation.old) == 1
    assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")


def test_there_are_enough_and_none_twice() -> None:
    assert len(MUTATIONS) >= 25
    assert max(Counter(mutation.name for mutation in MUTATIONS).values()) == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_broken_guard_is_noticed(dialect: DialectName) -> None:
    mutations = of(dialect)
    mutation = mutations[datetime.now(UTC).toordinal() % len(mutations)]
    with scratch() as copy:
        assert is_noticed(copy, mutation, dialect), f"{mutation.name} survived"
