"""The terminal, one module for each noun of its commands; `app` puts them together, `terminal` is who sits there."""

from toolkit.cli.app import main

__all__ = ["main"]
