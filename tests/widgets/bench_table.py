"""Measures the table of a frame in a real browser: `python tests/widgets/bench_table.py [contacts]`.

A million contacts, unless said otherwise, held by a kernel behind JupyterLab. First paint is from running the cell to
the first row on the page; a page is from the click to other rows, by the page's own clock, the median of 40; memory is
the kernel's most since it held the contacts, with two sorts and a filter, beside the size of their frame.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.browser.jupyter import browsing, serving
from tests.measured import figure
from tests.widgets.bench_explorer import CONTACTS, MEMORY

SHOW = "shown = ws.table(people.frame)\nshown"
PAGES = 40
TURN = """async () => {
  const said = () => document.querySelector('.seax-people-said').textContent;
  const was = said();
  const began = performance.now();
  document.querySelector('.seax-people-next').click();
  while (said() === was) {
    if (performance.now() - began > 60000) throw new Error('nothing changed');
    await new Promise(done => requestAnimationFrame(done));
  }
  return performance.now() - began;
}"""


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home, notebooks = Path(folder) / "home", Path(folder) / "notebooks"
        home.mkdir()
        notebooks.mkdir()
        with serving(notebooks, home=home) as server, browsing(server, notebooks) as notebook:
            notebook.page.set_default_timeout(600_000)
            notebook.open(SHOW, interface="lab")
            if said := notebook.run(CONTACTS.format(count=count, home=str(home))):
                raise RuntimeError(said)
            began = time.perf_counter()
            notebook.run_all()
            notebook.see("people-grid", "tbody td").first.wait_for()
            figure("the table's first paint", time.perf_counter() - began, "s", rows=count, limit="<= 1")
            times = [float(notebook.page.evaluate(TURN)) for _ in range(PAGES)]
            figure("the table's next page", statistics.median(times), "ms", rows=count, limit="<= 50")
            figure("the slowest of them", max(times), "ms", rows=count)
            grid = notebook.see("people-grid")
            for name in ("name", "created_time"):
                grid.get_by_role("button", name=name, exact=True).click()
                grid.locator(f"th[data-column={name}][aria-sort=ascending]").wait_for()
            began = time.perf_counter()
            grid.get_by_label("Filter labels").fill("label_12")
            notebook.see("table-count").filter(has_not_text=f"{count:,} of").wait_for()
            figure("the table filtered by what is typed", time.perf_counter() - began, "s", rows=count)
            grown, size = map(float, notebook.run(MEMORY).split())
            what = "the table's memory, sorted and filtered, with the frame, beside it"
            figure(what, (1 + grown) * size / 1e6, "MB", rows=count, expert=size / 1e6, limit="<= 1.6")
            notebook.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
