-- What somebody has to solve before they may sign up, ask for a reset or go on after failures.
-- A row stays until it expires, spent or not: those of the last minutes tell how many an address
-- asked for.
CREATE TABLE captcha_challenges (
    id_hash    bytea PRIMARY KEY,
    -- IPv4 /32 or IPv6 /64, as text.
    address    text NOT NULL,
    purpose    text NOT NULL CHECK (purpose IN ('sign_up', 'reset', 'sign_in')),
    key_id     text NOT NULL,
    -- What solves it.
    sealed     bytea NOT NULL,
    issued_at  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    spent_at   timestamptz
);
CREATE INDEX captcha_challenges_address ON captcha_challenges (address, issued_at);
CREATE INDEX captcha_challenges_expiry ON captcha_challenges (expires_at);
