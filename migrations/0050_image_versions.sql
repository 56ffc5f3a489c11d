-- An image may get other bytes while its address stays. What is shown is in its row; what it was before is here, with
-- the facts that belong to those bytes, so that it can be shown and taken back without looking at them again.
ALTER TABLE images
    -- Never used again, whatever is taken back or deleted: addresses name it.
    ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    -- How it became what it is, and when; of the first version `created_at` says that.
    ADD COLUMN made text NOT NULL DEFAULT 'uploaded',
    ADD COLUMN changed_at timestamptz;

-- What of the space taken came with changes, by day.
CREATE INDEX images_changed ON images (changed_at) WHERE changed_at IS NOT NULL;

-- Each row is a reference to its blob, as an image is. Locked by its image's row, and deleted before it by who counts
-- the reference away: never by a cascade, which wouldn't.
CREATE TABLE image_versions (
    image_id      uuid NOT NULL REFERENCES images,
    number        integer NOT NULL,
    hash          bytea NOT NULL REFERENCES blobs,
    media_type    text NOT NULL,
    byte_size     bigint NOT NULL,
    width         integer NOT NULL,
    height        integer NOT NULL,
    frames        integer NOT NULL,
    color         integer NOT NULL,
    removed_bytes bigint,
    likeness      bigint,
    colors        smallint,
    made          text NOT NULL,
    made_at       timestamptz NOT NULL,
    PRIMARY KEY (image_id, number)
);
CREATE INDEX image_versions_hash ON image_versions (hash);
CREATE INDEX image_versions_made ON image_versions (made_at);
