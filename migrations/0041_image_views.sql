-- How often images are seen: each day (UTC), and in all. Of who looked nothing is kept. Servers count in memory and
-- add what has come together every few seconds, so a row is written again and again: `views` is in no index, and
-- pages have room left, which keeps that cheap.
CREATE TABLE image_views (
    image_id uuid NOT NULL REFERENCES images ON DELETE CASCADE,
    day      date NOT NULL,
    -- The image's, which doesn't change.
    owner_id uuid NOT NULL,
    views    bigint NOT NULL,
    PRIMARY KEY (image_id, day)
) WITH (fillfactor = 80);
-- A person's days are looked up one by one; what is too old is at its beginning.
CREATE INDEX image_views_days ON image_views (day, owner_id);

-- Of all days, those that aren't kept any more too.
CREATE TABLE image_view_totals (
    image_id uuid PRIMARY KEY REFERENCES images ON DELETE CASCADE,
    views    bigint NOT NULL
) WITH (fillfactor = 80);

-- What a person's images take, by type and month, is read from the index alone.
DROP INDEX images_types;
CREATE INDEX images_types ON images (owner_id, media_type, id) INCLUDE (created_at, byte_size) WHERE deleted_at IS NULL;
