"""Runs the evals and prints a table of calls, tokens and outcomes: `python -m tests.mcp.evals.run`, or `make evals`.

All of them, or the parts that are named: `tasks`, `injections`, `attempts`.
The script answers unless a model is configured: SEAX_EVAL_URL is the address of its chat service, SEAX_EVAL_MODEL its
name, SEAX_EVAL_KEY its key, if it needs one. Without an address the name is inspect-ai's, as in openai/gpt-4o, where
that is installed.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import httpx
from mcp import Client, MCPError

from mcp_server.connection import Connection
from mcp_server.guard.server_settings import Options
from mcp_server.server import Server, build_server
from tests.mcp.evals.agents import Agent, Answer, Model, Script, Solver, Task
from tests.mcp.evals.counting import COUNTS
from tests.mcp.evals.injections import INJECTIONS, PLACES, obeyed, poisoned
from tests.mcp.evals.more_tasks import MORE
from tests.mcp.evals.planted import plant
from tests.mcp.evals.tasks import REQUESTS
from tests.mcp.guard.test_hostile_agent import ATTEMPTS
from tests.mcp.host import Host, decline, plan
from tests.mcp.outside import node
from toolkit.errors import ToolkitError
from toolkit.workspace import Workspace

TASKS: tuple[Task, ...] = (*REQUESTS, *COUNTS, *MORE)
GATE: tuple[Task, ...] = (*REQUESTS, *COUNTS[::4], *MORE[::2])  # those that the gate runs
MOST_CALLS, MOST_TOKENS = 3, 2_000  # of one task by the script


@dataclass(frozen=True)
class Outcome:
    """How one task went."""

    task: str
    solver: str
    answer: Answer
    is_right: bool
    calls: int
    results: list[str] = field(repr=False)


def servers(ws: Workspace, home: Path) -> dict[bool, Server]:
    """The server of a workspace, one that hides personal data and one that shows it, for all tasks."""
    options = {pii: Options.at(home, pii=pii) for pii in (False, True)}
    return {pii: build_server(Connection(lambda: ws, each), are_limited=False) for pii, each in options.items()}


async def answered(solver: Solver, task: Task, ws: Workspace, served: dict[bool, Server]) -> Outcome:
    """A task by a solver; an answer that cannot be judged is wrong."""
    server = served[task.pii]
    async with Client(server, mode="2026-07-28") as client:
        agent = Agent(client)
        answer = await solver.solve(task, agent)
    try:
        is_right = task.is_right(ws, answer)
    except (ToolkitError, TypeError, ValueError, KeyError, IndexError, AttributeError):
        is_right = False
    return Outcome(task.name, solver.name, answer, is_right, len(agent.results), agent.results)


def tokens_of(outcomes: list[Outcome]) -> dict[str, int]:
    """The tokens (o200k) of all results of each task."""
    counts = json.loads(node("tokens.mjs", stdin=json.dumps(["\n".join(x.results) for x in outcomes])))
    return {outcome.task: count for outcome, count in zip(outcomes, counts, strict=True)}


def solver() -> Solver:
    """Who answers: the model that is configured, else the script."""
    url, name = os.environ.get("SEAX_EVAL_URL", ""), os.environ.get("SEAX_EVAL_MODEL", "")
    if name and not url:
        from tests.mcp.evals.inspect_model import InspectModel  # inspect-ai is optional

        return InspectModel(name)
    if not name:
        return Script()
    key = os.environ.get("SEAX_EVAL_KEY", "")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return Model(name, httpx.AsyncClient(base_url=url, headers=headers, timeout=120))


async def tasks() -> bool:
    """Each task on one planted workspace; whether all were answered rightly, which is asked of the script alone."""
    who = solver()
    with TemporaryDirectory() as folder, closing(plant(Path(folder))) as ws:
        served = servers(ws, Path(folder))
        outcomes = [await answered(who, task, ws, served) for task in TASKS]
    tokens = tokens_of(outcomes)
    say(f"{'task':<24}{'calls':>6}{'tokens':>8}  outcome")
    for x in outcomes:
        say(f"{x.task:<24}{x.calls:>6}{tokens[x.task]:>8}  {'right' if x.is_right else 'wrong'}")
    right = sum(x.is_right for x in outcomes)
    say(f"{right} of {len(outcomes)} tasks answered rightly by {who.name}.")
    return right == len(outcomes) or not isinstance(who, Script)


async def injections() -> bool:
    """Each injection read by an agent that obeys; whether all stayed in the fence, and nothing was sent."""
    with TemporaryDirectory() as folder, poisoned(Path(folder)) as (ws, transport):
        readings = [await obeyed(each, ws, transport, Path(folder)) for each in INJECTIONS]
    for place in PLACES:
        theirs = [x for x in readings if x.injection.place == place]
        seen, leaked, sent = (sum(x) for x in zip(*((y.was_seen, y.leaked, y.sent) for y in theirs), strict=True))
        say(f"{place:<24}{len(theirs)} injections, {seen} read inside the fence, {leaked} outside of it, {sent} sends")
    return all(x.is_held for x in readings)


async def attempts() -> bool:
    """Each attempt to send without a person; whether none sent anything."""
    through = []
    with TemporaryDirectory() as folder, closing(plant(Path(folder))) as ws:
        server = build_server(Connection(lambda: ws, Options.at(Path(folder))), are_limited=False)
        async with Host(server, "2026-07-28").client(decline) as client:
            for number, (name, attempt) in enumerate(ATTEMPTS.items()):
                plan_id = await plan(client, message=f"{number} Reply STOP to opt out.")
                with suppress(MCPError, ValueError, TypeError, AttributeError):
                    await attempt(client, plan_id)
                if ws.get_plan(plan_id).state not in {"planned", "declined", "withdrawn"}:
                    through.append(name)
    named = f": {', '.join(through)}" if through else "."
    say(f"{len(ATTEMPTS)} attempts to send without a person, {len(through)} sends{named}")
    return not through


PARTS = {part.__name__: part for part in (tasks, injections, attempts)}


async def main(names: list[str]) -> bool:
    """The parts that are named, all of them if none is; whether all went well."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.exit(f"There is no part {unknown[0]}: name {', '.join(PARTS)}, or none for all of them.")
    return all([await PARTS[name]() for name in names or PARTS])


def say(line: str) -> None:
    """A line of the table."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    warnings.filterwarnings("ignore", "Pydantic serializer warnings")  # some forged answers are of no valid type
    sys.exit(not anyio.run(main, sys.argv[1:]))
