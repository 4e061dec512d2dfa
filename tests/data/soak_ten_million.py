"""Reads as much as one machine holds: `python -m tests.data.soak_ten_million [contacts [log rows]]`.

10,000,000 contacts over HTTP to a frame, with what is asked of them, then 50,000,000 log rows on DuckDB, unless said
otherwise; it takes some 8 GB of memory and 2 GB of disk. Every answer is held against what was written: each contact
once and in order, the counts of a label and a field, one outcome each, and the counts that SQL by hand finds.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
from collections.abc import Callable
from functools import partial
from http.server import ThreadingHTTPServer
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import SecretStr

from tests.builders import START
from tests.data import bench_reading
from tests.engagement import bench_engagement
from tests.engagement.bench_engagement import peak_mb, say
from toolkit.api.arrow_schemas import LabelBook
from toolkit.api.caller import Caller
from toolkit.api.client import Client
from toolkit.api.snapshot_read import read_all
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import build_audience
from toolkit.data.contacts import Contacts

RULES = ("labels:label_3", "field.customer_tier = gold", "labels:label_3 and not field.customer_tier = gold")


class Pages(bench_reading.Pages):
    """Answers with contacts that are made as they are asked for."""

    total = 0

    def rows(self, path: str, offset: int, limit: int) -> tuple[int, bytes]:
        made = (bench_reading.contact(i) for i in range(offset, min(offset + limit, self.total)))
        return self.total, b",".join(json.dumps(one).encode() for one in made)


def serve(rows: int, ready: Any) -> None:
    Pages.total = rows
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        ready.send(server.server_port)
        server.serve_forever()


def contacts(rows: int) -> None:
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(rows, there), daemon=True)
    server.start()
    try:
        look(f"http://127.0.0.1:{here.recv()}", rows)
    finally:
        server.terminate()
        server.join()


def look(url: str, rows: int) -> None:
    book = LabelBook()
    reading = timed("read", read_all, Client(Caller(url, "w", SecretStr("0" * 64))).contacts(book)).rows
    people = Contacts(reading, tuple(book.labels), START, countries=("US",))
    del reading
    frame = timed("frame", getattr, people, "frame")
    wanted = pa.array([f"{i:08d}-1111-4222-8333-444444444444" for i in range(rows)])
    assert people.table["id"].combine_chunks().equals(wanted), "a contact is missing, twice or elsewhere"
    assert len(frame) == rows
    del wanted, frame
    at = np.arange(rows)
    has_label = (at % 40 == 3) | ((at % 2 == 1) & (at * 7 % 40 == 3))
    is_gold = (at % 6 == 0) & (at % 7 == 0)
    for rule, expected in zip(RULES, (has_label, is_gold, has_label & ~is_gold), strict=True):
        segment = Segment.parse(rule)
        for again in ("", ", again"):
            count = timed(f"{rule}{again}", segment.count, people)
            assert count == expected.sum(), (rule, count, int(expected.sum()))
    audience = timed("audience of everyone", partial(build_audience, live=True), Segment.everyone(), people)
    assert sum(step.count for step in audience.waterfall) == rows


def timed(what: str, work: Callable[..., Any], *given: Any) -> Any:
    began, worked = time.perf_counter(), time.process_time()
    result = work(*given)
    clock, processor = time.perf_counter() - began, time.process_time() - worked
    say(f"{what:60}{clock:8.2f} s, {processor:.2f} s of the processor, peak {peak_mb('self'):,} MiB")
    return result


if __name__ == "__main__":
    sizes = [int(word.replace(",", "").replace("_", "")) for word in sys.argv[1:]]
    contacts(sizes[0] if sizes else 10_000_000)
    sys.exit(bench_engagement.main(sizes[1] if len(sizes) > 1 else 50_000_000, ["duckdb"]))
