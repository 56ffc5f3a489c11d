-- An address counts for ways back only once a code that was mailed there has come back.
ALTER TABLE users ADD COLUMN email_verified_at timestamptz;
CREATE INDEX users_email ON users (lower(email)) WHERE email_verified_at IS NOT NULL;
ALTER TABLE enrolments ADD COLUMN email_verified boolean NOT NULL DEFAULT false;

-- Six digits on their way to an address. Kept for an hour beyond their ten minutes, to count what
-- is sent.
CREATE TABLE email_codes (
    ticket_hash bytea PRIMARY KEY,
    -- What the address is proved for: the hash of an enrolment link, or an account.
    subject     bytea NOT NULL,
    email       text NOT NULL,
    -- Keyed, since six digits alone are soon tried.
    code_mac    bytea NOT NULL,
    address     text NOT NULL,
    wrong_tries integer NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL
);
CREATE INDEX email_codes_email ON email_codes (lower(email), created_at);
CREATE INDEX email_codes_address ON email_codes (address, created_at);

-- Requests for a way back, answered beside the request: whether an address is somebody's must not
-- show in the time that asking takes.
CREATE TABLE reset_requests (
    id         uuid PRIMARY KEY,
    email      text NOT NULL,
    language   text NOT NULL,
    address    text NOT NULL,
    agent      text NOT NULL,
    created_at timestamptz NOT NULL,
    handled_at timestamptz
);
CREATE INDEX reset_requests_email ON reset_requests (lower(email), created_at);
CREATE INDEX reset_requests_address ON reset_requests (address, created_at);
CREATE INDEX reset_requests_waiting ON reset_requests (created_at) WHERE handled_at IS NULL;
