-- File names in NFC, as they are stored from now on: macOS sends "ü" as a letter and a mark, which no search for
-- what a keyboard types found. PostgreSQL normalizes in UTF-8 alone, and other encodings have no such marks.
DO $$
BEGIN
    IF getdatabaseencoding() = 'UTF8' THEN
        UPDATE images SET filename = normalize(filename, NFC) WHERE filename IS NOT NFC NORMALIZED;
    END IF;
END
$$;
