"""What the README shows is what happens."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from toolkit.plans.catalogue import CHECKS
from toolkit.plans.policy import load_policy
from toolkit.plans.practices import PRACTICES

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_the_python_in_the_readme_runs_and_sends_once(capsys: pytest.CaptureFixture[str]) -> None:
    code = "\n".join(re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL))

    first, second = {}, {}  # type: ignore[var-annotated]
    for names in (first, second):
        exec(compile(code, "README.md", "exec"), names)

    assert first["receipt"].campaign_id == second["receipt"].campaign_id
    assert (first["receipt"].repeated, second["receipt"].repeated) == (False, True)
    assert len(second["ws"].logs(second["receipt"].campaign_id)) == second["plan"].recipients
    assert "embedded workspace: invented people" in capsys.readouterr().out
    for names in (first, second):
        names["ws"].close()


def test_the_variables_in_the_readme_are_those_that_are_read() -> None:
    root = Path(__file__).parent.parent
    sources = ("toolkit/settings.py", "mcp_server/guard/options.py", "mcp_server/guard/access.py")
    source = "".join((root / name).read_text(encoding="utf-8") for name in sources)
    rows = "\n".join(line.split("|")[1] for line in README.splitlines() if line.startswith("| `SEAX_"))

    assert set(re.findall(r"`(SEAX_\w+)`", rows)) == set(re.findall(r'(?:get\(|env, )"(SEAX_\w+)"', source))


def test_the_output_in_the_readme_is_of_the_count_that_make_passes() -> None:
    count = runpy.run_path(str(Path(__file__).parent.parent / "tasks.py"))["RECIPIENTS"]

    assert f"{int(count):,} planned" in README


def test_the_best_practices_in_the_readme_are_those_that_plans_are_held_to() -> None:
    rows = [
        re.split(r" *\| *", line.strip("| ")) for line in README.splitlines() if re.search(r"\| [A-Z]{3}\d{3}", line)
    ]
    told = {name: tuple(codes.split(", ")) for name, codes, _ in rows}

    assert told == {practice.name: practice.codes for practice in PRACTICES if practice.codes}
    assert {code for practice in PRACTICES for code in practice.codes} <= set(CHECKS)
    assert all(practice.unasked in README for practice in PRACTICES)


def test_the_policy_in_the_readme_is_read(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL)
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")

    assert load_policy(path).senders == ("Marketing Line",)


def test_the_tests_that_the_readme_names_are_there() -> None:
    folder = Path(__file__).parent
    written = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("test_*.py"))
    (stopped,) = re.findall(r"## Who this stops\n(.*?)\n## ", README, flags=re.DOTALL)
    named = set(re.findall(r"`(test_\w+)`", stopped))

    assert len(named) > 15
    assert [name for name in sorted(named) if f"def {name}(" not in written] == []
