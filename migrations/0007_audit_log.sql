-- Who did what to which account, from where, and how it ended. Nothing is ever changed or removed:
-- rows outlive the account (no foreign key, names kept as text), and each row's hash covers the row
-- before it, so that one that was changed, moved or taken out shows (`reflect verify`). The seal is
-- the same under a key that isn't in the database: who has the database alone can't chain anew.
CREATE TABLE audit_log (
    sequence      bigint PRIMARY KEY CHECK (sequence > 0),
    id            uuid NOT NULL,
    at            timestamptz NOT NULL,
    user_id       uuid,
    user_name     text,
    actor         text NOT NULL,
    actor_id      uuid,
    actor_name    text,
    action        text NOT NULL,
    outcome       text NOT NULL,
    address       text,
    agent         text,
    device        text,
    details       jsonb NOT NULL,
    previous_hash bytea NOT NULL,
    hash          bytea NOT NULL,
    key_id        text NOT NULL,
    seal          bytea NOT NULL
);
CREATE INDEX audit_log_user ON audit_log (user_id, sequence);
CREATE INDEX audit_log_at ON audit_log (at);

-- Where the chain ends: without it, rows missing at the end would not show. Locking this row is what
-- puts writers in order. Its seal is empty until there is a first entry.
CREATE TABLE audit_head (
    id       smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    sequence bigint NOT NULL,
    hash     bytea NOT NULL,
    key_id   text NOT NULL,
    seal     bytea NOT NULL
);
INSERT INTO audit_head (sequence, hash, key_id, seal) VALUES (0, decode(repeat('00', 32), 'hex'), '', '');

-- Against mistakes in reflect, not against who owns the tables and can drop a trigger.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_head_stays BEFORE DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
