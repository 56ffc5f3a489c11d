-- From where and with what somebody signed in during the last 90 days: anything else is a new device,
-- and told. No foreign key: alerts are raised while the audit log's end is locked, where nothing may
-- wait for a row of somebody else. What is left of deleted accounts is swept.
CREATE TABLE known_places (
    user_id uuid NOT NULL,
    -- "Firefox on Linux": a whole User-Agent is another one with each update.
    agent   text NOT NULL,
    -- IPv4 /24 or IPv6 /48.
    network text NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, agent, network)
);
CREATE INDEX known_places_seen ON known_places (seen_at);

-- What is told at most once a day, for as long as that is.
CREATE TABLE alert_pauses (
    action  text NOT NULL,
    -- The account; zeroes for the instance.
    subject uuid NOT NULL,
    told_at timestamptz NOT NULL,
    PRIMARY KEY (action, subject)
);

-- Of which age of its secret the owner was told: 0 none, 1 due, 2 overdue.
ALTER TABLE totp_credentials ADD COLUMN reminded smallint NOT NULL DEFAULT 0;
