-- Work beside requests. Chores come again and again; what is to be done once goes with its end.
CREATE TABLE jobs (
    kind       text NOT NULL,
    -- What it is about; zero where a kind has nothing to tell apart.
    subject    uuid NOT NULL,
    -- Not before. Of one that somebody is at: when they count as gone unless they say so again.
    due_at     timestamptz NOT NULL,
    -- The try that is under way.
    holder     uuid,
    -- Since it last went well.
    tries      integer NOT NULL DEFAULT 0,
    started_at timestamptz,
    -- Of the last one that ended: when, how much it did, and why it failed.
    ended_at   timestamptz,
    done       bigint,
    failure    text,
    PRIMARY KEY (kind, subject)
);
CREATE INDEX jobs_due ON jobs (due_at);

-- Accounts whose removal is under way.
INSERT INTO jobs (kind, subject, due_at) SELECT 'remove-account', id, removed_at FROM users WHERE removed_at IS NOT NULL;
