-- Uploads with an `Idempotency-Key`, for a day: who sends one again is answered as they were the first time.
CREATE TABLE upload_keys (
    owner_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    key         text NOT NULL,
    created_at  timestamptz NOT NULL,
    -- Whoever works on it, until then unless they say so again: a process that is killed says nothing.
    holder      uuid NOT NULL,
    held_until  timestamptz NOT NULL,
    -- What was sent, and what was answered; NULL until all of it was.
    fingerprint bytea,
    status      smallint,
    answer      text,
    PRIMARY KEY (owner_id, key),
    CHECK (num_nulls(fingerprint, status, answer) IN (0, 3))
);
CREATE INDEX upload_keys_age ON upload_keys (owner_id, created_at);

-- The images that came to be under a key, written with them: which of its files each is.
CREATE TABLE upload_key_images (
    owner_id uuid NOT NULL,
    key      text NOT NULL,
    position integer NOT NULL,
    image_id uuid NOT NULL REFERENCES images ON DELETE CASCADE,
    PRIMARY KEY (owner_id, key, position),
    FOREIGN KEY (owner_id, key) REFERENCES upload_keys ON DELETE CASCADE
);
CREATE INDEX upload_key_images_image ON upload_key_images (image_id);
