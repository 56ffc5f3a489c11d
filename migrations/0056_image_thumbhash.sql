-- What stands for a picture until it has loaded (`images::placeholder`): NULL until it has been looked at, as images from
-- before this are by and by, and empty where there is nothing to look at.
ALTER TABLE images ADD COLUMN thumbhash bytea;
ALTER TABLE image_versions ADD COLUMN thumbhash bytea;

DROP INDEX images_not_looked_at;
CREATE INDEX images_not_looked_at ON images (id) WHERE likeness IS NULL OR colors IS NULL OR thumbhash IS NULL;
