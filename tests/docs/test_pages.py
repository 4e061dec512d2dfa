"""What README, the guide and the pages of the house show is what happens, and what they name is there."""

from __future__ import annotations

import os
import re
import runpy
import shlex
from pathlib import Path

import pytest
import typer

from tests.docs.pages import PAGES, ROOT, blocks, name_of, names_of_tests, text_of
from toolkit.cli.app import app as seax
from toolkit.plans.finding_catalogue import CHECKS
from toolkit.plans.policy import load_policy
from toolkit.plans.practices import PRACTICES

LANDMARKS = ["README.md", "docs/index.md", "docs/guide/python.md"]


def run(page: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(compile("\n".join(blocks(text_of(page), "python")), page, "exec"), names)
    return names


@pytest.mark.parametrize("page", LANDMARKS)
def test_the_python_of_a_page_runs_and_sends_once(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = run(page), run(page)

    assert first["receipt"].campaign_id == second["receipt"].campaign_id  # type: ignore[attr-defined]
    assert (first["receipt"].repeated, second["receipt"].repeated) == (False, True)  # type: ignore[attr-defined]
    logs = second["ws"].logs(second["receipt"].campaign_id)  # type: ignore[attr-defined]
    assert len(logs) == second["plan"].recipients  # type: ignore[attr-defined]
    assert "embedded workspace: invented people" in capsys.readouterr().out
    for names in (first, second):
        names["ws"].close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "page",
    [
        name_of(page)
        for page in PAGES
        if blocks(page.read_text(encoding="utf-8"), "python") and name_of(page) not in LANDMARKS
    ],
)
def test_the_python_of_every_other_page_runs(page: str) -> None:
    names = run(page)

    if "ws" in names:
        names["ws"].close()  # type: ignore[attr-defined]


def test_the_readme_is_short() -> None:
    assert len(text_of("README.md").encode()) <= 8_000


def test_the_python_of_the_readme_is_fifteen_lines() -> None:
    (code,) = blocks(text_of("README.md"), "python")

    assert len([line for line in code.splitlines() if line.strip()]) <= 15


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_commands_of_a_page_are_there_with_their_options(page: Path) -> None:
    root = typer.main.get_command(seax)
    lines = [line for block in blocks(page.read_text(encoding="utf-8"), "console") for line in block.splitlines()]
    for words in (shlex.split(line[2:], comments=True) for line in lines if line.startswith("$ seax ")):
        command = root
        for word in words[1:]:
            command = getattr(command, "commands", {}).get(word, command)
        assert command is not root or words[1].startswith("-"), words
        options = {option for given in command.params for option in given.opts}
        assert {word for word in words if word.startswith("--")} <= options, words


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_tasks_that_a_page_names_are_there(page: Path) -> None:
    tasks = set(runpy.run_path(str(ROOT / "tasks.py"))["TASKS"])

    assert set(re.findall(r"(?:`|\$ )(?:make|\w+ tasks\.py) ([a-z]+)", page.read_text(encoding="utf-8"))) <= tasks


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_links_of_a_page_lead_to_something(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)\s#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    beside = ROOT / "notebooks" if page.parent == ROOT / "docs" / "notebooks" else page.parent  # the site copies them

    assert [
        link for link in links if not any(Path(os.path.normpath(at / link)).exists() for at in (page.parent, beside))
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_tests_that_a_page_names_are_there(page: Path) -> None:
    assert set(re.findall(r"\btest_\w+", page.read_text(encoding="utf-8"))) <= names_of_tests() | {
        "test_send_above",
        "test_numbers",
    }


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_files_that_a_page_names_are_there(page: Path) -> None:
    named = re.findall(
        r"`((?:toolkit|mcp_server|tests|docs|notebooks|\.ci)/[\w./-]*)`", page.read_text(encoding="utf-8")
    )

    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_invariant_of_the_architecture_names_a_test() -> None:
    (invariants,) = re.findall(r"## What always holds\n(.*?)\n## ", text_of("ARCHITECTURE.md"), flags=re.DOTALL)
    rows = [line for line in invariants.splitlines() if line.startswith("| ")][2:]

    assert len(rows) >= 9
    assert [row for row in rows if not re.search(r"`test_\w+`", row)] == []


def test_the_variables_of_the_pages_are_those_that_are_read() -> None:
    sources = ("toolkit/settings.py", "mcp_server/guard/server_settings.py", "mcp_server/guard/auth.py")
    source = "".join(text_of(name) for name in sources)
    pages = text_of("docs/guide/settings.md") + text_of("docs/guide/assistant.md")
    rows = "\n".join(line.split("|")[1] for line in pages.splitlines() if line.startswith("| `SEAX_"))

    assert set(re.findall(r"`(SEAX_\w+)`", rows)) == set(re.findall(r'(?:get\(|env, )"(SEAX_\w+)"', source))


@pytest.mark.parametrize("page", ["README.md", "docs/guide/first-steps.md"])
def test_the_output_of_the_demo_is_of_the_count_that_make_passes(page: str) -> None:
    count = runpy.run_path(str(ROOT / "tasks.py"))["RECIPIENTS"]

    assert f"{int(count):,} planned" in text_of(page)


def test_the_best_practices_of_the_guide_are_those_that_plans_are_held_to() -> None:
    page = text_of("docs/guide/checks.md")
    rows = [re.split(r" *\| *", line.strip("| ")) for line in page.splitlines() if re.search(r"\| [A-Z]{3}\d{3}", line)]
    named = {name: tuple(codes.split(", ")) for name, codes, _ in rows}

    assert named == {practice.name: practice.codes for practice in PRACTICES if practice.codes}
    assert {code for practice in PRACTICES for code in practice.codes} <= set(CHECKS)
    assert all(practice.unasked in page for practice in PRACTICES)


def test_the_policy_of_the_guide_is_read(tmp_path: Path) -> None:
    (text,) = blocks(text_of("docs/guide/checks.md"), "toml")
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")

    assert load_policy(path).senders == ("Marketing Line",)


def test_who_is_stopped_is_proved_by_tests() -> None:
    (stopped,) = re.findall(r"## Who is stopped\n(.*?)\n## ", text_of("SECURITY.md"), flags=re.DOTALL)

    assert len(set(re.findall(r"`(test_\w+)`", stopped)) & names_of_tests()) > 15
