-- Which colours fill a good part of a picture (`images::colors`), a bit for each: NULL until it has been looked at, as
-- images from before this are by and by.
ALTER TABLE images ADD COLUMN colors smallint;

-- A person's images of a colour, without the table.
CREATE INDEX images_colors ON images (owner_id, id) INCLUDE (colors) WHERE deleted_at IS NULL;
DROP INDEX images_not_looked_at;
CREATE INDEX images_not_looked_at ON images (id) WHERE likeness IS NULL OR colors IS NULL;
