"""The vendor's document and its own put to the published face at length: `soak_published.py [examples of each call]`.

200 of each unless said; the status is 1 if a reply is none of those that the document has.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, given, settings

from tests.judge import BASE
from tests.sandbox.conftest import NOON
from tests.sandbox.published import vendors
from toolkit.sandbox import Sandbox


def ask(operation: schemathesis.APIOperation, examples: int) -> Counter[int]:  # type: ignore[name-defined]
    """Put that many requests of one call; fails at the first reply that is not published."""
    statuses: Counter[int] = Counter()

    @given(case=operation.as_strategy())
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def put(case: schemathesis.Case) -> None:
        statuses[case.call_and_validate(checks=vendors.CHECKS).status_code] += 1

    put()
    return statuses


if __name__ == "__main__":
    most = int(sys.argv[1]) if sys.argv[1:] else 200
    with tempfile.TemporaryDirectory(prefix="seax-soak-") as name:
        sandbox = Sandbox(Path(name) / "workspace.db", contacts=100, now=lambda: NOON)
        own = schemathesis.openapi.from_asgi(
            f"{BASE}/openapi.json", sandbox.app, config=vendors.CONFIG, headers={"Host": "localhost"}
        )
        for whose, schema in (("vendor's", vendors.schema(sandbox)), ("own", own)):
            total = 0
            for found in schema.get_all_operations():
                asked = ask(found.ok(), most)
                total += asked.total()
                sys.stdout.write(f"{found.ok().label}: {dict(sorted(asked.items()))}\n")
                sys.stdout.flush()
            sys.stdout.write(f"{total:,} requests of the {whose} document, each answered as it says\n")
        sandbox.close()
