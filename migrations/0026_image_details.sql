-- What people say about their images, and who may see them. How long texts may be is the types' to say.
ALTER TABLE images
    ADD COLUMN title         text,
    ADD COLUMN description   text,
    ADD COLUMN alt_text      text,
    ADD COLUMN is_favourite  boolean NOT NULL DEFAULT false,
    ADD COLUMN visibility    text NOT NULL DEFAULT 'unlisted',
    ADD COLUMN expires_at    timestamptz,
    ADD COLUMN max_views     integer CHECK (max_views > 0),
    -- Counted while there is a limit.
    ADD COLUMN views         integer NOT NULL DEFAULT 0,
    -- What was taken out on the way in; of images from before this, nobody knows.
    ADD COLUMN removed_bytes bigint;

-- What the sweep looks for. Few images lapse.
CREATE INDEX images_lapsing ON images (expires_at) WHERE expires_at IS NOT NULL AND deleted_at IS NULL;
