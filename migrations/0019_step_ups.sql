-- Accounts that ask for two codes from now on, until that is recorded and told, beside the request: for a
-- name that nobody has there is nobody to tell, which must not show in the time that the try takes.
CREATE TABLE step_ups (
    id         uuid PRIMARY KEY,
    -- Whose account it is, if anybody's. No reference: looking it up would take time for one and not for
    -- the other.
    user_id    uuid,
    failures   integer NOT NULL,
    -- Of whoever made the last try.
    address    text NOT NULL,
    agent      text NOT NULL,
    created_at timestamptz NOT NULL
);
