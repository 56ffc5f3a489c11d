-- People and their space. `used_bytes` is kept beside the quota so that one conditional UPDATE
-- both checks and takes the space: parallel uploads queue on the row and cannot pass the quota.
CREATE TABLE users (
    id          uuid PRIMARY KEY,
    name        text NOT NULL,
    name_folded text NOT NULL CONSTRAINT users_name_key UNIQUE,
    email       text,
    is_admin    boolean NOT NULL DEFAULT false,
    quota_bytes bigint NOT NULL CHECK (quota_bytes >= 0),
    used_bytes  bigint NOT NULL DEFAULT 0 CHECK (used_bytes >= 0),
    created_at  timestamptz NOT NULL
);
