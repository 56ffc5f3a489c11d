-- Tags, told from each other whatever their case. `name_folded` is the name in lower case; both are in NFC.
CREATE TABLE tags (
    id          uuid PRIMARY KEY,
    owner_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name        text NOT NULL,
    name_folded text NOT NULL,
    color       text NOT NULL,
    created_at  timestamptz NOT NULL,
    CONSTRAINT tags_name_key UNIQUE (owner_id, name_folded)
);
-- What begins with some letters, in any locale of the database.
CREATE INDEX tags_beginning ON tags (owner_id, name_folded text_pattern_ops);

CREATE TABLE image_tags (
    tag_id   uuid NOT NULL REFERENCES tags ON DELETE CASCADE,
    image_id uuid NOT NULL REFERENCES images ON DELETE CASCADE,
    -- The images of a tag by their keys, which is the gallery's order.
    PRIMARY KEY (tag_id, image_id)
);
CREATE INDEX image_tags_image ON image_tags (image_id);
