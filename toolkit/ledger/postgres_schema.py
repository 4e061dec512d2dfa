"""The tables, triggers and roles of a team's ledger in PostgreSQL: those of the file, and lines no login crosses.

Logins get what they may do from three roles. A planner records plans and closes them; a sender claims and settles what
was approved; an approver alone writes approvals, each under the login that wrote it. Nobody updates or deletes an
event or an approval, and nobody deletes a plan. The owner of the tables can change all of this: nobody works as it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from toolkit.ledger.store import TABLES
from toolkit.plans.states import PLAN_MOVES, STEP_MOVES, State, StepState, allowed_moves

VERSION = 1
PLANNER, SENDER, APPROVER = ROLES = ("seax_planner", "seax_sender", "seax_approver")
_ALL = ", ".join(ROLES)
_ROW, _STATEMENT = "FOR EACH ROW", "FOR EACH STATEMENT"
_TYPES = {"TEXT": 'TEXT COLLATE "C"', "BLOB": "BYTEA", "STRICT": ""}  # as SQLite compares texts


def _trigger(name: str, event: str, body: str, each: str = _ROW) -> str:
    """A trigger and its function; `body` raises what it refuses."""
    return f"""
CREATE FUNCTION seax.{name}() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    {body}
    RETURN NEW;
END $body$;
CREATE TRIGGER {name} BEFORE {event} {each} EXECUTE FUNCTION seax.{name}();
"""


def _refused(condition: str, words: str, code: str = "integrity_constraint_violation") -> str:
    return f"IF {condition} THEN RAISE EXCEPTION '{words}' USING ERRCODE = '{code}'; END IF;"


def _guard(table: str, moves: Mapping[State, Collection[State]] | Mapping[StepState, Collection[StepState]]) -> str:
    first = next(iter(moves))
    move = _refused(f"NEW.state <> OLD.state AND NOT ({allowed_moves(moves)})", "this change of state is not allowed")
    begin = _refused(f"NEW.state <> '{first}'", "this is not a first state")
    return _trigger(f"{table}_move", f"UPDATE ON seax.{table}", move) + _trigger(
        f"{table}_begin", f"INSERT ON seax.{table}", begin
    )


def _kept(table: str, events: str) -> str:
    words = "events are only added" if table == "events" else "rows are never changed or deleted"
    return _trigger(f"{table}_stay", f"{events} ON seax.{table}", _refused("true", words), _STATEMENT)


# Both lines are crossed by no login without the role; a plan stands approved or goes out on a written approval alone.
_LINES = _trigger(
    "plans_need_approval",
    "UPDATE ON seax.plans",
    _refused(
        "NEW.state IN ('approved', 'sending') AND NOT EXISTS "
        "(SELECT FROM approvals WHERE plan_id = NEW.id AND digest = NEW.digest)",
        "nobody approved this plan",
    )
    + _refused(
        "NEW.state <> OLD.state AND 'sending' IN (OLD.state, NEW.state) "
        f"AND NOT pg_has_role(current_user, '{SENDER}', 'usage')",
        "only a sender sends",
        "insufficient_privilege",
    ),
) + _trigger(
    "events_follow",
    "INSERT ON seax.events",
    _refused("NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events)", "an event follows the last one"),
)

_GRANTS = f"""
GRANT USAGE ON SCHEMA seax TO {_ALL};
GRANT SELECT ON ALL TABLES IN SCHEMA seax TO {_ALL};
GRANT INSERT ON seax.plans, seax.steps TO {PLANNER};
GRANT UPDATE (state) ON seax.plans TO {_ALL};
GRANT UPDATE (state, claimed_at, leaves_at, receipt) ON seax.steps TO {SENDER};
GRANT INSERT ON seax.events TO {_ALL};
GRANT INSERT (id, plan_id, digest, body) ON seax.approvals TO {APPROVER};
ALTER TABLE seax.approvals ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody_reads ON seax.approvals FOR SELECT USING (true);
CREATE POLICY own_login ON seax.approvals FOR INSERT TO {APPROVER} WITH CHECK (login = session_user);
ALTER TABLE seax.events ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody_reads ON seax.events FOR SELECT USING (true);
CREATE POLICY planned ON seax.events FOR INSERT TO {PLANNER}
    WITH CHECK (event IN ('planned', 'declined', 'withdrawn', 'expired'));
CREATE POLICY sent ON seax.events FOR INSERT TO {SENDER} WITH CHECK (event NOT IN ('planned', 'approved'));
CREATE POLICY approved ON seax.events FOR INSERT TO {APPROVER}
    WITH CHECK (event IN ('approved', 'declined', 'withdrawn', 'expired'));
"""


def _tables() -> str:
    tables = TABLES
    for ours, theirs in _TYPES.items():
        tables = tables.replace(ours, theirs)
    return tables


SCHEMA = f"""
CREATE SCHEMA seax;
SET LOCAL search_path TO seax, pg_temp;
CREATE TABLE ledger (version INTEGER NOT NULL, key BYTEA NOT NULL, made_at TIMESTAMPTZ NOT NULL DEFAULT now());
{_tables()}
ALTER TABLE approvals ADD COLUMN rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN login NAME NOT NULL DEFAULT session_user, ADD COLUMN at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp();
CREATE FUNCTION json_extract(document TEXT, path TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT CASE jsonb_typeof(found) WHEN 'boolean' THEN (found::boolean)::integer::text ELSE found #>> '{{}}' END
    FROM jsonb_path_query_first(document::jsonb, path::jsonpath) AS found
$body$;
{_guard("plans", PLAN_MOVES)}
{_guard("steps", STEP_MOVES)}
{_kept("plans", "DELETE OR TRUNCATE")}
{_kept("steps", "DELETE OR TRUNCATE")}
{_kept("approvals", "UPDATE OR DELETE OR TRUNCATE")}
{_kept("events", "UPDATE OR DELETE OR TRUNCATE")}
{_kept("ledger", "UPDATE OR DELETE OR TRUNCATE")}
{_LINES}
{_GRANTS}
"""
CREATE_ROLES = "".join(
    f"""
DO $body$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} NOLOGIN; END IF;
END $body$;
"""
    for role in ROLES
)
