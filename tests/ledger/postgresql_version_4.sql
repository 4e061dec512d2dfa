
CREATE SCHEMA seax;
SET LOCAL search_path TO seax, pg_temp;
CREATE TABLE ledger (version INTEGER NOT NULL, key BYTEA NOT NULL, made_at TIMESTAMPTZ NOT NULL DEFAULT now());
CREATE FUNCTION json_extract(document TEXT, path TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT CASE jsonb_typeof(found) WHEN 'boolean' THEN (found::boolean)::integer::text ELSE found #>> '{}' END
    FROM jsonb_path_query_first(document::jsonb, path::jsonpath) AS found
$body$;

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

ALTER TABLE steps ADD COLUMN sent_before_cancel INTEGER GENERATED ALWAYS AS (CAST(json_extract(receipt, '$.sent_before_cancel') AS INTEGER)) STORED;ALTER TABLE approvals ADD COLUMN via TEXT COLLATE "C" GENERATED ALWAYS AS (json_extract(body, '$.via')) STORED;ALTER TABLE approvals ADD COLUMN signer TEXT COLLATE "C" GENERATED ALWAYS AS (coalesce(nullif(json_extract(body, '$.key'), ''), lower(json_extract(body, '$.by')))) STORED;CREATE INDEX approvals_of_plan ON approvals (plan_id);

CREATE TABLE claimed_people (
    day_and_contact TEXT COLLATE "C" NOT NULL, plan_id TEXT COLLATE "C" NOT NULL, step INTEGER NOT NULL,
    PRIMARY KEY (day_and_contact, plan_id, step)
) ;


ALTER TABLE approvals ADD COLUMN rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN login NAME NOT NULL DEFAULT session_user, ADD COLUMN at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp();

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



CREATE OR REPLACE FUNCTION seax.in_json(words TEXT) RETURNS TEXT LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path = pg_catalog AS $body$
BEGIN
    IF octet_length(words) = length(words) AND strpos(words, chr(127)) = 0 THEN RETURN to_json(words)::text; END IF;
    RETURN (SELECT '"' || coalesce(string_agg(CASE
        WHEN code < 127 THEN substr(to_json(letter)::text, 2, length(to_json(letter)::text) - 2)
        WHEN code < 65536 THEN '\u' || lpad(to_hex(code), 4, '0')
        ELSE '\u' || to_hex(55296 + ((code - 65536) >> 10)) || '\u' || to_hex(56320 + ((code - 65536) & 1023))
        END, '' ORDER BY place), '') || '"'
    FROM string_to_table(words, NULL) WITH ORDINALITY AS each(letter, place), LATERAL ascii(letter) AS code);
END $body$;

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


CREATE FUNCTION seax.events_sealed() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    PERFORM pg_advisory_xact_lock(8453);
    SELECT coalesce(max(seq), 0) + 1 INTO NEW.seq FROM events;
    NEW.hash := hmac_sha256((SELECT key FROM ledger), convert_to('[' || concat_ws(', ',
        in_json(coalesce((SELECT hash FROM events WHERE seq = NEW.seq - 1), '')), NEW.seq, in_json(NEW.plan_id),
        coalesce(NEW.step::text, 'null'), in_json(NEW.at), in_json(NEW.event), in_json(NEW.state), in_json(NEW.who),
        in_json(NEW.via), in_json(NEW.digest), in_json(NEW.detail)) || ']', 'UTF8'));
    IF NEW.plan_id <> '' AND NEW.state IS DISTINCT FROM (SELECT state FROM plans WHERE id = NEW.plan_id) THEN RAISE EXCEPTION 'an event gives the state that its plan has' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER events_sealed BEFORE INSERT ON seax.events FOR EACH ROW EXECUTE FUNCTION seax.events_sealed();

CREATE FUNCTION seax.plans_halted() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    IF NEW.state = 'sending' AND OLD.state <> 'sending' AND 'halted' = (SELECT event FROM events WHERE event IN ('halted', 'resumed') ORDER BY seq DESC LIMIT 1) THEN RAISE EXCEPTION 'all sending is halted' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER plans_halted BEFORE UPDATE ON seax.plans FOR EACH ROW EXECUTE FUNCTION seax.plans_halted();

CREATE FUNCTION seax.plans_agree() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    IF (SELECT state FROM plans WHERE id = NEW.id) IS DISTINCT FROM (SELECT state FROM events WHERE plan_id = NEW.id ORDER BY seq DESC LIMIT 1) THEN RAISE EXCEPTION 'a plan changes with an event that says so' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NULL;
END $body$;
CREATE CONSTRAINT TRIGGER plans_agree AFTER INSERT OR UPDATE ON seax.plans DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION seax.plans_agree();

CREATE FUNCTION seax.approvals_agree() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    IF (SELECT count(*) FROM approvals WHERE plan_id = NEW.plan_id) <> (SELECT count(*) FROM events WHERE plan_id = NEW.plan_id AND event = 'approved') THEN RAISE EXCEPTION 'an approval comes with one event that says so' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NULL;
END $body$;
CREATE CONSTRAINT TRIGGER approvals_agree AFTER INSERT ON seax.approvals DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION seax.approvals_agree();

CREATE FUNCTION seax.events_agree() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    IF NEW.event = 'approved' AND (SELECT count(*) FROM approvals WHERE plan_id = NEW.plan_id) <> (SELECT count(*) FROM events WHERE plan_id = NEW.plan_id AND event = 'approved') THEN RAISE EXCEPTION 'an approval comes with one event that says so' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NULL;
END $body$;
CREATE CONSTRAINT TRIGGER events_agree AFTER INSERT ON seax.events DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION seax.events_agree();

CREATE INDEX halts ON seax.events (seq) WHERE event IN ('halted', 'resumed');
ALTER TABLE seax.plans ADD CONSTRAINT plans_as_written CHECK
    (id IS NOT DISTINCT FROM seax.json_extract(body, '$.id')
    AND intent IS NOT DISTINCT FROM seax.json_extract(body, '$.intent'));


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
    WITH CHECK (event IN ('planned', 'declined', 'withdrawn', 'expired', 'halted'));
CREATE POLICY sent ON seax.events FOR INSERT TO seax_sender
    WITH CHECK (event NOT IN ('planned', 'approved', 'resumed'));
CREATE POLICY approved ON seax.events FOR INSERT TO seax_approver
    WITH CHECK (event IN ('approved', 'declined', 'withdrawn', 'expired', 'halted', 'resumed'));


GRANT SELECT ON seax.claimed_people TO seax_planner, seax_sender, seax_approver;
GRANT INSERT, DELETE ON seax.claimed_people TO seax_sender;
ALTER TABLE seax.claimed_people ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody_reads ON seax.claimed_people FOR SELECT USING (true);
CREATE POLICY claimed ON seax.claimed_people FOR INSERT TO seax_sender WITH CHECK (true);
CREATE POLICY too_old ON seax.claimed_people FOR DELETE TO seax_sender
    USING (day_and_contact < (now() AT TIME ZONE 'UTC' - INTERVAL '2 days')::date::text);


CREATE FUNCTION seax.events_told() RETURNS trigger LANGUAGE plpgsql SET search_path = seax, pg_temp AS $body$
BEGIN
    NOTIFY seax_events;
    RETURN NEW;
END $body$;
CREATE TRIGGER events_told BEFORE INSERT ON seax.events FOR EACH STATEMENT EXECUTE FUNCTION seax.events_told();

