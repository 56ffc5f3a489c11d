-- Images and their bytes. The same bytes are stored once (`blobs`), cut into rows because a
-- value can't be streamed but rows can. EXTERNAL: images don't compress, and slices stay cheap.
CREATE TABLE blobs (
    hash       bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    size       bigint NOT NULL,
    refs       integer NOT NULL CHECK (refs >= 0),
    created_at timestamptz NOT NULL
);

CREATE TABLE blob_chunks (
    hash   bytea NOT NULL REFERENCES blobs ON DELETE CASCADE,
    number integer NOT NULL,
    data   bytea NOT NULL CHECK (octet_length(data) <= 262144),
    PRIMARY KEY (hash, number)
);
ALTER TABLE blob_chunks ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE images (
    id         uuid PRIMARY KEY,
    owner_id   uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    slug       text NOT NULL CONSTRAINT images_slug_key UNIQUE,
    filename   text NOT NULL,
    media_type text NOT NULL,
    byte_size  bigint NOT NULL,
    width      integer NOT NULL,
    height     integer NOT NULL,
    frames     integer NOT NULL,
    color      integer NOT NULL,
    hash       bytea NOT NULL REFERENCES blobs,
    created_at timestamptz NOT NULL,
    deleted_at timestamptz
);
-- Keys are UUIDv7, so ordering by key is ordering by time: the gallery's and the bin's keyset.
CREATE INDEX images_gallery ON images (owner_id, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX images_bin ON images (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX images_hash ON images (hash);

-- Variants belong to bytes, not to an image row: the same picture twice has them once.
CREATE TABLE variants (
    hash       bytea NOT NULL REFERENCES blobs ON DELETE CASCADE,
    width      integer NOT NULL,
    media_type text NOT NULL,
    data       bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (hash, width, media_type)
);
ALTER TABLE variants ALTER COLUMN data SET STORAGE EXTERNAL;
