-- The language a person reads, for mail: the browser isn't there to ask. NULL is English.
ALTER TABLE users ADD COLUMN language text CHECK (language IN ('en', 'zh'));

-- Mail on its way. A row is written in the transaction of what it tells about, so that a mail goes
-- out if and only if the thing happened; senders on any node take it from here.
CREATE TABLE mail_outbox (
    id          uuid PRIMARY KEY,
    -- The same at every try, so that a mail that arrives twice can be known as one.
    message_id  text NOT NULL,
    recipient   text NOT NULL,
    kind        text NOT NULL,
    state       text NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed')),
    -- Subject and both texts, sealed: they may hold a code or a link. NULL once nobody needs them.
    key_id      text,
    sealed      bytea,
    tries       integer NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL,
    -- When it is tried next; while it is being sent, when its sender counts as gone.
    next_at     timestamptz,
    gives_up_at timestamptz NOT NULL,
    last_error  text,
    finished_at timestamptz,
    CHECK ((key_id IS NULL) = (sealed IS NULL)),
    CHECK ((state IN ('queued', 'sending')) = (next_at IS NOT NULL)),
    CHECK ((state IN ('sent', 'failed')) = (finished_at IS NOT NULL))
);
CREATE INDEX mail_outbox_due ON mail_outbox (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX mail_outbox_state ON mail_outbox (state, id DESC);
CREATE INDEX mail_outbox_finished ON mail_outbox (finished_at) WHERE finished_at IS NOT NULL;
