"""`python -m toolkit.cli` is `seax`, where no folder of commands is on the path."""

from toolkit.cli.app import main

main()
