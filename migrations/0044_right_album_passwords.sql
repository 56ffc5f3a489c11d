-- Right passwords of albums' pages count too, for an hour: each is stretched like a wrong one.
ALTER TABLE album_tries ADD COLUMN was_right boolean NOT NULL DEFAULT false;
CREATE INDEX album_tries_right ON album_tries (address, at) WHERE was_right;
