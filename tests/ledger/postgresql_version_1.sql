CREATE SCHEMA seax;
SET LOCAL search_path TO seax, pg_temp;
CREATE TABLE ledger (version INTEGER NOT NULL, key BYTEA NOT NULL, made_at TIMESTAMPTZ NOT NULL DEFAULT now());

CREATE TABLE IF NOT EXISTS plans (
    id TEXT COLLATE "C" PRIMARY KEY, workspace TEXT COLLATE "C" NOT NULL, kind TEXT COLLATE "C" NOT NULL, intent TEXT COLLATE "C" NOT NULL, digest TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL, created_at TEXT COLLATE "C" NOT NULL, expires_at TEXT COLLATE "C" NOT NULL, body TEXT COLLATE "C" NOT NULL,
    recipient_ids BYTEA NOT NULL
) ;
CREATE UNIQUE INDEX IF NOT EXISTS one_send ON plans (intent)
    WHERE state IN ('sending', 'partial', 'sent', 'unknown', 'stopped');
CREATE INDEX IF NOT EXISTS of_workspace ON plans (workspace, created_at);
CREATE TABLE IF NOT EXISTS steps (
    plan_id TEXT COLLATE "C" NOT NULL REFERENCES plans, number INTEGER NOT NULL, recipients INTEGER NOT NULL, state TEXT COLLATE "C" NOT NULL,
    claimed_at TEXT COLLATE "C", leaves_at TEXT COLLATE "C", receipt TEXT COLLATE "C", PRIMARY KEY (plan_id, number)
) ;
CREATE INDEX IF NOT EXISTS claimed ON steps (claimed_at) WHERE claimed_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS leaving ON steps (leaves_at) WHERE leaves_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS approvals (
    id TEXT COLLATE "C" PRIMARY KEY, plan_id TEXT COLLATE "C" NOT NULL REFERENCES plans, digest TEXT COLLATE "C" NOT NULL, body TEXT COLLATE "C" NOT NULL
) ;

CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY, plan_id TEXT COLLATE "C" NOT NULL, step INTEGER, at TEXT COLLATE "C" NOT NULL, event TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL, who TEXT COLLATE "C" NOT NULL, via TEXT COLLATE "C" NOT NULL, digest TEXT COLLATE "C" NOT NULL, detail TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL
) ;
CREATE INDEX IF NOT EXISTS events_of_plan ON events (plan_id);


ALTER TABLE approvals ADD COLUMN rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN login NAME NOT NULL DEFAULT session_user, ADD COLUMN at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp();
CREATE FUNCTION json_extract(document TEXT, path TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT CASE jsonb_typeof(found) WHEN 'boolean' THEN (found::boolean)::integer::text ELSE found #>> '{}' END
    FROM jsonb_path_query_first(document::jsonb, path::jsonpath) AS found
$body$;

CREATE FUNCTION seax.plans_move() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    IF NEW.state <> OLD.state AND NOT ((OLD.state = 'planned' AND NEW.state IN ('approved', 'declined', 'expired', 'withdrawn')) OR (OLD.state = 'approved' AND NEW.state IN ('declined', 'expired', 'partial', 'refused', 'sending', 'withdrawn')) OR (OLD.state = 'sending' AND NEW.state IN ('approved', 'partial', 'refused', 'sent', 'unknown')) OR (OLD.state = 'partial' AND NEW.state IN ('refused', 'sending', 'sent', 'stopped')) OR (OLD.state = 'unknown' AND NEW.state IN ('partial', 'refused', 'sent'))) THEN RAISE EXCEPTION 'this change of state is not allowed' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER plans_move BEFORE UPDATE ON seax.plans FOR EACH ROW EXECUTE FUNCTION seax.plans_move();

CREATE FUNCTION seax.plans_begin() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    IF NEW.state <> 'planned' THEN RAISE EXCEPTION 'this is not a first state' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER plans_begin BEFORE INSERT ON seax.plans FOR EACH ROW EXECUTE FUNCTION seax.plans_begin();


CREATE FUNCTION seax.steps_move() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    IF NEW.state <> OLD.state AND NOT ((OLD.state = 'waiting' AND NEW.state IN ('refused', 'sending')) OR (OLD.state = 'sending' AND NEW.state IN ('refused', 'sent', 'unknown', 'waiting')) OR (OLD.state = 'unknown' AND NEW.state IN ('refused', 'sent'))) THEN RAISE EXCEPTION 'this change of state is not allowed' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER steps_move BEFORE UPDATE ON seax.steps FOR EACH ROW EXECUTE FUNCTION seax.steps_move();

CREATE FUNCTION seax.steps_begin() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    IF NEW.state <> 'waiting' THEN RAISE EXCEPTION 'this is not a first state' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER steps_begin BEFORE INSERT ON seax.steps FOR EACH ROW EXECUTE FUNCTION seax.steps_begin();


CREATE FUNCTION seax.plans_stay() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    IF true THEN RAISE EXCEPTION 'rows are never changed or deleted' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER plans_stay BEFORE DELETE OR TRUNCATE ON seax.plans FOR EACH STATEMENT EXECUTE FUNCTION seax.plans_stay();


CREATE FUNCTION seax.steps_stay() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    IF true THEN RAISE EXCEPTION 'rows are never changed or deleted' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER steps_stay BEFORE DELETE OR TRUNCATE ON seax.steps FOR EACH STATEMENT EXECUTE FUNCTION seax.steps_stay();


CREATE FUNCTION seax.approvals_stay() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    IF true THEN RAISE EXCEPTION 'rows are never changed or deleted' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER approvals_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON seax.approvals FOR EACH STATEMENT EXECUTE FUNCTION seax.approvals_stay();


CREATE FUNCTION seax.events_stay() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    IF true THEN RAISE EXCEPTION 'events are only added' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER events_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON seax.events FOR EACH STATEMENT EXECUTE FUNCTION seax.events_stay();


CREATE FUNCTION seax.ledger_stay() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    IF true THEN RAISE EXCEPTION 'rows are never changed or deleted' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER ledger_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON seax.ledger FOR EACH STATEMENT EXECUTE FUNCTION seax.ledger_stay();


CREATE FUNCTION seax.plans_need_approval() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    IF NEW.state IN ('approved', 'sending') AND NOT EXISTS (SELECT FROM approvals WHERE plan_id = NEW.id AND digest = NEW.digest) THEN RAISE EXCEPTION 'nobody approved this plan' USING ERRCODE = 'integrity_constraint_violation'; END IF;IF NEW.state <> OLD.state AND 'sending' IN (OLD.state, NEW.state) AND NOT pg_has_role(current_user, 'seax_sender', 'usage') THEN RAISE EXCEPTION 'only a sender sends' USING ERRCODE = 'insufficient_privilege'; END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER plans_need_approval BEFORE UPDATE ON seax.plans FOR EACH ROW EXECUTE FUNCTION seax.plans_need_approval();

CREATE FUNCTION seax.events_follow() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    IF NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events) THEN RAISE EXCEPTION 'an event follows the last one' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER events_follow BEFORE INSERT ON seax.events FOR EACH ROW EXECUTE FUNCTION seax.events_follow();


GRANT USAGE ON SCHEMA seax TO seax_planner, seax_sender, seax_approver;
GRANT SELECT ON ALL TABLES IN SCHEMA seax TO seax_planner, seax_sender, seax_approver;
GRANT INSERT ON seax.plans, seax.steps TO seax_planner;
GRANT UPDATE (state) ON seax.plans TO seax_planner, seax_sender, seax_approver;
GRANT UPDATE (state, claimed_at, leaves_at, receipt) ON seax.steps TO seax_sender;
GRANT INSERT ON seax.events TO seax_planner, seax_sender, seax_approver;
GRANT INSERT (id, plan_id, digest, body) ON seax.approvals TO seax_approver;
ALTER TABLE seax.approvals ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody_reads ON seax.approvals FOR SELECT USING (true);
CREATE POLICY own_login ON seax.approvals FOR INSERT TO seax_approver WITH CHECK (login = session_user);
ALTER TABLE seax.events ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody_reads ON seax.events FOR SELECT USING (true);
CREATE POLICY planned ON seax.events FOR INSERT TO seax_planner
    WITH CHECK (event IN ('planned', 'declined', 'withdrawn', 'expired'));
CREATE POLICY sent ON seax.events FOR INSERT TO seax_sender WITH CHECK (event NOT IN ('planned', 'approved'));
CREATE POLICY approved ON seax.events FOR INSERT TO seax_approver
    WITH CHECK (event IN ('approved', 'declined', 'withdrawn', 'expired'));
