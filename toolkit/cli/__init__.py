"""The terminal, one module per noun of its commands; `app` combines them, `terminal` reads and prints."""

from toolkit.cli.app import main

__all__ = ["main"]
