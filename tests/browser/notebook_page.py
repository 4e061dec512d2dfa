"""A notebook open in a real browser, with a kernel of its own.

The kernel of the next notebook starts while the one before is at work: what it imports takes longer than most tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import httpx
import nbformat
from playwright.sync_api import Locator, Page

Interface = Literal["lab", "notebook"]

# Cells that are run before the kernel is connected are silently dropped, so every way in waits for it.
_WAIT = """
  for (let i = 0; i < 1200; i++) {
    const shown = app.shell.currentWidget;
    if (shown?.context?.path === path && shown.sessionContext) break;
    await new Promise(done => setTimeout(done, 25));
  }
  const { context, sessionContext } = app.shell.currentWidget;
  await context.ready;
  await sessionContext.ready;
  await sessionContext.session.kernel.info;
"""
_READY = "async path => { const app = window.jupyterapp; await app.restored;" + _WAIT + "}"
_OPEN = (
    """async path => {
  const app = window.jupyterapp;
  await app.restored;
  await app.commands.execute('docmanager:open', {path, factory: 'Notebook', kernel: {name: 'python3'}});"""
    + _WAIT
    + "}"
)
_RUN_ALL = """async () => {
  const { commands, shell } = window.jupyterapp;
  await commands.execute('notebook:run-all-cells');
  for (const { model } of shell.currentWidget.content.widgets) {
    if (model.executionCount === null) throw new Error('a cell did not run');
    const failed = model.outputs.toJSON().find(output => output.output_type === 'error');
    if (failed) throw new Error(failed.ename + ': ' + failed.evalue);
  }
}"""
_RUN = """async code => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const request = kernel.requestExecute({code, store_history: false, stop_on_error: false});
  let said = '';
  request.onIOPub = ({header, content}) => {
    if (header.msg_type === 'stream') said += content.text;
    if (header.msg_type === 'error') said += content.ename + ': ' + content.evalue;
  };
  await request.done;
  return said;
}"""
_SAVE = """async () => {
  const { context } = window.jupyterapp.shell.currentWidget;
  await context.save();
  return context.path;
}"""
_BEGIN = """code => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  kernel.requestExecute({code, store_history: false});
}"""
_CLOSE = """async () => {
  const shown = window.jupyterapp.shell.currentWidget;
  await shown.context.save();
  shown.sessionContext.shutdown();
}"""


@dataclass
class NotebookPage:
    """What a person does with one notebook."""

    page: Page
    server: str
    folder: Path
    outside: list[str] = field(default_factory=list)  # requests that went anywhere but to this machine
    opened: int = 0
    path: str = ""
    spare: str = ""  # id of a kernel that no notebook has yet

    def open(self, *cells: str, interface: Interface) -> None:
        """Write a notebook of these cells and open it."""
        self.opened += 1
        self.path = path = f"{interface}-{self.opened}.ipynb"
        notebook = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],  # type: ignore[no-untyped-call]
        )
        nbformat.write(notebook, self.folder / path)  # type: ignore[no-untyped-call]
        session = {"path": path, "name": path, "type": "notebook", "kernel": {"id": self.spare or self._start()}}
        httpx.post(f"{self.server}/api/sessions", json=session).raise_for_status()
        if interface == "notebook" or "/lab" not in self.page.url:  # Lab opens the next one where it is
            self.page.goto(f"{self.server}/lab?reset" if interface == "lab" else f"{self.server}/notebooks/{path}")
            self.page.wait_for_function("() => window.jupyterapp")
        self.page.evaluate(_OPEN if interface == "lab" else _READY, path)
        self.spare = self._start()

    def _start(self) -> str:
        """Start a kernel; its id at the server."""
        reply = httpx.post(
            f"{self.server}/api/kernels", json={"name": "python3", "path": ""}, timeout=60
        ).raise_for_status()
        kernel: str = reply.json()["id"]
        return kernel

    def reload(self) -> None:
        """Save the notebook and load its page anew, as a person who comes back to it."""
        path: str = self.page.evaluate(_SAVE)
        self.page.reload()
        self.page.wait_for_function("() => window.jupyterapp")
        self.page.evaluate(_READY, path)

    def run_all(self) -> None:
        """Run every cell and wait for the last; fails if one of them does."""
        self.page.evaluate(_RUN_ALL)

    def restart(self) -> None:
        """Restart the kernel and wait for it."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
        self.page.evaluate(_READY, self.path)

    def begin(self, code: str) -> None:
        """Have the kernel begin with some code, and do not wait for its end."""
        self.page.evaluate(_BEGIN, code)

    @contextmanager
    def second_tab(self) -> Iterator[NotebookPage]:
        """The same notebook and kernel in another tab."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")
        page = self.page.context.new_page()
        page.goto(f"{self.server}/doc/workspaces/second/tree/{self.path}")
        page.wait_for_function("() => window.jupyterapp")
        page.evaluate(_READY, self.path)
        yield NotebookPage(page, self.server, self.folder, path=self.path)
        page.close()

    def see(self, control: str, part: str = "") -> Locator:
        """A control by its seax- class, and something within."""
        return self.page.locator(f".jp-NotebookPanel:not(.lm-mod-hidden) .seax-{control} {part}".strip())

    def run(self, code: str) -> str:
        """Run code in the kernel as a cell would; what it printed, and its error in words."""
        said: str = self.page.evaluate(_RUN, code)
        return said

    def close(self) -> None:
        """Shut the kernel down."""
        self.page.evaluate(_CLOSE)
