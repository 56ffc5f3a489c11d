-- A person tells their authenticators apart by name. The index serves look-ups by user as well.
CREATE UNIQUE INDEX totp_credentials_name_key ON totp_credentials (user_id, lower(name));
DROP INDEX totp_credentials_user;

-- Secrets that wait for their first code, to become an authenticator or to take the place of one,
-- which is good until then. What is replaced takes the offers to replace it along.
CREATE TABLE authenticator_offers (
    ticket_hash bytea PRIMARY KEY,
    user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    replaces    uuid REFERENCES totp_credentials ON DELETE CASCADE,
    name        text NOT NULL,
    key_id      text NOT NULL,
    sealed      bytea NOT NULL,
    expires_at  timestamptz NOT NULL
);
CREATE INDEX authenticator_offers_user ON authenticator_offers (user_id);
CREATE INDEX authenticator_offers_replaces ON authenticator_offers (replaces);

-- Recovery codes that have been shown but not yet typed back. One set a person: of two sheets of
-- paper only the newer can become the good one.
CREATE TABLE recovery_code_offers (
    user_id     uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    ticket_hash bytea NOT NULL,
    codes       jsonb NOT NULL,
    expires_at  timestamptz NOT NULL
);
