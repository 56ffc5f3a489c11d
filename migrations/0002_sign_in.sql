-- Signing in with an authenticator app. Secrets are sealed (AEAD) because checking a code needs
-- them in clear; everything else that opens a door is stored as a hash.
CREATE TABLE totp_credentials (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name         text NOT NULL,
    key_id       text NOT NULL,
    sealed       bytea NOT NULL,
    -- The time-step of the last accepted code: an older or equal one is never accepted again.
    last_step    bigint NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz
);
CREATE INDEX totp_credentials_user ON totp_credentials (user_id);

-- The selector finds the one hash to compute; it is keyed, so it tells nothing of the code.
CREATE TABLE recovery_codes (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    selector   bigint NOT NULL,
    hash       text NOT NULL,
    hint       text NOT NULL,
    created_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX recovery_codes_user ON recovery_codes (user_id, selector);

-- One-time links to enrolment: the set-up link, and those that an administrator makes.
CREATE TABLE enrolment_links (
    token_hash bytea PRIMARY KEY,
    name       text,
    is_admin   boolean NOT NULL,
    is_setup   boolean NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

-- Enrolments under way. The account and its credential exist only once this has been finished.
CREATE TABLE enrolments (
    ticket_hash    bytea PRIMARY KEY,
    link_hash      bytea NOT NULL REFERENCES enrolment_links ON DELETE CASCADE,
    user_id        uuid NOT NULL,
    name           text NOT NULL,
    email          text,
    key_id         text NOT NULL,
    sealed         bytea NOT NULL,
    wrong_tries    integer NOT NULL DEFAULT 0,
    confirmed_step bigint,
    recovery_codes jsonb,
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL
);

CREATE TABLE sessions (
    id_hash      bytea PRIMARY KEY,
    user_id      uuid REFERENCES users ON DELETE CASCADE,
    data         jsonb NOT NULL,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Failures are counted here and not in memory, so that limits hold over restarts and nodes.
CREATE TABLE auth_attempts (
    id      uuid PRIMARY KEY,
    at      timestamptz NOT NULL,
    -- IPv4 /32 or IPv6 /64, as text.
    address text NOT NULL,
    user_id uuid REFERENCES users ON DELETE CASCADE
);
CREATE INDEX auth_attempts_address ON auth_attempts (address, at);
CREATE INDEX auth_attempts_at ON auth_attempts (at);

CREATE TABLE api_tokens (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name         text NOT NULL,
    token_hash   bytea NOT NULL CONSTRAINT api_tokens_hash_key UNIQUE,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz
);
