-- Albums. One may lie in another, which then lies in none: the key that a nested one names says so, and that
-- both have the same owner.
CREATE TABLE albums (
    id            uuid PRIMARY KEY,
    -- For clients to which keys are numbers.
    number        bigint NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT albums_number_key UNIQUE,
    owner_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    parent_id     uuid,
    name          text NOT NULL,
    description   text,
    -- Among all of the owner's.
    position      bigint NOT NULL,
    created_at    timestamptz NOT NULL,
    is_top        boolean NOT NULL GENERATED ALWAYS AS (parent_id IS NULL) STORED,
    parent_is_top boolean NOT NULL DEFAULT true CHECK (parent_is_top),
    CONSTRAINT albums_as_parent UNIQUE (id, owner_id, is_top),
    CONSTRAINT albums_parent_fkey FOREIGN KEY (parent_id, owner_id, parent_is_top)
        REFERENCES albums (id, owner_id, is_top),
    -- Deferrable, so that one statement can give all of them new ones.
    CONSTRAINT albums_order UNIQUE (owner_id, position) DEFERRABLE
);
CREATE INDEX albums_nested ON albums (parent_id) WHERE parent_id IS NOT NULL;

-- What is in them. Positions have gaps, so that moving an image changes one row.
CREATE TABLE album_images (
    album_id uuid NOT NULL REFERENCES albums ON DELETE CASCADE,
    image_id uuid NOT NULL REFERENCES images ON DELETE CASCADE,
    position bigint NOT NULL,
    is_cover boolean NOT NULL DEFAULT false,
    PRIMARY KEY (album_id, image_id),
    CONSTRAINT album_images_order UNIQUE (album_id, position) DEFERRABLE
);
CREATE INDEX album_images_image ON album_images (image_id);
CREATE UNIQUE INDEX album_images_cover ON album_images (album_id) WHERE is_cover;

-- An album's page for others, where its owner has switched one on. Switched on anew it has another address.
CREATE TABLE album_shares (
    album_id      uuid PRIMARY KEY REFERENCES albums ON DELETE CASCADE,
    slug          text NOT NULL CONSTRAINT album_shares_slug_key UNIQUE,
    -- Argon2id, as a PHC string.
    password_hash text,
    expires_at    timestamptz
);

-- Wrong passwords, and those that are being verified, for a day.
CREATE TABLE album_tries (
    id       uuid PRIMARY KEY,
    album_id uuid NOT NULL REFERENCES album_shares ON DELETE CASCADE,
    address  text NOT NULL,
    at       timestamptz NOT NULL
);
CREATE INDEX album_tries_album ON album_tries (album_id, at);
