"""Measures targeting and the waterfall: `python tests/audience/bench_targeting.py [contacts…]`.

300,000 and 1,000,000 contacts with 40 labels unless said otherwise. Seconds are from a fresh reading of the contacts to
the verified target. The same choice of labels is given to a solver of integer programs (HiGHS, in scipy, of the `bench`
extra); ends with an error if that finds a better one than was proven to be the best.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, identity

from tests.builders import START
from tests.measured import figure
from toolkit.api.arrow_schemas import CONTACTS
from toolkit.audience.segment import Segment
from toolkit.audience.targets.signatures import Signatures, codes, contains, group, has, meets
from toolkit.audience.targets.targeting import compile_targeting
from toolkit.audience.waterfall import build_audience
from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts
from toolkit.models import Label

LABELS = 40
SIGNATURES = 14_000
PATIENCE = 30.0  # seconds for the solver
Result = TypeVar("Result")


def main(sizes: list[int]) -> int:
    console = Console(width=150)
    wrong = 0
    for size in sizes:
        contacts, sets = workspace(size, SIGNATURES)
        table = Table("segment", "recipients", "targeting", "seconds", "solver", "ratio", title=f"{size:,} contacts")
        for name, recipients in segments(sets).items():
            seconds, found = timed(partial(compile_targeting, replace(contacts), recipients))
            solver_seconds, best = timed(partial(solved, contacts, recipients))
            is_wrong = best is not None and (found.at_least > best or found.ids < best)
            wrong += is_wrong
            figure(f"targeting of {name}", seconds, "s", rows=size)
            ids = "gave up" if best is None else f"{best:,} ids"
            row = f"{np.count_nonzero(recipients):,}", str(found), f"{seconds:.2f}"
            table.add_row(name, *row, f"{ids}, {solver_seconds:.2f} s", f"{solver_seconds / seconds:.1f}")
        console.print(table)
        seconds, audience = timed(partial(build_audience, Segment.any_of("label_1"), replace(contacts), live=False))
        assert len(audience)
        figure("waterfall", seconds, "s", rows=size)
    console.print(growth(sizes[0]))
    return 1 if wrong else 0


def growth(size: int) -> Table:
    """Seconds for the same rule while signatures grow, and while contacts grow."""
    table = Table("contacts", "signatures", "seconds", title="growth")
    for contacts_count, signatures in [(size, 100), (size, 1_000), (size, 10_000), (size, 30_000), (3 * size, 1_000)]:
        contacts, sets = workspace(contacts_count, signatures)
        who = segments(sets)["rule with exceptions"]
        group(contacts, who)  # labels are packed once a reading
        contacts.ids  # noqa: B018 — as are ids
        seconds, _ = timed(partial(compile_targeting, contacts, who))
        table.add_row(f"{contacts_count:,}", f"{signatures:,}", f"{seconds:.3f}")
    return table


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def workspace(size: int, signatures: int) -> tuple[Contacts, Mask]:
    """Contacts of so many label sets, common ones first, and one truth per contact and label."""
    rng = np.random.default_rng(7)
    shares = np.minimum(0.5, 1.2 / np.arange(1, LABELS + 1) ** 0.8)
    distinct = np.unique(rng.random((4 * signatures, LABELS)) < shares, axis=0)
    distinct = rng.permutation(distinct[distinct.any(axis=1)])[:signatures]
    weights = 1 / np.arange(1, len(distinct) + 1) ** 0.7
    sets = distinct[rng.choice(len(distinct), size, p=weights / weights.sum())]
    rows, found = np.nonzero(sets)
    offsets = np.searchsorted(rows, np.arange(size + 1))
    columns = {
        "id": pa.array([f"{i:08d}-0000-4000-8000-000000000000" for i in range(size)]),
        "phone": pa.array([f"+1999{i % (size * 49 // 50):07d}" if i % 50 else None for i in range(size)]),
        "labels": pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(found)),
        "created_time": pa.array([START] * size),
    }
    kinds = {field.name: field.type for field in CONTACTS}
    table = pa.table({x: columns[x].cast(kind) if x in columns else pa.nulls(size, kind) for x, kind in kinds.items()})
    labels = tuple(Label(id=f"id-of-label_{i}", name=f"label_{i}") for i in range(LABELS))
    return Contacts(table, labels, START), sets


def segments(sets: Mask) -> dict[str, Mask]:
    """From what labels can say to what they cannot."""
    rng = np.random.default_rng(11)
    rule = (sets[:, 1] & sets[:, 2]) | sets[:, 5]
    return {
        "rule": (sets[:, 1] | sets[:, 3]) & ~sets[:, 0],
        "rule with exceptions": rule ^ (rng.random(len(sets)) < 0.001),
        "two of three": sets[:, 1:4].sum(axis=1) >= 2,
        "12 rare labels or 3 common": sets[:, 28:].any(axis=1) | (sets[:, :6].sum(axis=1) >= 3),
        "any 5 %": rng.random(len(sets)) < 0.05,
        "any 100 with 5 labels": many_labels(sets, rng),
    }


def many_labels(sets: Mask, rng: np.random.Generator) -> Mask:
    chosen = rng.choice(np.flatnonzero(sets.sum(axis=1) >= 5), 100, replace=False)
    return np.isin(np.arange(len(sets)), chosen)


def solved(contacts: Contacts, recipients: Mask) -> int | None:
    """The fewest ids of one campaign by integer programming: a label is asked for or not, a set is then hit or not."""
    signatures = group(contacts, recipients)
    wanted = signatures.everybody > signatures.outsiders
    all_of = np.bitwise_and.reduce(signatures.sets[:, wanted], axis=1)
    used = np.bitwise_or.reduce(signatures.sets[:, wanted], axis=1)
    reached = contains(signatures.sets, all_of) & ~meets(signatures.sets, ~used)
    others, labels = reached & ~wanted, codes(used)
    same = int(signatures.outsiders[wanted].sum())
    needs, hits, prices = matrix(signatures, wanted, labels), matrix(signatures, others, labels), signatures.everybody
    pairs = hits.tocoo()
    asked = csr_array((np.ones(pairs.nnz), (np.arange(pairs.nnz), pairs.col)), (pairs.nnz, len(labels)))
    hit = identity(hits.shape[0], format="csr")[pairs.row]
    if not hits.shape[0]:
        return same
    result = milp(
        np.concatenate([np.zeros(len(labels)), prices[others]]),
        integrality=np.concatenate([np.ones(len(labels)), np.zeros(hits.shape[0])]),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(hstack([needs, csr_array((needs.shape[0], hits.shape[0]))]), lb=1),
            LinearConstraint(hstack([-asked, hit]), lb=0),
        ],
        options={"time_limit": PATIENCE},
    )
    return same + round(result.fun) if result.status == 0 else None


def matrix(signatures: Signatures, which: Mask, labels: list[int]) -> csr_array:
    return csr_array(np.array([has(signatures.sets[:, which], label) for label in labels], dtype=float).T)


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or [300_000, 1_000_000]))
