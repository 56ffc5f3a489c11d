-- Uploads that come in pieces (tus), for a day: a connection that breaks costs what hadn't arrived, and nothing else.
CREATE TABLE uploads (
    id         uuid PRIMARY KEY,
    owner_id   uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    length     bigint NOT NULL CHECK (length > 0),
    -- Bytes that are here, from the beginning on.
    received   bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND length),
    filename   text NOT NULL,
    -- On what terms it is taken in then: as `images` has them.
    visibility text NOT NULL,
    lapses_at  timestamptz,
    max_views  integer,
    keeps_metadata boolean NOT NULL DEFAULT false,
    -- Where it goes then; it may be gone by then.
    album_id   uuid,
    -- What was said of it, as it was said.
    metadata   text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    -- Whoever sends bytes: the last who began to. What others still bring isn't taken any more.
    holder     uuid,
    -- What became of it, both NULL until that is known: its image, which may be gone since, and what went wrong.
    image_id   uuid,
    existing   boolean,
    problem    jsonb,
    CHECK (num_nulls(image_id, existing) IN (0, 2))
);
CREATE INDEX uploads_owner ON uploads (owner_id, created_at);
CREATE INDEX uploads_expiry ON uploads (expires_at);

-- What has come of those that aren't finished. Deleted with them, and when they are.
CREATE TABLE upload_chunks (
    upload_id uuid NOT NULL REFERENCES uploads ON DELETE CASCADE,
    start     bigint NOT NULL,
    data      bytea NOT NULL CHECK (octet_length(data) BETWEEN 1 AND 262144),
    PRIMARY KEY (upload_id, start)
);
ALTER TABLE upload_chunks ALTER COLUMN data SET STORAGE EXTERNAL;
