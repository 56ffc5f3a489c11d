-- What a picture looks like (`images::likeness`), to find those like it: NULL until it has been looked at, as images
-- from before this are by and by; -1 where there is nothing to see on it.
ALTER TABLE images ADD COLUMN likeness bigint;

-- All of a person's, without the table.
CREATE INDEX images_likeness ON images (owner_id) INCLUDE (id, likeness) WHERE deleted_at IS NULL AND likeness >= 0;
CREATE INDEX images_not_looked_at ON images (id) WHERE likeness IS NULL;
