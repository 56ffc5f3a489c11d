-- Devices on which somebody signs in without a code for 90 days. The series (never shown) finds the
-- row, the token proves; both are hashed. A right series with another token is a token that was
-- used before: somebody holds a copy (Jaspan, "Improved Persistent Login Cookie Best Practice").
CREATE TABLE trusted_devices (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    series_hash   bytea NOT NULL CONSTRAINT trusted_devices_series_key UNIQUE,
    token_hash    bytea NOT NULL,
    -- The token before, good for some seconds more: two tabs may come at once.
    previous_hash bytea,
    rotated_at    timestamptz NOT NULL,
    name          text NOT NULL,
    agent         text NOT NULL,
    address       text NOT NULL,
    created_at    timestamptz NOT NULL,
    last_used_at  timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL
);
CREATE INDEX trusted_devices_user ON trusted_devices (user_id);
CREATE INDEX trusted_devices_expiry ON trusted_devices (expires_at);

-- A trusted device has a budget of its own, and so has a session that confirms who is there.
ALTER TABLE auth_attempts RENAME COLUMN device_id TO place;
DROP INDEX auth_attempts_device;
CREATE INDEX auth_attempts_place ON auth_attempts (place, at) WHERE place IS NOT NULL;
