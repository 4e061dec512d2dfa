"""What is installed: the wheel has all that a user needs and nothing else, works in an empty folder, and is the same
whenever and wherever it is built.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import jupytext  # type: ignore[import-untyped]
import nbformat
import pytest
from mcp import StdioServerParameters

from tests.mcp.host import Host, ask, embedded

ROOT = Path(__file__).parent.parent
BUILD = [sys.executable, "-m", "hatchling", "build"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def built(source: Path, folder: Path) -> tuple[Path, Path]:
    """The wheel and the source archive."""
    subprocess.run([*BUILD, "-d", str(folder)], cwd=source, check=True, capture_output=True)
    (wheel,), (archive,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, archive


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return built(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def installed(dist: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of packages that an installer makes of the wheel, which nobody can write."""
    folder = tmp_path_factory.mktemp(os.fsdecode("site packages ü".encode()))
    with zipfile.ZipFile(dist[0]) as archive:
        archive.extractall(folder)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return folder


def environment(installed: Path, home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SEAX_")}
    return kept | {"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1", "SEAX_HOME": str(home)}


def seax(*words: str, installed: Path, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A command of the installed wheel, in an empty folder."""
    return subprocess.run(
        [sys.executable, "-m", "toolkit.cli", *words],
        cwd=folder,
        env=environment(installed, folder / "home") | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_wheel_holds_the_packages_and_the_notebooks_and_nothing_else(dist: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(dist[0]) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]

    packages = [name for name in tracked() if name.startswith(("toolkit/", "mcp_server/"))]
    notebooks = [f"toolkit/{name}" for name in tracked() if name.startswith("notebooks/") and name.endswith(".ipynb")]
    assert sorted(names) == sorted(packages + notebooks)
    assert len(notebooks) > 5


def test_the_source_archive_holds_what_is_kept_in_the_repository(dist: tuple[Path, Path]) -> None:
    with tarfile.open(dist[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert names - {"PKG-INFO"} == set(tracked())


def test_the_metadata_names_the_commands_and_what_is_needed(dist: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(dist[0]) as archive:
        said = {Path(name).name: archive.read(name).decode() for name in archive.namelist() if ".dist-info/" in name}

    assert all(f"{name} = {target}" in said["entry_points.txt"] for name, target in PROJECT["scripts"].items())
    assert f"Requires-Python: {PROJECT['requires-python']}" in said["METADATA"]
    assert sum("Requires-Dist: " in line and "extra ==" not in line for line in said["METADATA"].splitlines()) == len(
        PROJECT["dependencies"]
    )


def test_the_same_source_makes_the_same_wheel_and_archive_anywhere(dist: tuple[Path, Path], tmp_path: Path) -> None:
    copy = tmp_path / os.fsdecode("ein ü Pfad".encode())
    for name in tracked():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)  # with other times and rights
        (copy / name).chmod(0o755 if os.access(ROOT / name, os.X_OK) else 0o600)

    again = built(copy, tmp_path / "dist")

    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in dist]


def test_the_demo_runs_from_the_wheel_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    done = seax("demo", "--yes-recipients", "4113", installed=installed, folder=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "4,113 planned" in done.stdout
    assert not re.search(r"\bmake (?:demo|lab|page|test)\b", done.stdout)  # there is no Makefile


POOR: list[Mapping[str, str]] = [
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONIOENCODING": "cp1252:strict"},  # as a pipe on Windows has it
]


@pytest.mark.parametrize("poor", POOR)
def test_the_demo_runs_where_text_is_not_utf_8(installed: Path, tmp_path: Path, poor: Mapping[str, str]) -> None:
    python = sys._base_executable  # one of an environment reads where this repository is, in ASCII then
    paths = os.pathsep.join([str(installed), sysconfig.get_path("purelib")])
    done = subprocess.run(
        [python, "-m", "toolkit.cli", "demo", "--yes-recipients", "4113"],
        cwd=tmp_path,
        env=environment(installed, tmp_path / "home") | poor | {"PYTHONPATH": paths},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"4,113 planned" in done.stdout


def test_the_notebooks_come_along_and_run(installed: Path, tmp_path: Path) -> None:
    done = seax("notebooks", "mine", installed=installed, folder=tmp_path)
    again = seax("notebooks", "mine", installed=installed, folder=tmp_path)

    found = sorted(path.name for path in (tmp_path / "mine").iterdir())
    assert done.returncode == 0, done.stderr
    assert found == sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert f"{len(found)} already existed" in again.stdout
    notebook = tmp_path / "mine" / "03_segments_and_audiences.ipynb"
    run = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", notebook.name, "--output", "run.ipynb"]
    subprocess.run(
        run, cwd=notebook.parent, env=environment(installed, tmp_path / "home"), check=True, capture_output=True
    )
    cells = [cell for cell in nbformat.read(notebook.with_name("run.ipynb"), as_version=4).cells if "outputs" in cell]
    assert len(cells) == len([cell for cell in jupytext.read(notebook).cells if cell.cell_type == "code"])
    assert all(output.output_type != "error" for cell in cells for output in cell.outputs)


def test_a_notebook_that_somebody_changed_stays_as_it_is(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "01_quickstart.ipynb").write_text("mine", encoding="utf-8")

    done = seax("notebooks", "mine", installed=installed, folder=tmp_path)

    assert "1 already existed and was not changed" in " ".join(done.stdout.split())
    assert (tmp_path / "mine" / "01_quickstart.ipynb").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_made_is_one_sentence(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    done = seax("notebooks", "file/mine", installed=installed, folder=tmp_path)

    assert (done.returncode, "choose a folder you can write" in " ".join(done.stderr.split())) == (2, True)


@pytest.mark.anyio
async def test_the_server_of_the_wheel_answers(installed: Path, tmp_path: Path) -> None:
    home = embedded(tmp_path)
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "mcp_server"], cwd=tmp_path, env=environment(installed, home)
    )

    async with Host(command, "2026-07-28").client() as client:
        status = await ask(client, "get_status")

    assert (status["live"], status["contacts"]) == (False, 300)
