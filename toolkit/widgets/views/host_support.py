"""Where widgets run. Jupyter, Voilà and VS Code run them; marimo shows what a widget holds and does not run it."""

from __future__ import annotations

import sys

from toolkit.display import Section


def titled(title: str, use: str) -> str:
    """The title of what is shown without a widget, and how to come to the widget: `use` is as in "follow it"."""
    return f"{title} ({'open it in Jupyter' if is_marimo() else 'run the cell'} to {use})"


def elsewhere(use: str) -> list[Section]:
    """The notice above the rest where a widget does not run; nothing where it does."""
    return [Section(f"marimo does not run this widget: open it in Jupyter to {use}", [])] if is_marimo() else []


def is_marimo() -> bool:
    """This is a notebook of marimo."""
    marimo = sys.modules.get("marimo")
    return marimo is not None and bool(marimo.running_in_notebook())
