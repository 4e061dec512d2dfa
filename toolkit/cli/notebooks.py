"""The notebooks of this package: copied to a folder, and opened there."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from toolkit.cli.terminal import say
from toolkit.errors import SettingsError

FOLDER = "seax-notebooks"
_PACKED = Path(__file__).parents[1] / "notebooks"  # in an installed package
_SOURCE = Path(__file__).parents[2] / "notebooks"  # in the repository


def copy(
    folder: Annotated[Path, typer.Argument(help="Where to copy them; created if it does not exist.")] = Path(FOLDER),
) -> None:
    """Copy the executed notebooks into a folder. Existing files are not changed."""
    copied, kept = bring(folder)
    stays = f" {_were(len(kept))}." if kept else ""
    new = "1 notebook" if len(copied) == 1 else f"{len(copied)} notebooks"
    say(f"{new} copied to {folder}.{stays} `seax lab {_quoted(folder)}` opens them.")


def lab(
    folder: Annotated[Path, typer.Argument(help="The folder of notebooks; created if it does not exist.")] = Path(
        FOLDER
    ),
) -> None:
    """Open the notebooks in JupyterLab, until Ctrl+C."""
    if find_spec("jupyterlab") is None:
        raise SettingsError("JupyterLab is not installed: install the package with [notebook] added to its name.")
    if not folder.exists():
        copy(folder)
    import subprocess

    raise typer.Exit(subprocess.run([sys.executable, "-m", "jupyterlab", str(folder)], check=False).returncode)


def bring(folder: Path) -> tuple[list[Path], list[Path]]:
    """Copy the missing ones; the files copied, and those that existed. SettingsError if it fails."""
    source = _PACKED if _PACKED.is_dir() else _SOURCE
    names = sorted(path.name for path in source.glob("*.ipynb"))
    if not names:
        raise SettingsError("No notebooks come with this installation: install the wheel, or use the repository.")
    copied, kept = [], []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            try:
                with (source / name).open("rb") as packed, (folder / name).open("xb") as new:
                    shutil.copyfileobj(packed, new)
            except FileExistsError:
                kept.append(folder / name)
            else:
                copied.append(folder / name)
    except OSError as error:
        raise SettingsError(
            f"The notebooks cannot be copied to {folder} ({error.strerror}): choose a folder you can write."
        ) from error
    return copied, kept


def _quoted(path: Path) -> str:
    return f'"{path}"' if " " in str(path) else str(path)


def _were(count: int) -> str:
    one = "1 already existed and was not changed"
    return one if count == 1 else f"{count} already existed and were not changed"
