"""Pictures of the widgets: `python -m tests.browser.screens FOLDER [host…] [theme…] [scenes…]`; without words, all."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.browser.screens.hosts import HOSTS, MARIMO, NO_MARIMO
from tests.browser.screens.scenes import OF_MARIMO, SCENES
from tests.browser.screens.stage import Stage, made_home

THEMES = ("light", "dark")


def main(folder: str, *words: str) -> None:
    """Take all pictures, or those of some hosts, themes and sets of scenes."""
    known = dict.fromkeys((*HOSTS, *THEMES, *SCENES, *OF_MARIMO))
    if unknown := {*words} - known.keys():
        sys.exit(f"Unknown: {', '.join(unknown)}. Known: {', '.join(known)}.")
    hosts, themes, scenes = (
        [name for name in those if name in words] or [*those] for those in (HOSTS, THEMES, OF_MARIMO | SCENES)
    )
    with tempfile.TemporaryDirectory() as scratch:
        template = made_home(Path(scratch) / "made")
        for name in hosts:
            if name == "marimo" and not MARIMO.exists():
                print(NO_MARIMO)  # noqa: T201 — for whoever looks
                continue
            place = Path(scratch) / name
            place.mkdir()
            with HOSTS[name](place) as host:
                for shown in [themes] if host.restyles else [[theme] for theme in themes]:
                    stage = Stage(host, Path(folder) / name, shown, template)
                    for scene, play in (OF_MARIMO if name == "marimo" else SCENES).items():
                        if scene in scenes:
                            play(stage)


if __name__ == "__main__":
    main(*sys.argv[1:])
