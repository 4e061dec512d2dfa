"""JupyterLab, Notebook 7, Voilà and marimo in a real Chromium, cut off from every network but this machine."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import expect, sync_playwright

from tests.browser.notebook_page import NotebookPage

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]


@contextmanager
def serving(notebooks_folder: Path, *, home: Path) -> Iterator[str]:
    """The address of a Jupyter server that shares nothing with the user's own."""
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}', encoding="utf-8"
    )
    (home / "config").mkdir()
    unneeded = {"jupyter_lsp": False, "jupyter_server_terminals": False}
    (home / "config" / "jupyter_server_config.json").write_text(
        json.dumps({"ServerApp": {"jpserver_extensions": unneeded}}), encoding="utf-8"
    )
    profile = home / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_kernel_config.py").write_text(
        'get_config().IPKernelApp.exec_lines = ["import toolkit.widgets; del toolkit"]\n', encoding="utf-8"
    )
    environment = _environment(home)
    port = _free_port()
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={notebooks_folder}"),
        *("--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True", "--LabApp.news_url="),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *("--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"),
    ]
    with _started(command, environment, home / "server.log", f"http://127.0.0.1:{port}/api/status"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def serving_page(notebook: Path, *, home: Path, log: Path) -> Iterator[str]:
    """The address at which Voilà serves a notebook, or a folder of them, on the embedded workspace of `home`."""
    port = _free_port()
    command = [
        *(sys.executable, "-m", "voila", "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1"),
        *("--show_tracebacks=True", "--template=offline", str(notebook)),
    ]
    environment = _environment(home / "jupyter") | {
        "SEAX_HOME": str(home),
        "JUPYTER_PATH": str((notebook if notebook.is_dir() else notebook.parent) / ".jupyter"),
    }
    with _started(command, environment, log, f"http://127.0.0.1:{port}/voila/api/status"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def serving_marimo(app: Path, *, python: Path, home: Path) -> Iterator[str]:
    """The address at which marimo, of the environment of `python`, serves an app."""
    port = _free_port()
    command = [
        *(str(python), "-m", "marimo", "run", str(app), "--headless", "--no-token", "--no-sandbox"),
        *("--host=127.0.0.1", f"--port={port}"),
    ]
    environment = _environment(home) | {"XDG_CONFIG_HOME": str(home), "MARIMO_SKIP_UPDATE_CHECK": "1"}
    with _started(command, environment, home / "marimo.log", f"http://127.0.0.1:{port}/health"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _started(command: list[str], environment: dict[str, str], log: Path, status: str) -> Iterator[None]:
    """A server from when its status can be read to the end of the block; what it prints is in `log`."""
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            _wait_for(status, process, log)
            yield
        finally:
            process.terminate()
            process.wait(30)


def _environment(home: Path) -> dict[str, str]:
    """What a server is told, so that it shares nothing with the user's own."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("SEAX_", "JUPYTER"))}
    return own | {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": str(ROOT),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(address, timeout=2)
        except httpx.TransportError:
            time.sleep(0.05)  # another process is starting: nothing here can be waited on
        else:
            return
    raise RuntimeError(f"The Jupyter server did not start:\n{log.read_text(encoding='utf-8')}")


@contextmanager
def browsing(server: str, notebooks_folder: Path) -> Iterator[NotebookPage]:
    """A page at that server, in a browser of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 1500}).new_page()
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        notebook = NotebookPage(page, server, notebooks_folder)
        page.on("request", lambda request: _note_outside(notebook, request.url))
        yield notebook
        browser.close()


def _note_outside(notebook: NotebookPage, url: str) -> None:
    if urlsplit(url).hostname not in ("127.0.0.1", None):
        notebook.outside.append(url)
