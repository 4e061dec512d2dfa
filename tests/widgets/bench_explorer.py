"""Measures the segment explorer in a real browser: `python tests/widgets/bench_explorer.py [contacts]`.

A million contacts with 40 labels and three fields, unless said otherwise, held by a kernel behind JupyterLab. The first
paint is from running the cell to the count on the page, opening to the waterfall on it; a change from the click to
another waterfall on the page, by the page's own clock; memory is the kernel's most since it held the contacts, beside
the size of their frame.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.browser.jupyter import browsing, serving
from tests.measured import figure

CONTACTS = """
from pathlib import Path

import toolkit
from tests.audience.bench_segments import contacts
from toolkit.widgets import SegmentExplorer

ws = toolkit.connect(toolkit.Settings(home=Path({home!r})))
people = contacts({count})
size = int(people.frame.memory_usage(deep=True).sum())
resident = lambda name: next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if name in line)
was = resident("VmRSS")
open("/proc/self/clear_refs", "w").write("5")  # the most begins to count anew
"""
SHOW = "shown = SegmentExplorer(ws, contacts=people)\nshown"
MEMORY = "print((resident('VmHWM') - was) / size, size)"
SHOWN = ".seax-labels button:not([style*='display: none'])"
CLICK = """async ([selector, place]) => {
  const said = () => document.querySelector('.seax-waterfall').textContent;
  const was = said();
  const began = performance.now();
  const there = () => document.querySelectorAll(selector)[place];
  const label = chip => chip.textContent.replace(/^\\w+: /, '').split(' ')[0];
  const pressed = there(), named = label(pressed);
  pressed.click();
  while (said() === was) {
    if (performance.now() - began > 60000) throw new Error('nothing changed');
    await new Promise(done => requestAnimationFrame(done));
  }
  const took = performance.now() - began;
  // its other chip has its place only when the page has followed: until then the next label's may
  while (there() === pressed || label(there()) !== named) await new Promise(done => requestAnimationFrame(done));
  return took;
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
            notebook.see("count-of", ".seax-people").first.wait_for()
            figure("the explorer's first paint", time.perf_counter() - began, "s", rows=count, limit="<= 1")
            notebook.see("waterfall", "td").first.wait_for()
            opened = time.perf_counter() - began
            figure("the explorer opens", opened, "s", rows=count, limit="<= 3")
            times = []
            for how in ("any of", "none of", "all of"):
                notebook.see("how").get_by_label(how).check()
                for label in range(6):
                    for _ in ("wanted", "let go"):
                        times.append(float(notebook.page.evaluate(CLICK, [SHOWN, label])))
            median, most = statistics.median(times), max(times)
            figure(f"count and waterfall after one of {len(times)} clicks", median, "ms", rows=count, limit="<= 150")
            figure("the slowest of them", most, "ms", rows=count)
            notebook.page.get_by_role("tab", name="Fields").click()
            notebook.see("fields", ".seax-column select").select_option("field.tier")
            notebook.see("fields", ".seax-picture td").first.wait_for()
            grown, size = map(float, notebook.run(MEMORY).split())
            what = "the explorer's memory with a field looked at, beside the frame"
            figure(what, grown * size / 1e6, "MB", rows=count, expert=size / 1e6, limit="<= 1.6")
            notebook.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
