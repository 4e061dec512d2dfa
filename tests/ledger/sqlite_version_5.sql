

CREATE TABLE IF NOT EXISTS plans (
    id TEXT PRIMARY KEY, workspace TEXT NOT NULL, kind TEXT NOT NULL, intent TEXT NOT NULL, digest TEXT NOT NULL,
    state TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL, body TEXT NOT NULL,
    recipient_ids BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS one_send ON plans (intent)
    WHERE state IN ('sending', 'partial', 'sent', 'unknown', 'stopped');
CREATE INDEX IF NOT EXISTS of_workspace ON plans (workspace, created_at);
CREATE TABLE IF NOT EXISTS steps (
    plan_id TEXT NOT NULL REFERENCES plans, number INTEGER NOT NULL, recipients INTEGER NOT NULL, state TEXT NOT NULL,
    claimed_at TEXT, leaves_at TEXT, receipt TEXT, PRIMARY KEY (plan_id, number)
) STRICT;
CREATE INDEX IF NOT EXISTS claimed ON steps (claimed_at) WHERE claimed_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS leaving ON steps (leaves_at) WHERE leaves_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS approvals (
    id TEXT PRIMARY KEY, plan_id TEXT NOT NULL REFERENCES plans, digest TEXT NOT NULL, body TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY, plan_id TEXT NOT NULL, step INTEGER, at TEXT NOT NULL, event TEXT NOT NULL,
    state TEXT NOT NULL, who TEXT NOT NULL, via TEXT NOT NULL, digest TEXT NOT NULL, detail TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS events_of_plan ON events (plan_id);

ALTER TABLE steps ADD COLUMN sent_before_cancel INTEGER GENERATED ALWAYS AS (CAST(json_extract(receipt, '$.sent_before_cancel') AS INTEGER)) VIRTUAL;ALTER TABLE approvals ADD COLUMN via TEXT GENERATED ALWAYS AS (json_extract(body, '$.via')) VIRTUAL;ALTER TABLE approvals ADD COLUMN signer TEXT GENERATED ALWAYS AS (coalesce(nullif(json_extract(body, '$.key'), ''), lower(json_extract(body, '$.by')))) VIRTUAL;CREATE INDEX approvals_of_plan ON approvals (plan_id);


CREATE TRIGGER IF NOT EXISTS events_stay BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TRIGGER IF NOT EXISTS events_remain BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are only added'); END;


CREATE TRIGGER IF NOT EXISTS plans_move BEFORE UPDATE OF state ON plans
    WHEN NEW.state <> OLD.state AND NOT ((OLD.state = 'planned' AND NEW.state IN ('approved', 'declined', 'expired', 'withdrawn')) OR (OLD.state = 'approved' AND NEW.state IN ('declined', 'expired', 'partial', 'refused', 'sending', 'withdrawn')) OR (OLD.state = 'sending' AND NEW.state IN ('approved', 'partial', 'refused', 'sent', 'unknown')) OR (OLD.state = 'partial' AND NEW.state IN ('refused', 'sending', 'sent', 'stopped')) OR (OLD.state = 'unknown' AND NEW.state IN ('partial', 'refused', 'sent')))
    BEGIN SELECT RAISE(ABORT, 'this change of state is not allowed'); END;
CREATE TRIGGER IF NOT EXISTS plans_begin BEFORE INSERT ON plans WHEN NEW.state <> 'planned'
    BEGIN SELECT RAISE(ABORT, 'this is not a first state'); END;
CREATE TRIGGER IF NOT EXISTS plans_remain BEFORE DELETE ON plans
    BEGIN SELECT RAISE(ABORT, 'rows are never deleted'); END;


CREATE TRIGGER IF NOT EXISTS steps_move BEFORE UPDATE OF state ON steps
    WHEN NEW.state <> OLD.state AND NOT ((OLD.state = 'waiting' AND NEW.state IN ('refused', 'sending')) OR (OLD.state = 'sending' AND NEW.state IN ('refused', 'sent', 'unknown', 'waiting')) OR (OLD.state = 'unknown' AND NEW.state IN ('refused', 'sent')))
    BEGIN SELECT RAISE(ABORT, 'this change of state is not allowed'); END;
CREATE TRIGGER IF NOT EXISTS steps_begin BEFORE INSERT ON steps WHEN NEW.state <> 'waiting'
    BEGIN SELECT RAISE(ABORT, 'this is not a first state'); END;
CREATE TRIGGER IF NOT EXISTS steps_remain BEFORE DELETE ON steps
    BEGIN SELECT RAISE(ABORT, 'rows are never deleted'); END;

