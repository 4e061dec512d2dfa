# One file: the rules of the house, which are read as a list.
"""The rules of the house that no type checker knows."""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import re
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import toolkit
from toolkit.texting.numbering.phones import is_fictional
from toolkit.workspace import Workspace
from toolkit.workspace_parts import WorkspaceParts

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*ROOT.glob("toolkit/**/*.py"), *ROOT.glob("mcp_server/**/*.py")])
TESTS = sorted(path for path in ROOT.glob("tests/**/*.py") if "node_modules" not in path.parts)
FLOORS = {
    "toolkit.errors": 1,
    "toolkit.frames": 1,
    "toolkit.invalid_values": 1,
    "toolkit.platform_support": 1,
    "toolkit.models": 1,
    "toolkit.secret": 1,
    "toolkit.display": 1,
    "toolkit.settings": 1,
    "toolkit.suggest": 1,
    "toolkit.texting": 1,
    "toolkit.sandbox": 1,
    "toolkit.api": 2,
    "toolkit.engagement": 2,
    "toolkit.data": 3,
    "toolkit.mirror": 4,
    "toolkit.audience": 4,
    "toolkit.experiments": 5,
    "toolkit.contact_reading": 5,
    "toolkit.plans": 6,
    "toolkit.planning": 7,
    "toolkit.ledger": 8,
    "toolkit.sending": 9,
    "toolkit.plots": 9,
    "toolkit.pages": 9,
    "toolkit.workspace_reads": 10,
    "toolkit.mcp_hosts": 10,
    "toolkit.workspace_reports": 11,
    "toolkit.workspace_after_sending": 12,
    "toolkit.groups": 11,
    "toolkit.workspace_parts": 13,
    "toolkit.workspace": 14,
    "toolkit.widgets": 15,
    "toolkit.approval_page": 16,
    "mcp_server": 17,
    "toolkit.cli": 17,
}
WORDS = {
    "toolkit.errors",
    "toolkit.invalid_values",
    "toolkit.models",
    "toolkit.display",
    "toolkit.suggest",
}  # what floor 1 may share
DIALECTS = [ROOT / "toolkit" / "api" / name for name in ("guide", "published")]
SHARED = [  # the embedded service shares nothing, names neither; the terminal's files are named as its commands, and
    # a dialect's as those of the other
    path
    for path in SOURCES
    if not {"sandbox", "cli"} & set(path.parts) and path.parent not in DIALECTS
]
REPEATED = {  # public names that stand in several files, and why
    "check": "every file of preflight's findings has one",
    "compare_campaigns": "a tool is named as what it calls",
    "funnel": "a picture is named as the frame it shows",
    "tiers": "a picture is named as the frame it shows",
    "list_growth": "a picture is named as the frame it shows",
    "retention": "a picture is named as the frame it shows",
    "rfm": "a picture is named as the frame it shows",
}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
PROSE = sorted(
    [
        *SOURCES,
        *ROOT.glob("mcp_server/*.md"),
        *(path for path in ROOT.glob("docs/**/*.md") if "house" not in path.parts),  # copied there by the site
        *ROOT.glob("*.md"),
        *ROOT.glob("notebooks/*.py"),
    ]
)
STAGED_CALLS = {"create_draft", "launch_campaign", "delete_draft"}
SENDING_CALLS = {
    "create_campaign",
    "send_message",
    "send_personal_texts",
    "import_contacts",
    "remove_label",
} | STAGED_CALLS
STOPPING_CALLS = {"cancel_campaign", "delete_campaign"}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def folder_of(folder: Path) -> str:
    return folder.relative_to(ROOT).as_posix()


def room_of(module: str) -> str | None:
    return next((room for room in FLOORS if module == room or module.startswith(f"{room}.")), None)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path, *, with_names: bool = False) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if with_names)


def test_the_map_shows_every_room_and_no_other() -> None:
    drawn = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split("```text")[1].split("```")[0]
    words = {word.removesuffix("/") for word in drawn.split() if word.endswith(("/", ".py"))}
    paths = {word if "/" in word or not word.endswith(".py") else f"toolkit/{word}" for word in words}

    assert {path.removesuffix(".py").replace("/", ".") for path in paths} == set(FLOORS)
    assert all((ROOT / path).exists() for path in paths)


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


@pytest.mark.parametrize("folder", sorted({path.parent for path in [*SOURCES, *TESTS]}), ids=folder_of)
def test_a_room_has_at_most_twenty_files_side_by_side(folder: Path) -> None:
    assert len(list(folder.glob("*.py"))) <= 20


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=module_of)
def test_a_file_has_at_most_three_hundred_lines_or_a_reason(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    is_excused = lines and lines[0].startswith("# One file: ")

    assert len(lines) <= 300 or is_excused, "find the second noun, or give the reason: '# One file: …'"


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_docstrings_list_errors_only_below_a_list_of_arguments(path: Path) -> None:
    nodes = [node for node in ast.walk(tree_of(path)) if isinstance(node, DOCUMENTED)]
    texts = {getattr(node, "name", "module"): ast.get_docstring(node) or "" for node in nodes}
    other = r"^ *(?:Returns|Attributes|Parameters|Yields|Example|Note)s?:?$|:param|:returns?:"

    assert [name for name, text in texts.items() if "\nRaises:" in text and "\nArgs:" not in text] == []
    assert [name for name, text in texts.items() if re.search(other, text, re.MULTILINE)] == []


def test_one_module_guesses_what_somebody_meant() -> None:
    assert {module_of(path) for path in SOURCES if "difflib" in set(imports_of(path))} == {"toolkit.suggest"}


def test_no_two_files_have_one_name() -> None:
    names = Counter(path.stem for path in SHARED if not path.stem.startswith("__"))

    assert [name for name, files in names.items() if files > 1] == []


def test_no_two_public_things_have_one_name() -> None:
    names = Counter(name for path in SHARED for name in set(public_names(path)) - REPEATED.keys() if name[0] != "_")

    assert [name for name, files in names.items() if files > 1] == []


def public_names(path: Path) -> Iterator[str]:
    """Classes, functions and constants of a file; of values that only annotate a tool's argument, none."""
    if path.name == "reply_schemas.py":
        return  # the service's words for what `models` holds in ours
    for node in tree_of(path).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign) and not is_annotation(node.value):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def is_annotation(value: ast.expr) -> bool:
    return ast.unparse(value).startswith(("Annotated[", "TypeVar("))


def test_only_the_workspace_imports_the_door() -> None:
    users = {module_of(path) for path in SOURCES if "toolkit.sending.outbox" in set(imports_of(path))}

    assert users == {"toolkit.workspace_parts"}


def test_planning_asks_the_service_in_one_place() -> None:
    ways = {"toolkit.api.client", "toolkit.contact_reading"}
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
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Attribute) and node.attr in SENDING_CALLS)
        or (isinstance(node, ast.Constant) and node.value in {"create_campaign", "send_message", "send_personal_texts"})
    }

    assert callers == {"toolkit.api.guide.requests", "toolkit.sending.posting"}  # the path of the same name


def test_one_module_calls_what_stops_a_campaign() -> None:
    callers = {
        module_of(path)
        for path in SOURCES
        if room_of(module_of(path)) != "toolkit.sandbox"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in STOPPING_CALLS
    }

    assert callers == {"toolkit.sending.cancel"}


def test_only_the_doors_ask_for_what_changes_something() -> None:
    """Whatever the client asks once, and so may change something, is named above."""
    client = tree_of(ROOT / "toolkit" / "api" / "client_writes.py")
    changing = {
        function.name
        for function in ast.walk(client)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and node.attr == "once"
    }

    assert changing == SENDING_CALLS | STOPPING_CALLS


def test_nothing_above_the_api_names_a_dialect() -> None:
    below = {"toolkit.api", "toolkit.sandbox", "toolkit.settings"}
    named = {
        module_of(path)
        for path in SOURCES
        if room_of(module_of(path)) not in below
        and (
            {"toolkit.api.guide", "toolkit.api.published"} & set(imports_of(path, with_names=True))
            or any(
                isinstance(node, ast.Constant) and node.value == "published"
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            )
        )
    }

    assert named == set()


def test_one_module_says_that_a_form_was_answered() -> None:
    users = {module_of(path) for path in SOURCES if "answered_form" in path.read_text(encoding="utf-8")}

    assert users == {"toolkit.sending.human_presence", "mcp_server.guard.consent"}


def test_one_module_says_that_the_approval_page_was_answered() -> None:
    users = {module_of(path) for path in SOURCES if "answered_page" in path.read_text(encoding="utf-8")}

    assert users == {"toolkit.sending.human_presence", "toolkit.approval_page.page_server"}


def test_only_the_client_speaks_http() -> None:
    ways = {"httpx", "requests", "urllib3", "urllib.request", "toolkit.api.network.urllib3_transport"}
    speakers = {module_of(p) for p in SOURCES if ways & set(imports_of(p))}

    assert speakers <= {
        "toolkit.api.caller",
        "toolkit.api.client",
        "toolkit.api.network.urllib3_transport",
        "toolkit.api.network.media_probe",
        "toolkit.workspace",
        "toolkit.sandbox.sandbox",
        "toolkit.sandbox.transport",
    }


def test_sending_takes_an_approval_and_nothing_else() -> None:
    assert list(inspect.signature(Workspace.send).parameters) == ["self", "approval"]


@pytest.mark.parametrize("name", ["toolkit", "toolkit.cli", "toolkit.plots", "toolkit.sandbox", "toolkit.widgets"])
def test_exported_names_are_sorted_and_there(name: str) -> None:
    module = importlib.import_module(name)

    assert list(module.__all__) == sorted(module.__all__)
    assert all(getattr(module, exported) is not None for exported in module.__all__)


def test_the_workspace_offers_the_words_of_daily_work_and_the_rest_in_groups() -> None:
    words = {name for name in dir(Workspace) if not name.startswith("_")}
    held = {node.attr for node in ast.walk(ast.parse(inspect.getsource(WorkspaceParts))) if is_public_attribute(node)}
    groups = {"approvals", "drafts", "experiments", "imports", "ledger", "rehearsal", "replies", "segments"}

    assert groups <= words
    assert len((words | held) - groups) <= 35, "what is rare belongs in one of the groups in toolkit/groups/"


def is_public_attribute(node: ast.AST) -> bool:
    """It sets an attribute of a workspace that has no underscore."""
    is_set = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    return is_set and ast.unparse(node).startswith("self.") and not node.attr.startswith("_")


def test_the_toolkit_offers_what_daily_work_begins_with() -> None:
    drafts = {"CampaignDraft", "ImportDraft", "MessageDraft", "MessagesDraft", "TestDraft"}
    values = {"Approval", "Experiment", "Plan", "Receipt", "Segment"}

    assert {*drafts, *values, "__version__", "connect", "errors", "plots", "widgets"} <= set(dir(toolkit))
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", toolkit.__version__)


def test_unknown_names_are_no_exports() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        toolkit.nothing  # noqa: B018 — the attribute access is the test


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_nothing_writes_to_stdout_by_hand(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        assert not (isinstance(node, ast.Name) and node.id == "print"), f"{path.name}:{node.lineno} prints"
        if room_of(module_of(path)) == "mcp_server":
            assert not (isinstance(node, ast.Attribute) and node.attr == "stdout"), f"{path.name}:{node.lineno}"


WRITTEN = sorted(
    path for place in ("toolkit", "mcp_server", "tests", "notebooks", ".ci", ".") for path in ROOT.glob(
        "*.py" if place == "." else f"{place}/**/*.py"
    ) if "node_modules" not in path.parts
)  # fmt: skip


def test_every_text_is_read_and_written_with_its_encoding() -> None:
    guessing = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in WRITTEN
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and leaves_the_encoding_open(node)
    ]

    assert guessing == [], "which encoding these take depends on the machine"


def leaves_the_encoding_open(call: ast.Call) -> bool:
    """It reads or writes text in whatever encoding the machine has: a file, or what another program says."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    given = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    if "encoding" in options or "utf-8" in given:
        return False
    if name in {"open", "fdopen", "NamedTemporaryFile", "TemporaryFile"} and ast.unparse(call.func) != "os.open":
        mode = options.get("mode")
        modes = [each for each in [*given, mode.value if isinstance(mode, ast.Constant) else None] if is_mode(each)]
        first = call.args[0] if call.args else None
        of_something_else = isinstance(call.func, ast.Attribute) and name == "open" and first is not None and not modes
        is_binary = any("b" in mode for mode in modes) or (name.endswith("TemporaryFile") and not modes)
        return not is_binary and not of_something_else
    is_text = any(getattr(options.get(option), "value", False) is True for option in ("text", "universal_newlines"))
    return name in {"read_text", "write_text"} or is_text


def is_mode(value: object) -> bool:
    """A mode of `open`."""
    return isinstance(value, str) and bool(re.fullmatch(r"[rwxa][bt]?\+?[bt]?", value))


@pytest.mark.parametrize(
    ("line", "is_open"),
    [
        ("path.read_text()", True),
        ("path.write_text('x')", True),
        ("open(name)", True),
        ("path.open('w')", True),
        ("path.open()", True),
        ("os.fdopen(number, 'a')", True),
        ("subprocess.run(words, text=True)", True),
        ("tempfile.NamedTemporaryFile('w')", True),
        ("path.open('xb')", False),
        ("path.open(mode='rb')", False),
        ("path.read_text('utf-8')", False),
        ("path.open('w', encoding='utf-8')", False),
        ("subprocess.run(words, text=True, encoding='utf-8')", False),
        ("tempfile.TemporaryFile()", False),
        ("page.open(address)", False),
        ("os.open(path, os.O_RDONLY)", False),
    ],
)
def test_an_encoding_that_is_left_open_is_noticed(line: str, is_open: bool) -> None:
    (call,) = [node for node in ast.walk(ast.parse(line)) if isinstance(node, ast.Call)]

    assert leaves_the_encoding_open(call) == is_open


# What Windows does not have, or does in another way.
POSIX_MODULES = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}
POSIX_NAMES = {
    *("fork", "forkpty", "getuid", "geteuid", "getgid", "getegid", "getpgid", "setsid", "killpg", "chown", "mkfifo"),
    *("sched_getaffinity", "sysconf", "uname", "statvfs", "wait", "waitpid", "O_DIRECTORY", "O_NOFOLLOW", "O_CLOEXEC"),
    *("SIGKILL", "SIGHUP", "SIGALRM", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGCHLD", "alarm", "setitimer", "sigwait"),
    *("SO_REUSEADDR", "SO_REUSEPORT", "AF_UNIX", "poll", "epoll", "tzset", "getuser", "add_signal_handler"),
}
POSIX_OWNERS = {"os", "signal", "socket", "select", "time", "getpass", "loop"}
POSIX_PLACES = re.compile(r"/(dev|tmp|proc|etc|usr|var)/|%-[dHMmIjSyS]")


def of_one_system(source: str) -> list[str]:
    """What a source uses that not every operating system has."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name in POSIX_MODULES]
        elif isinstance(node, ast.ImportFrom):
            found += [str(node.module)] if node.module in POSIX_MODULES else []
            found += [each.name for each in node.names if node.module in POSIX_OWNERS and each.name in POSIX_NAMES]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in POSIX_NAMES:
            found += [f"{node.value.id}.{node.attr}"] if node.value.id in POSIX_OWNERS else []
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and POSIX_PLACES.search(node.value):
            found.append(node.value)
    return found


def test_one_module_does_what_operating_systems_do_differently() -> None:
    used = {module_of(path): of_one_system(path.read_text(encoding="utf-8")) for path in SOURCES}

    assert used.pop("toolkit.platform_support"), "what is noticed is used here"
    assert {module: names for module, names in used.items() if names} == {}


@pytest.mark.parametrize(
    "line",
    [
        "import fcntl",
        "from pwd import getpwuid",
        "from os import fork",
        "os.getuid()",
        "signal.signal(signal.SIGHUP, f)",
        "getpass.getuser()",
        "open('/dev/null', 'wb')",
        "f'{at:%-d}'",
        "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)",
    ],
)
def test_what_only_some_systems_have_is_noticed(line: str) -> None:
    assert of_one_system(line)


_LIVE = f"import os; os.environ.update(SEAX_API_KEY={'0' * 64!r}, SEAX_WORKSPACE_ID='w')"
_SEAX = "from toolkit.cli.app import app"
_OF_HELP = {"pydantic", "toolkit.models", "httpx", "rich.markdown", "rich.table", "importlib.metadata"}
_OF_WORK = {
    "narwhals",
    "phonenumbers",
    "holidays",
    "stamina",
    "cryptography",
    "toolkit.plans.plan",
    "toolkit.data.contacts",
}
_OF_FRAMES = {"pandas", "pyarrow", "numpy", "narwhals", "fastapi", "toolkit.sandbox", "toolkit.workspace"}


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import toolkit", {"pandas", "pyarrow", "numpy", "httpx", "pydantic", "ipywidgets"}),
        ("import mcp_server.server", {"pandas", "pyarrow", "numpy", "ipywidgets", "fastapi"}),
        ("import toolkit; toolkit.connect().plans()", {"ipywidgets", "IPython", "matplotlib"}),
        ("import toolkit.plots", {"matplotlib"}),
        (f"{_LIVE}; import toolkit; toolkit.connect().plans()", {"fastapi", "toolkit.sandbox"}),
        (f"{_LIVE}; import toolkit; toolkit.connect()", {*_OF_WORK, "fastapi", "toolkit.sandbox"}),
        (f"{_SEAX}; app(['--help'], standalone_mode=False)", {*_OF_HELP, *_OF_FRAMES}),
        *(
            (f"{_SEAX}; app({command}, standalone_mode=False)", {*_OF_FRAMES, "rich.markdown"})
            for command in (["plans"], ["plans", "--json"], ["audit", "verify"], ["approver", "list"])
        ),
    ],
)
def test_imports_are_light(statement: str, absent: set[str]) -> None:
    code = f"{statement}; import sys; print(sorted({absent!r} & set(sys.modules)))"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")

    assert loaded.stdout.splitlines()[-1] == "[]"


def test_no_file_holds_a_number_that_could_belong_to_somebody() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True, encoding="utf-8"
    )
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


@pytest.mark.parametrize("path", PROSE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_sentences_use_the_words_of_the_field(path: Path) -> None:
    found = [
        f"{line}: {match[0]!r}, better: {better}"
        for line, text in sentences_of(path)
        for pattern, better in NOT_OUR_WORDS.items()
        for match in re.finditer(pattern, KEPT.sub("", text), re.IGNORECASE)
    ]

    assert not found, "\n".join(found)


def sentences_of(path: Path) -> Iterator[tuple[int, str]]:
    """What people read: all of a page but its code, and docstrings, comments and texts of more than a word."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        text = text.split("## The words\n")[0] if path.name == "CONTRIBUTING.md" else text  # the table names them
        without_code = re.sub(r"```.*?```", lambda code: "\n" * code[0].count("\n"), text, flags=re.DOTALL)
        yield from enumerate(re.sub(r"`[^`\n]*`", "", without_code).split("\n"), start=1)
        return
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            yield node.lineno, node.value
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


# What a colleague in this field would not say, and what they would; CONTRIBUTING.md lists the words we use.
NOT_OUR_WORDS = {
    r"\banew\b": "again",
    r"\bmend(?:s|ed|ing)?\b": "repair, correct",
    r"\b(?:one|a) truth\b": "a mask",
    r"\bso many\b": "this many, or the limit by name",
    r"\breckon(?:s|ed|ing)?\b": "assumptions, count",
    r"\btold\b|\btells\b": "reports, shows",
    r"\bsaid\b": "reported, given",
    r"(?<!there )\b(?:is|are) no (?!longer\b|more\b|later\b|older\b|difference\b)": "is not a",
    r"\bby lot\b": "randomised",
    r"\b(?:\d+|first|last) signs\b": "characters",
    r"\b(?:leave|leaves|leaving) (?:them |it |people )?out\b|\bleft out\b": "exclude, remove, omit",
    r"\bleft\b": "sent, remaining, excluded",
    r"\b(?:messages?|texts?|steps?|plans?|campaigns?|requests?|files?|rows?|nothing|it) (?:that )?leaves?\b": "is sent",
    r"\bnobody wants\b|\bwhom nobody\b": "required, without",
    r"\bsuch as (?:are|is)\b": "those that",
    r"\bwhat it is to be\b": "its settings",
    r"\bfare[sd]?\b": "performed, failed",
    r"\blies? in\b": "is in",
    r"\bnone of (?:them|those|these|which) (?:is|are)\b": "they are not",
    r"\b(?:policy|country|countries|workspace|service) wants?\b": "requires",
    r"\b(?:person's|strong|strongest|their) yes\b|\bsay(?:s|ing)? yes\b|\bsaid yes\b": "approval, approve",
    r"\b(?:held|holds?|holding) (?:\S+ ){0,4}against\b": "compare with, check against",
    r"\ball the same\b": "anyway",
    r"\bspeaks? against\b": "findings",
    r"\bhanded out\b": "returned",
    r"\bfor good\b": "permanently",
    r"\bnobody real\b": "invented people",
    r"\breal (?:workspace|service)s?\b": "live workspace",
}
# Where such a word is the plain one: the promise, sides and layout, SQL, opt-out notices, a commit's subject, names.
KEPT = re.compile(
    r"a person says yes to exactly that|dialect is told in three modules|^left out$|on the left|left to right|"
    r"(?:text-align: ?|border-left:)\S*|LEFT JOIN|`left`|\.left\b|\(\?:stop\|end\|quit.*|seax-<called>-said|With `anew`"
)
