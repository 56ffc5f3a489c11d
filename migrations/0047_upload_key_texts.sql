-- What was sent in the place of the image's file, where that was a text such as an address, as a hash: sent again under
-- the key, the same text is this image without being fetched, and any other is another upload.
ALTER TABLE upload_key_images ADD COLUMN text_hash bytea;
