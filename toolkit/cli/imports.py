"""The terminal's import: a file is planned, shown, approved by the person there, uploaded once and followed.

It decides nothing: the workspace plans, asks and sends. Heavy modules are imported by the command that needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.cli.terminal import AsJson, connected, console, say, say_json
from toolkit.errors import DraftError, NotSupported, SettingsError, ToolkitError
from toolkit.platform_support import user_name

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from toolkit.models import Job
    from toolkit.plans.draft import ImportDraft
    from toolkit.plans.plan import Plan
    from toolkit.workspace import Workspace


def import_file(
    file: Annotated[Path, typer.Argument(help="The file of contacts: CSV, as any program writes it.")],
    name: Annotated[
        str | None,
        typer.Option(help="Its name; by default the file's. A file is imported once per name."),
    ] = None,
    on_duplicate: Annotated[
        str,
        typer.Option(help="Rows whose phone exists already: mark, skip or update; or mark, merge or replace."),
    ] = "mark",
    phone_country: Annotated[
        str | None, typer.Option(help="Country of phones without a country code, such as US or GB.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="THEIRS=OURS",
            help="What a column becomes, such as 'Mobile=phone': name, phone, whatsapp, labels, opted out, opted in, "
            "ignore, or a contact field. May be given several times.",
        ),
    ] = None,
    separator: Annotated[str | None, typer.Option(help="The character between cells, or tab.")] = None,
    encoding: Annotated[str | None, typer.Option(help="The file's encoding, such as utf-8 or cp1252.")] = None,
    refused: Annotated[
        Path | None, typer.Option(help="Where to write the rows that the service refuses; by default beside the file.")
    ] = None,
) -> None:
    """Import a file of contacts, once you approved its plan.

    You see its plan, type its number of rows, and get the refused rows as CSV.
    """
    from toolkit.plans.draft import ImportDraft

    said: dict[str, Any] = {
        "name": file.stem if name is None else name,
        "path": file.absolute(),
        "on_duplicate": on_duplicate,
        "phone_country": phone_country,
        "mapping": dict(_mapped(each) for each in column or ()),
        "separator": separator,
        "encoding": encoding,
    }
    try:
        draft = ImportDraft(**{option: value for option, value in said.items() if value})
    except DraftError as error:
        raise SettingsError(f"{error} Nothing was done.") from error
    with connected() as ws:
        _import(ws, draft, refused)


def follow_job(
    job_id: Annotated[str, typer.Argument(help="The job's id, from the receipt of an import.")],
    refused: Annotated[Path | None, typer.Option(help="Where to write the rows that the service refused.")] = None,
    as_json: AsJson = False,
) -> None:
    """Follow an import to its counts and refused rows.

    The reason of each refused row is shown; status 1 if it failed.
    """
    _check_free(refused)
    with connected() as ws:
        if not as_json:
            _follow(ws, job_id, lambda: refused)
            return
        *_, job = ws.imports.follow(job_id)
        if refused and job.errors:
            _write_refused(ws, job_id, refused)
    say_json(job.model_dump(mode="json"))
    if job.status == "failed":
        raise typer.Exit(1)


def take_label_away(
    label: Annotated[str, typer.Argument(help="The label, by name or id: one that ws.imports.label made.")],
    name: Annotated[str | None, typer.Option(help="The plan's name; to remove a label once more, another.")] = None,
) -> None:
    """Remove a label that was made for a campaign's recipients, once you approved its plan.

    You see its plan and type its number of contacts; then the contacts are read back.
    """
    from toolkit.plans.draft import LabelRemovalDraft

    with connected() as ws:
        plan = ws.plan(LabelRemovalDraft(name=name or f"Remove {label}"[:200], label=label))
        say(str(plan))
        if not plan.already_sent:
            ws.ledger.open_plan(plan.id)
            with _stopped("Stopped. Nothing was removed."):
                ws.approvals.ask_at_terminal(plan.id, by=user_name(), ask=_typed_contacts)
        say(f"\n{ws.send(ws.approvals.latest(plan.id))}")
        check = ws.imports.check_removal(plan.id)
    say(str(check))
    if not check.is_exact:
        raise typer.Exit(1)


def watch(where: Console, ws: Workspace, job_id: str) -> Job:
    """Follow a job with a bar until it has finished."""
    with progress_bar(where) as progress:
        bar = progress.add_task("importing", total=None)
        for job in ws.imports.follow(job_id, every=0.1):
            progress.update(bar, total=job.total or None, completed=job.processed)
    return job


def progress_bar(where: Console) -> Progress:
    """A bar with its counts and the elapsed time."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=where
    )


def _import(ws: Workspace, draft: ImportDraft, refused: Path | None) -> None:
    """From the plan to the refused rows; a file imported before is not uploaded again, its job is shown."""
    _check_free(refused)
    with _stopped("Stopped. Nothing was uploaded."):
        plan = ws.plan(draft)
    say(str(plan))
    if not plan.already_sent:
        ws.ledger.open_plan(plan.id)  # a block is reported before anybody is asked
        _ask(ws, plan)
    with _stopped(f"Stopped during the upload: `seax events {plan.id}` shows whether it was sent."):
        receipt = ws.send(ws.approvals.latest(plan.id))
    say(f"\n{receipt}")
    if receipt.job_id is not None:
        _follow(ws, receipt.job_id, lambda: refused or _beside(draft.path))


def _ask(ws: Workspace, plan: Plan) -> None:
    stays = f"The plan stays open until {plan.expires_at:%H:%M} UTC: `seax approve {plan.id}` approves it."
    with _stopped(f"Stopped. Nothing was uploaded. {stays}"):
        ws.approvals.ask_at_terminal(plan.id, by=user_name(), ask=_typed_rows)


def _typed_rows() -> str:
    return str(typer.prompt("\nType the number of rows to import; anything else cancels"))


def _typed_contacts() -> str:
    return str(typer.prompt("\nType the number of contacts to take the label from; anything else cancels"))


def _follow(ws: Workspace, job_id: str, refused: Callable[[], Path | None]) -> None:
    """Show a job's progress until it has finished, then its refused rows and why; write those rows to a file."""
    from toolkit.display import number_of

    try:
        with _stopped(f"The service continues by itself: `seax job {job_id}` shows the progress."):
            job = watch(console, ws, job_id)
    except NotSupported as error:
        say(str(error))
        return
    from toolkit.display import as_text

    say(as_text(job.describe()))
    if job.errors and (place := refused()):
        path, rows = _write_refused(ws, job_id, place)
        say(f"\n{number_of(rows, 'refused row')} written to {path}: correct them there, then `seax import {path}`.")
    elif job.errors:
        say(f"\n`seax job {job_id} --refused FILE` writes the refused rows, to be corrected and imported again.")
    if job.status == "failed":
        raise typer.Exit(1)


def _write_refused(ws: Workspace, job_id: str, place: Path) -> tuple[Path, int]:
    """Where the rows that the service refused are, and how many they are."""
    from toolkit.data.export import to_csv

    rows = ws.imports.refused_rows(job_id)
    return to_csv(rows, place), len(rows)


@contextmanager
def _stopped(words: str) -> Iterator[None]:
    """Print this if the person presses Ctrl+C meanwhile."""
    try:
        yield
    except (KeyboardInterrupt, typer.Abort) as stop:
        raise ToolkitError(words) from stop


def _mapped(pair: str) -> tuple[str, str]:
    theirs, equals, ours = pair.rpartition("=")
    if not equals or not theirs.strip() or not ours.strip():
        raise SettingsError(f"--map {pair!r} is not THEIRS=OURS, such as 'Mobile=phone'. Nothing was done.")
    return theirs.strip(), ours.strip()


def _check_free(path: Path | None) -> None:
    if path is not None and path.exists():
        raise SettingsError(f"The file {path} already exists: choose another with --refused. Nothing was done.")


def _beside(path: Path) -> Path:
    """An unused name for the refused rows, beside the file."""
    names = (f"{path.stem}-refused{at}.csv" for at in ["", *(f"-{n}" for n in range(2, 1_000))])
    return next(place for name in names if not (place := path.with_name(name)).exists())
