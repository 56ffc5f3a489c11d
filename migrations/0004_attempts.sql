-- A failure is counted against the account that was tried, whether there is such an account or
-- not, by the hash of its name: what one may do next must not tell which names exist. A pair of
-- codes is worth far less to somebody who guesses than one code, and has a budget of its own.
ALTER TABLE auth_attempts
    DROP COLUMN user_id,
    ADD COLUMN account   bytea,
    ADD COLUMN device_id uuid,
    ADD COLUMN kind      text NOT NULL DEFAULT 'code' CHECK (kind IN ('code', 'pair', 'recovery'));
CREATE INDEX auth_attempts_account ON auth_attempts (account, at) WHERE device_id IS NULL;
CREATE INDEX auth_attempts_device ON auth_attempts (device_id, at) WHERE device_id IS NOT NULL;
CREATE INDEX auth_attempts_site ON auth_attempts (at) WHERE kind = 'code' AND device_id IS NULL;
