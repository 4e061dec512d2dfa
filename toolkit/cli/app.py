"""The terminal: import a file, show plans, approve or sign them, stop sending, audit the ledger, serve the sandbox.

Commands show and ask; their work is done in `toolkit.workspace`. Heavy modules, rich among them, are imported by the
command that needs them.
"""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from toolkit.cli import doctor, halt, imports, kept, notebooks, plans, replies, reports
from toolkit.cli.approvers import approver_app
from toolkit.cli.audit import audit_app
from toolkit.cli.hosts import mcp_app
from toolkit.cli.ledger import ledger_app
from toolkit.cli.rules import rules
from toolkit.cli.sandbox import sandbox_app
from toolkit.cli.terminal import console, say_error, typed_count
from toolkit.errors import SendRefused, SettingsError, ToolkitError

_STATUS = (
    "Exit status: 0 done, or nothing wrong was found; 1 refused or not done, with the reason on stderr; "
    "2 the command or a setting is wrong; 130 stopped by Ctrl+C. NO_COLOR=1 turns colours off."
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help and errors: they read well in any terminal and pipe, and load half as much
    help=(__doc__ or "").partition("\n")[0],
    epilog=_STATUS,
)


@app.command()
def demo(
    yes_recipients: Annotated[
        int | None, typer.Option(help="The number of recipients you approve, where no terminal can ask.")
    ] = None,
) -> None:
    """Import, plan, approve and send on a temporary workspace. It is embedded: its people are invented."""
    from toolkit.cli.demo import run

    run(console, recipients=yes_recipients, ask=typed_count)


app.add_typer(sandbox_app, name="sandbox")
app.command("notebooks")(notebooks.copy)
app.command("lab")(notebooks.lab)
app.command("import")(imports.import_file)
app.command("remove-label")(imports.take_label_away)
app.command("job")(imports.follow_job)
for command in (plans.plans, plans.inbox, plans.approve, plans.send, plans.withdraw, plans.events, plans.reconcile):
    app.command()(command)
app.add_typer(approver_app, name="approver")
app.add_typer(audit_app, name="audit")
app.add_typer(ledger_app, name="ledger")
app.command()(kept.drafts)
app.command()(kept.segments)
app.command()(reports.memo)
app.command()(reports.report)
app.command()(replies.replies)
app.command()(halt.halt)
app.command()(halt.cancel)
app.command()(halt.resume)
app.command()(rules)
app.add_typer(mcp_app, name="mcp")
app.command("doctor")(doctor.examine)


def main() -> None:
    """Run a command; an error is one sentence."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without emoji shows their code points
    try:
        app()
    except SendRefused as refusal:
        sys.exit(say_error(refusal, 1))
    except ToolkitError as error:
        sys.exit(say_error(error, 2 if isinstance(error, SettingsError) else 1))
