# /// script
# requires-python = ">=3.11"
# ///
"""What is done in this repository, on Linux, macOS and Windows alike: `python tasks.py demo`, `python tasks.py test`.

It needs Python 3.11 or newer and nothing else: it makes a virtual environment in .venv and installs the packages of a
lock into it, each held against its hash. `make demo` is the same where there is make, and `uv run tasks.py demo` where
there is uv and no Python yet.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent
APP, GATE = ROOT / ".ci" / "app.txt", ROOT / ".ci" / "gate.txt"
NODE = ROOT / "tests" / "mcp" / "node"
EXTRAS = ("duckdb", "mcp", "notebook", "polars", "postgresql", "spark")
RECIPIENTS = "4113"  # of the demo's campaign, which is approved by this number where nobody can type it
OLD_KERNELS = ("6.31.0", "7.1.0")
OTHER_PYTHONS = ("3.12", "3.13", "3.14")
QUICK = (
    *("tests/texting", "tests/audience", "tests/api", "tests/data/test_frames.py"),
    *("tests/sending/test_steps.py", "tests/sending/test_canaries.py"),
)
TASKS: dict[str, Callable[[], None]] = {}


def task(do: Callable[[], None]) -> Callable[[], None]:
    """Let a function be called by its name; its docstring is what the list says of it."""
    TASKS[do.__name__] = do
    return do


def run(*command: object, folder: Path = ROOT, **environment: str) -> None:
    """Run a program to its end; what goes wrong in it ends this, too."""
    words = [str(word) for word in command]
    words[0] = shutil.which(words[0]) or words[0]  # npm is npm.cmd on Windows
    status = subprocess.run(words, cwd=folder, env=os.environ | environment, check=False).returncode
    if status:
        sys.exit(status)


def python_of(environment: Path) -> Path:
    """Its interpreter."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def ready(lock: Path) -> Path:
    """The interpreter of .venv, with the packages of a lock and this repository in it."""
    venv = ROOT / ".venv"
    python, stamp = python_of(venv), venv / f".{lock.stem}"
    wanted = hashlib.sha256(lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if not python.exists():
        run(sys.executable, "-m", "venv", venv)
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        pip = (python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
        run(*pip, "--require-hashes", "-r", lock)
        run(*pip, "--no-deps", "--no-build-isolation", "-e", ROOT)
        stamp.write_text(wanted, encoding="utf-8")
    return python


def app() -> Path:
    """What people run; the gate's environment holds it, too."""
    return ready(GATE if (ROOT / ".venv" / f".{GATE.stem}").exists() else APP)


def tool(name: str) -> Path:
    """A program for whoever looks after this repository, installed when it is first needed."""
    place = ROOT / f".venv-{name}"
    program = python_of(place).with_name(f"{name}.exe" if os.name == "nt" else name)
    if not program.exists():
        run(sys.executable, "-m", "venv", place)
        run(python_of(place), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", name)
    return program


def pins(but: str = "") -> Path:
    """The versions of the lock without hashes, for packages that are installed beside it."""
    lines = (line for line in GATE.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("--"))
    place = ROOT / ".venv" / "pins.txt"
    kept = (re.sub(r"\[[^]]*\]", "", line).rstrip("\\ ") for line in lines if not line.startswith(f"{but}=="))
    place.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return place


def other(python: str, *, resolution: str = "highest") -> Path:
    """An environment of its own with another Python, or with the oldest versions that pyproject.toml allows."""
    place, uv = ROOT / f".venv-{python}-{resolution}", tool("uv")
    run(uv, "venv", "--quiet", "--clear", "--python", python, place)
    into = (uv, "pip", "install", "--quiet", "--python", python_of(place))
    if resolution == "highest":
        run(*into, "--require-hashes", "-r", GATE)
        run(*into, "--no-deps", "-e", ROOT)
    else:
        oldest = place / "oldest.txt"
        extras = [word for extra in EXTRAS for word in ("--extra", extra)]
        how = ("--quiet", "--resolution", resolution, "--python-version", python)
        run(uv, "pip", "compile", *how, *extras, "pyproject.toml", "--output-file", oldest)
        run(*into, "--constraint", oldest, "-e", f"{ROOT}[test]")
    return python_of(place)


def pytest(python: Path, *arguments: str) -> None:
    """Run tests as CI does, and keep what is compiled: hundreds of programs that tests start load the same files."""
    run(python, "-m", "pytest", *arguments, PYTHONDONTWRITEBYTECODE="")


def scripts(pattern: str, **environment: str) -> None:
    """Run each script of a kind."""
    python = ready(GATE)
    for script in sorted(ROOT.glob(f"tests/{pattern}")):
        run(python, script, PYTHONPATH=str(ROOT), **environment)


def workers() -> str:
    """How many tests run at once."""
    return os.environ.get("WORKERS", "--numprocesses=3")


@task
def demo() -> None:
    """import contacts, plan, approve, send and measure a campaign on the embedded workspace"""
    approved = () if sys.stdin.isatty() else ("--yes-recipients", os.environ.get("DEMO_RECIPIENTS", RECIPIENTS))
    run(app(), "-m", "toolkit.cli", "demo", *approved)


@task
def test() -> None:
    """the whole gate: format, lint, types, documentation, tests, notebooks"""
    ready(GATE)
    with ThreadPoolExecutor() as together:  # mypy and Sphinx run on one core each
        for done in [together.submit(check), together.submit(docs)]:
            done.result()
    tests()


@task
def check() -> None:
    """format, lint and types"""
    python = ready(GATE)
    run(python, "-m", "ruff", "format", "--check", ".")
    run(python, "-m", "ruff", "check", ".")
    run(python, "-m", "mypy")


@task
def docs() -> None:
    """build the documentation site into build/docs, offline, with every warning an error"""
    run(ready(GATE), "-m", "sphinx", "-W", "--keep-going", "-q", "-E", "docs", "build/docs", PYTHONPATH=str(ROOT))


@task
def tests() -> None:
    """all tests, as WORKERS says"""
    node()
    pytest(ready(GATE), *workers().split())


@task
def quick() -> None:
    """the tests that need no browser, Java or Node and take a minute"""
    pytest(ready(GATE), *QUICK)


@task
def coverage() -> None:
    """run the tests and show the lines that none of them reaches"""
    node()
    pytest(ready(GATE), *workers().split(), "--cov", "--cov-report=term")


@task
def node() -> None:
    """install the checkers of the MCP server that run on Node, some 450 MB"""
    lock, stamp = NODE / "package-lock.json", NODE / "node_modules" / ".installed"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        run("npm", "ci", "--silent", "--no-progress", folder=NODE)
        stamp.write_text(wanted, encoding="utf-8")


@task
def lab() -> None:
    """open JupyterLab on the notebooks"""
    run(ready(GATE), "-m", "jupyterlab", "notebooks")


@task
def page() -> None:
    """serve the campaign builder as a page, with Voilà"""
    notebook = "notebooks/09_campaign_page.ipynb"
    run(ready(GATE), "-m", "voila", "--template=offline", notebook, JUPYTER_PATH=str(ROOT / "notebooks" / ".jupyter"))


@task
def notebooks() -> None:
    """run the notebooks and keep their outputs"""
    run(ready(GATE), "notebooks/.build.py")


@task
def bench() -> None:
    """measure speed and memory, beside peers that are installed for it, into one table and the page of costs"""
    pip = (ready(GATE), "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    run(*pip, "--constraint", pins(), "--no-build-isolation", "-e", ".[bench]")
    scripts("*/bench_*.py", MEASURED="yes")
    run(ready(GATE), "-m", "tests.measured")


@task
def soak() -> None:
    """run what the gate samples at full length: faults, races, kills, and the oldest packages allowed"""
    node()
    pytest(ready(GATE), "-m", "soak")
    scripts("*/soak_*.py")
    floors()


@task
def evals() -> None:
    """let a scripted agent, or the model of SEAX_EVAL_URL, do analysts' tasks, and try injections and unasked sends"""
    node()
    run(ready(GATE), "-m", "tests.mcp.evals.run", PYTHONPATH=str(ROOT))


@task
def floors() -> None:
    """run quick tests on the oldest versions of packages that pyproject.toml allows"""
    pytest(other("3.11", resolution="lowest-direct"), *QUICK)


@task
def versions() -> None:
    """run quick tests on the other Pythons that are to be had here"""
    for version in OTHER_PYTHONS:
        if subprocess.run([tool("uv"), "python", "find", version], capture_output=True, check=False).returncode:
            sys.stdout.write(f"Python {version}: not on this machine, so not run.\n")
            continue
        pytest(other(version), *QUICK)


@task
def kernels() -> None:
    """drive the widgets in a browser on older kernels, as a nightly run"""
    ready(GATE)
    place = ROOT / ".venv-kernels"
    for version in OLD_KERNELS:
        run(sys.executable, "-m", "venv", "--clear", place)
        pip = (python_of(place), "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
        run(*pip, "--constraint", pins(but="ipykernel"), "-e", ".[test]", f"ipykernel=={version}")
        pytest(python_of(place), "tests/browser")
    shutil.rmtree(place)


@task
def screens() -> None:
    """take pictures of the widgets in every host, state, width and theme into screens: ONLY="voila dark" takes some"""
    run(ready(GATE), "-m", "tests.browser.screens", "screens", *os.environ.get("ONLY", "").split())


@task
def bundle() -> None:
    """pack the MCP server for hosts, with its server.json, SBOM and licences: REPOSITORY=owner/name"""
    repository = os.environ.get("REPOSITORY", "example/seax-toolkit")
    run(ready(GATE), ".ci/bundle.py", repository, "dist", PYTHONPATH=str(ROOT))


@task
def wheel() -> None:
    """build the wheel and the source archive into dist"""
    run(ready(GATE), "-m", "hatchling", "build", "-d", "dist")


@task
def lock() -> None:
    """resolve all dependencies and lock them with their hashes: UPGRADE=1 for the newest of each"""
    newest = ("--upgrade",) if os.environ.get("UPGRADE") else ()
    how = (
        "--quiet",
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--no-emit-index-url",
        "--no-annotate",
        "--no-strip-extras",
    )
    made = (*how, *newest, "--no-header", "--group", "build", "pyproject.toml")
    run(tool("uv"), "pip", "compile", *made, "--extra", "test", "--output-file", GATE)
    run(tool("uv"), "pip", "compile", *made, "--extra", "mcp", "--constraint", GATE, "--output-file", APP)


@task
def clean() -> None:
    """remove the environments and all caches"""
    names = ("build", "docs/house", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis")
    for place in [*ROOT.glob(".venv*"), *(ROOT / name for name in names), NODE / "node_modules"]:
        if not place.is_symlink():
            shutil.rmtree(place, ignore_errors=True)


def main(arguments: list[str]) -> None:
    """Do the tasks that are named, in their order; the list of them if none is."""
    if sys.version_info < (3, 11):  # noqa: UP036 — whoever has an older one is told so
        sys.exit("Python 3.11 or newer is needed: name one, as in make PYTHON=python3.11, or py -3.11 tasks.py demo")
    unknown = [name for name in arguments if name not in TASKS]
    if unknown or not arguments:
        sys.stdout.write("".join(f"{name:<12}{do.__doc__}\n" for name, do in TASKS.items()))
        sys.exit(f"There is no task {unknown[0]}." if unknown else 0)
    for name in arguments:
        TASKS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
