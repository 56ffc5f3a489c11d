-- Names in the addresses of images that are gone for good, and whose they were. Whoever imports an export gets the
-- names of their images back, so that links go on working; a name that was somebody else's stays gone, or their links
-- would come to show what another person put there. A trigger writes it down, so that nothing that deletes images can
-- forget to.
CREATE TABLE spent_slugs (
    slug     text PRIMARY KEY,
    -- Nobody's where the account is gone too: then nobody gets it back. Who deletes accounts sees to it; a foreign key
    -- would lock people before blobs and days, which come first.
    owner_id uuid
);
CREATE INDEX spent_slugs_owner ON spent_slugs (owner_id) WHERE owner_id IS NOT NULL;

CREATE FUNCTION keep_spent_slugs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO spent_slugs (slug, owner_id) SELECT slug, owner_id FROM removed
    ON CONFLICT (slug) DO UPDATE SET owner_id = excluded.owner_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER images_spent AFTER DELETE ON images
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION keep_spent_slugs();

-- Names of images that went before this aren't known. Where there may have been any, only names that are known to have
-- been one's own are given back.
INSERT INTO settings (name, value, changed_at)
    SELECT 'spent_slugs_from', to_jsonb(now()), now() WHERE EXISTS (SELECT FROM users);
