"""The tables, triggers and roles of a team's ledger in PostgreSQL: those of the file, and lines no login crosses.

Logins get what they may do from three roles. A planner records plans and closes them; a sender claims and settles what
was approved; an approver alone writes approvals, each under the login that wrote it. Nobody updates or deletes an
event or an approval, and nobody deletes a plan. The owner of the tables can change all of this: nobody works as it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from toolkit.ledger import claimed_people
from toolkit.ledger.store import ADD_DERIVED, TABLES
from toolkit.plans.states import PLAN_MOVES, STEP_MOVES, State, StepState, allowed_moves

VERSION = 5
CHANNEL = "seax_events"
PLANNER, SENDER, APPROVER = ROLES = ("seax_planner", "seax_sender", "seax_approver")
_ALL = ", ".join(ROLES)
_ROW, _STATEMENT = "FOR EACH ROW", "FOR EACH STATEMENT"
_TYPES = {"TEXT": 'TEXT COLLATE "C"', "BLOB": "BYTEA", "STRICT, WITHOUT ROWID": "", "STRICT": "", "VIRTUAL": "STORED"}
# Texts are compared as SQLite does.


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


def _at_commit(table: str, events: str, condition: str, words: str) -> str:
    """A trigger that refuses a transaction at its end, if what it did to a row holds `condition` then."""
    name = f"{table}_agree"
    return f"""
CREATE FUNCTION seax.{name}() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    {_refused(condition, words)}
    RETURN NULL;
END $body$;
CREATE CONSTRAINT TRIGGER {name} AFTER {events} ON seax.{table} DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION seax.{name}();
"""


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
)
# The seal of `toolkit.ledger.chain`, over the same text: HMAC-SHA256 of a list in JSON that is all ASCII.
_IN_JSON = """
CREATE OR REPLACE FUNCTION seax.in_json(words TEXT) RETURNS TEXT LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path = pg_catalog AS $body$
BEGIN
    IF octet_length(words) = length(words) AND strpos(words, chr(127)) = 0 THEN RETURN to_json(words)::text; END IF;
    RETURN (SELECT '"' || coalesce(string_agg(CASE
        WHEN code < 127 THEN substr(to_json(letter)::text, 2, length(to_json(letter)::text) - 2)
        WHEN code < 65536 THEN '\\u' || lpad(to_hex(code), 4, '0')
        ELSE '\\u' || to_hex(55296 + ((code - 65536) >> 10)) || '\\u' || to_hex(56320 + ((code - 65536) & 1023))
        END, '' ORDER BY place), '') || '"'
    FROM string_to_table(words, NULL) WITH ORDINALITY AS each(letter, place), LATERAL ascii(letter) AS code);
END $body$;
"""
_SEALS = f"""
{_IN_JSON}
CREATE FUNCTION seax.hmac_sha256(key BYTEA, message BYTEA) RETURNS TEXT LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path = pg_catalog AS $body$
DECLARE
    padded BYTEA := CASE WHEN length(key) > 64 THEN sha256(key) ELSE key END;
    inner_pad BYTEA := decode(repeat('36', 64), 'hex');
    outer_pad BYTEA := decode(repeat('5c', 64), 'hex');
BEGIN
    FOR place IN 0..length(padded) - 1 LOOP
        inner_pad := set_byte(inner_pad, place, get_byte(padded, place) # 54);
        outer_pad := set_byte(outer_pad, place, get_byte(padded, place) # 92);
    END LOOP;
    RETURN encode(sha256(outer_pad || sha256(inner_pad || message)), 'hex');
END $body$;
"""
# An event takes its number and its seal from the database, and says of its plan what is so when it is committed.
_EVENTS = (
    _trigger(
        "events_sealed",
        "INSERT ON seax.events",
        """PERFORM pg_advisory_xact_lock(8453);
    SELECT coalesce(max(seq), 0) + 1 INTO NEW.seq FROM events;
    NEW.hash := hmac_sha256((SELECT key FROM ledger), convert_to('[' || concat_ws(', ',
        in_json(coalesce((SELECT hash FROM events WHERE seq = NEW.seq - 1), '')), NEW.seq, in_json(NEW.plan_id),
        coalesce(NEW.step::text, 'null'), in_json(NEW.at), in_json(NEW.event), in_json(NEW.state), in_json(NEW.who),
        in_json(NEW.via), in_json(NEW.digest), in_json(NEW.detail)) || ']', 'UTF8'));
    """
        + _refused(
            "NEW.plan_id <> '' AND NEW.state IS DISTINCT FROM (SELECT state FROM plans WHERE id = NEW.plan_id)",
            "an event gives the state that its plan has",
        ),
    )
    + _trigger(
        "plans_halted",
        "UPDATE ON seax.plans",
        _refused(
            "NEW.state = 'sending' AND OLD.state <> 'sending' AND 'halted' = (SELECT event FROM events "
            "WHERE event IN ('halted', 'resumed') ORDER BY seq DESC LIMIT 1)",
            "all sending is halted",
        ),
    )
    + _at_commit(
        "plans",
        "INSERT OR UPDATE",
        "(SELECT state FROM plans WHERE id = NEW.id) IS DISTINCT FROM "
        "(SELECT state FROM events WHERE plan_id = NEW.id ORDER BY seq DESC LIMIT 1)",
        "a plan changes with an event that says so",
    )
    + "".join(
        _at_commit(
            table,
            "INSERT",
            f"{only}(SELECT count(*) FROM approvals WHERE plan_id = NEW.plan_id) <> "
            "(SELECT count(*) FROM events WHERE plan_id = NEW.plan_id AND event = 'approved')",
            "an approval comes with one event that says so",
        )
        for table, only in (("approvals", ""), ("events", "NEW.event = 'approved' AND "))
    )
    + """
CREATE INDEX halts ON seax.events (seq) WHERE event IN ('halted', 'resumed');
ALTER TABLE seax.plans ADD CONSTRAINT plans_as_written CHECK
    (id IS NOT DISTINCT FROM seax.json_extract(body, '$.id')
    AND intent IS NOT DISTINCT FROM seax.json_extract(body, '$.intent'));
"""
)

# Who waits for news hears that there is an event, and nothing of it.
_TOLD = _trigger("events_told", "INSERT ON seax.events", f"NOTIFY {CHANNEL};", _STATEMENT)

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
"""
# Which events a login adds: whoever may do anything may halt all sending, and an approver alone resumes it.
_POLICIES = """
CREATE POLICY planned ON seax.events FOR INSERT TO seax_planner
    WITH CHECK (event IN ('planned', 'declined', 'withdrawn', 'expired', 'halted'));
CREATE POLICY sent ON seax.events FOR INSERT TO seax_sender
    WITH CHECK (event NOT IN ('planned', 'approved', 'resumed'));
CREATE POLICY approved ON seax.events FOR INSERT TO seax_approver
    WITH CHECK (event IN ('approved', 'declined', 'withdrawn', 'expired', 'halted', 'resumed'));
"""
# Whom claims reach: a sender writes that down, and deletes what is too old to count by the server's clock.
_CLAIMED_PEOPLE = """
GRANT SELECT ON seax.claimed_people TO seax_planner, seax_sender, seax_approver;
GRANT INSERT, DELETE ON seax.claimed_people TO seax_sender;
ALTER TABLE seax.claimed_people ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody_reads ON seax.claimed_people FOR SELECT USING (true);
CREATE POLICY claimed ON seax.claimed_people FOR INSERT TO seax_sender WITH CHECK (true);
CREATE POLICY too_old ON seax.claimed_people FOR DELETE TO seax_sender
    USING (day_and_contact < (now() AT TIME ZONE 'UTC' - INTERVAL '2 days')::date::text);
"""
# What a team keeps beside its ledger. It is replaced whole, so that each row has the login that wrote it last.
_KEPT_WORK = """
CREATE TABLE kept_work (
    kind TEXT COLLATE "C" NOT NULL, workspace TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL CHECK (json_typeof(body::json) = 'object'), login NAME NOT NULL DEFAULT session_user,
    PRIMARY KEY (kind, workspace, name)
);
GRANT SELECT ON seax.kept_work TO seax_planner, seax_sender, seax_approver;
GRANT INSERT (kind, workspace, name, body), DELETE ON seax.kept_work TO seax_planner;
"""


def _typed(sql: str) -> str:
    for ours, theirs in _TYPES.items():
        sql = sql.replace(ours, theirs)
    return sql


SCHEMA = f"""
CREATE SCHEMA seax;
SET LOCAL search_path TO seax, pg_temp;
CREATE TABLE ledger (version INTEGER NOT NULL, key BYTEA NOT NULL, made_at TIMESTAMPTZ NOT NULL DEFAULT now());
CREATE FUNCTION json_extract(document TEXT, path TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT CASE jsonb_typeof(found) WHEN 'boolean' THEN (found::boolean)::integer::text ELSE found #>> '{{}}' END
    FROM jsonb_path_query_first(document::jsonb, path::jsonpath) AS found
$body$;
{_typed(TABLES)}
ALTER TABLE approvals ADD COLUMN rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN login NAME NOT NULL DEFAULT session_user, ADD COLUMN at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp();
{_guard("plans", PLAN_MOVES)}
{_guard("steps", STEP_MOVES)}
{_kept("plans", "DELETE OR TRUNCATE")}
{_kept("steps", "DELETE OR TRUNCATE")}
{_kept("approvals", "UPDATE OR DELETE OR TRUNCATE")}
{_kept("events", "UPDATE OR DELETE OR TRUNCATE")}
{_kept("ledger", "UPDATE OR DELETE OR TRUNCATE")}
{_LINES}
{_SEALS}
{_EVENTS}
{_GRANTS}
{_POLICIES}
{_CLAIMED_PEOPLE}
{_TOLD}
{_KEPT_WORK}
"""
# What brings a ledger of that version to the next.
UPGRADES = {
    1: f"""
{_typed(ADD_DERIVED)}
DROP TRIGGER events_follow ON events;
DROP FUNCTION events_follow();
DROP POLICY planned ON events;
DROP POLICY sent ON events;
DROP POLICY approved ON events;
{_SEALS}
{_EVENTS}
{_POLICIES}
""",
    2: f"""
{_IN_JSON}
{_typed(claimed_people.CLAIMED_PEOPLE)}
{_CLAIMED_PEOPLE}
""",
    3: _TOLD,
    4: _KEPT_WORK,
}
CREATE_ROLES = "".join(
    f"""
DO $body$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} NOLOGIN; END IF;
END $body$;
"""
    for role in ROLES
)
