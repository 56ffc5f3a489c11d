-- Finds the images whose file name has a word of any length, in any language. Trigrams (pg_trgm) know no words
-- of one or two characters, which is what Chinese words are, and need an extension that a hosted database may
-- not allow; so the index holds each name's single characters and pairs of them. ILIKE folds case as lower()
-- does.
CREATE FUNCTION image_grams(name text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(
    SELECT DISTINCT substr(folded, place, size)
    FROM (SELECT lower(name) AS folded OFFSET 0) AS once, generate_series(1, length(folded)) AS place,
        generate_series(1, 2) AS size
);

CREATE INDEX images_search ON images USING gin (image_grams(filename)) WITH (fastupdate = off) WHERE deleted_at IS NULL;
