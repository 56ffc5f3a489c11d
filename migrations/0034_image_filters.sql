-- Filters of the gallery: what is on few images is found by these. What is on many is found among the newest ones,
-- by the gallery's own order.
CREATE INDEX images_types ON images (owner_id, media_type, id) WHERE deleted_at IS NULL;
CREATE INDEX images_visibility ON images (owner_id, visibility, id) WHERE deleted_at IS NULL;
CREATE INDEX images_favourites ON images (owner_id, id) WHERE is_favourite AND deleted_at IS NULL;
CREATE INDEX images_sizes ON images (owner_id, byte_size) WHERE deleted_at IS NULL;
