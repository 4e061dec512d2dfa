"""The rules of the house that no type checker knows."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import toolkit
from toolkit.texting.numbering.phones import is_fictional
from toolkit.workspace import Workspace

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*ROOT.glob("toolkit/**/*.py"), *ROOT.glob("mcp_server/**/*.py")])
FLOORS = {
    "toolkit.errors": 1,
    "toolkit.frames": 1,
    "toolkit.mistakes": 1,
    "toolkit.models": 1,
    "toolkit.secret": 1,
    "toolkit.sections": 1,
    "toolkit.settings": 1,
    "toolkit.texting": 1,
    "toolkit.sandbox": 1,
    "toolkit.api": 2,
    "toolkit.engagement": 2,
    "toolkit.data": 3,
    "toolkit.mirror": 4,
    "toolkit.audience": 4,
    "toolkit.experiments": 5,
    "toolkit.reading": 5,
    "toolkit.plans": 6,
    "toolkit.planning": 7,
    "toolkit.ledger": 8,
    "toolkit.sending": 9,
    "toolkit.plots": 9,
    "toolkit.records": 10,
    "toolkit.rules_command": 10,
    "toolkit.hosts": 10,
    "toolkit.workspace": 11,
    "toolkit.widgets": 12,
    "toolkit.importing": 12,
    "mcp_server": 12,
    "toolkit.demo": 13,
    "toolkit.cli": 14,
}
WORDS = {"toolkit.errors", "toolkit.mistakes", "toolkit.models", "toolkit.sections"}  # what floor 1 may share
SENDING_CALLS = {"create_campaign", "send_message", "import_contacts"}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room_of(module: str) -> str | None:
    return next((room for room in FLOORS if module == room or module.startswith(f"{room}.")), None)


def imports_of(path: Path, *, with_names: bool = False) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if with_names)


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_imports_only_run_downward(path: Path) -> None:
    if module_of(path) == "toolkit":
        return  # names and their homes, loaded on demand
    here = room_of(module_of(path))
    assert here, f"{path} has no floor: give it one in FLOORS"

    for module in imports_of(path):
        there = room_of(module)
        if there in {None, here}:
            continue
        if here == "toolkit.sandbox":
            pytest.fail(f"the embedded service imports {module}: it shares nothing with the client")
        is_down = FLOORS[there] < FLOORS[here] or there in WORDS
        assert is_down, f"{here} imports {module}"


def test_no_files_import_each_other_in_a_circle() -> None:
    modules = {module_of(path): path for path in SOURCES if path.name != "__init__.py"}
    needs = {
        name: {module for module in imports_of(path, with_names=True) if module in modules} - {name}
        for name, path in modules.items()
    }

    TopologicalSorter(needs).prepare()  # CycleError names the circle


@pytest.mark.parametrize("folder", sorted({path.parent for path in SOURCES}), ids=lambda path: path.name)
def test_a_room_has_at_most_twenty_files_side_by_side(folder: Path) -> None:
    assert len(list(folder.glob("*.py"))) <= 20


def test_only_the_workspace_imports_the_door() -> None:
    users = {module_of(path) for path in SOURCES if "toolkit.sending.outbox" in set(imports_of(path))}

    assert users == {"toolkit.workspace"}


def test_planning_asks_the_service_in_one_place() -> None:
    ways = {"toolkit.api.client", "toolkit.reading"}
    planning = [path for path in SOURCES if module_of(path).startswith("toolkit.planning.")]

    assert {module_of(path) for path in planning if ways & set(imports_of(path))} == {"toolkit.planning.read"}


@pytest.mark.parametrize("path", sorted(ROOT.glob("toolkit/widgets/forms/*.py")), ids=module_of)
def test_forms_know_no_widgets(path: Path) -> None:
    assert not {module for module in imports_of(path) if module.startswith("ipywidgets")}


def test_one_module_calls_what_sends() -> None:
    callers = {
        module_of(path)
        for path in SOURCES
        if room_of(module_of(path)) != "toolkit.sandbox"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in SENDING_CALLS)
        or (isinstance(node, ast.Constant) and node.value in {"create_campaign", "send_message"})
    }

    assert callers == {"toolkit.api.guide", "toolkit.sending.outbox"}  # guide holds the path of the same name


def test_one_module_says_that_a_form_was_answered() -> None:
    users = {module_of(path) for path in SOURCES if "answered_form" in path.read_text(encoding="utf-8")}

    assert users == {"toolkit.sending.witness", "mcp_server.guard.consent"}


def test_only_the_client_speaks_http() -> None:
    ways = {"httpx", "requests", "urllib3", "urllib.request", "toolkit.api.network"}
    speakers = {module_of(p) for p in SOURCES if ways & set(imports_of(p))}

    assert speakers <= {
        "toolkit.api.client",
        "toolkit.api.network",
        "toolkit.api.media",
        "toolkit.workspace",
        "toolkit.sandbox.sandbox",
        "toolkit.sandbox.transport",
    }


def test_sending_takes_an_approval_and_nothing_else() -> None:
    assert list(inspect.signature(Workspace.send).parameters) == ["self", "approval"]


@pytest.mark.parametrize("name", ["toolkit", "toolkit.plots", "toolkit.sandbox", "toolkit.widgets"])
def test_exported_names_are_sorted_and_there(name: str) -> None:
    module = importlib.import_module(name)

    assert list(module.__all__) == sorted(module.__all__)
    assert all(getattr(module, exported) is not None for exported in module.__all__)


def test_unknown_names_are_no_exports() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        toolkit.nothing  # noqa: B018 — the attribute access is the test


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_nothing_writes_to_stdout_by_hand(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.Name) and node.id == "print"), f"{path.name}:{node.lineno} prints"
        if room_of(module_of(path)) == "mcp_server":
            assert not (isinstance(node, ast.Attribute) and node.attr == "stdout"), f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_every_text_file_is_opened_with_its_encoding(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        call = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        is_binary = any(mode in {"rb", "wb", "ab", "rb+"} for mode in given)
        names_it = "encoding" in {keyword.arg for keyword in node.keywords} or "utf-8" in given
        reads_text = call in {"read_text", "write_text"} or (call in {"open", "fdopen"} and not is_binary)
        is_files = reads_text and ast.unparse(node.func) != "os.open"
        assert names_it or not is_files, f"{path.name}:{node.lineno} opens a text file without an encoding"


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import toolkit", {"pandas", "pyarrow", "numpy", "httpx", "pydantic", "ipywidgets"}),
        ("import mcp_server.server", {"pandas", "pyarrow", "numpy", "ipywidgets", "fastapi"}),
        ("import toolkit; toolkit.connect().plans()", {"ipywidgets", "IPython", "matplotlib"}),
        ("import toolkit.plots", {"matplotlib"}),
    ],
)
def test_imports_are_light(statement: str, absent: set[str]) -> None:
    code = f"{statement}; import sys; print(sorted({absent!r} & set(sys.modules)))"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"


def test_no_file_holds_a_number_that_could_belong_to_somebody() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = {
        (name, number)
        for name in listed.stdout.split("\0")
        if Path(name).suffix in {".py", ".md", ".ipynb", ".json", ".csv", ".txt"} and (ROOT / name).is_file()
        for number in re.findall(r"(?<![\w+])\+[1-9][0-9]{9,14}(?![0-9{])", (ROOT / name).read_text(encoding="utf-8"))
        if ASSIGNABLE.fullmatch(number) and not is_fictional(number)
    }

    assert found == set()


# Numbers of the shape that the countries of the fictional ranges assign; of other countries there are none here.
ASSIGNABLE = re.compile(
    r"\+(?:1[2-9]\d\d[2-9]\d{6}|44\d{10}|33\d{9}|353\d{9}|46\d{9}|49\d{10,11}|61\d{9}|(?!1|44|33|353|46|49|61|999)\d+)"
)
