-- Words are looked for in all that is said of an image, and in the names of its tags, which have a table of their own.

-- In NFC from now on, as file names are (0038_composed_names.sql).
DO $$
BEGIN
    IF getdatabaseencoding() = 'UTF8' THEN
        UPDATE images SET title = normalize(title), description = normalize(description), alt_text = normalize(alt_text)
        WHERE (title IS NOT NFC NORMALIZED OR description IS NOT NFC NORMALIZED OR alt_text IS NOT NFC NORMALIZED)
            AND (title IS NULL OR length(normalize(title)) <= 200)
            AND (description IS NULL OR length(normalize(description)) <= 5000)
            AND (alt_text IS NULL OR length(normalize(alt_text)) <= 1000);
    END IF;
END
$$;

-- A line for each text.
CREATE FUNCTION image_text(filename text, title text, description text, alt_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN filename || coalesce(E'\n' || title, '') || coalesce(E'\n' || description, '')
    || coalesce(E'\n' || alt_text, '');

-- Single characters, pairs and triples: in a long text almost every pair is. In time that grows as the text does, which
-- `substr` doesn't: it counts characters from the beginning.
CREATE OR REPLACE FUNCTION image_grams(name text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(
    SELECT DISTINCT gram
    FROM (
        SELECT letter, letter || lead(letter, 1, '') OVER following AS pair,
            letter || lead(letter, 1, '') OVER following || lead(letter, 2, '') OVER following AS triple
        FROM unnest(string_to_array(lower(name), NULL)) WITH ORDINALITY AS letters (letter, place)
        WINDOW following AS (ORDER BY place)
    ) AS places, LATERAL (VALUES (letter), (pair), (triple)) AS grams (gram)
);

DROP INDEX images_search;
CREATE INDEX images_text ON images USING gin (image_grams(image_text(filename, title, description, alt_text)))
    WITH (fastupdate = off) WHERE deleted_at IS NULL;
-- The planner can't use what it would know of them, and learning it costs as much as making the grams.
ALTER INDEX images_text ALTER COLUMN 1 SET STATISTICS 0;
