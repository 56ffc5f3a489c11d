-- How many images each day (UTC) of each person has, the bin excepted: what the gallery's height and its
-- scrubber are made of. Counting images would take longer with each of them; days are few. Triggers count, so
-- that nothing that adds or deletes images can forget to. A day's row is locked after images and blobs and
-- before users, several in the order of the days.
-- Nobody uploads meanwhile, who would hold the first of these and want the second.
LOCK TABLE images, users IN SHARE ROW EXCLUSIVE MODE;
CREATE TABLE image_days (
    owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    day      date NOT NULL,
    images   integer NOT NULL,
    PRIMARY KEY (owner_id, day)
);

CREATE FUNCTION count_image_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO image_days AS days (owner_id, day, images)
        SELECT owner_id, (created_at AT TIME ZONE 'UTC')::date, count(*) FROM added WHERE deleted_at IS NULL
        GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (owner_id, day) DO UPDATE SET images = days.images + excluded.images;
    ELSIF TG_OP = 'DELETE' THEN
        -- Of somebody who is deleted with all that is theirs, the day may be gone: it isn't made again.
        INSERT INTO image_days AS days (owner_id, day, images)
        SELECT gone.owner_id, gone.day, -gone.images FROM (
            SELECT owner_id, (created_at AT TIME ZONE 'UTC')::date AS day, count(*) AS images
            FROM removed WHERE deleted_at IS NULL GROUP BY 1, 2
        ) AS gone JOIN image_days USING (owner_id, day) ORDER BY 1, 2
        ON CONFLICT (owner_id, day) DO UPDATE SET images = days.images + excluded.images;
    ELSE
        -- Into the bin, and out of it. All other changes end here.
        INSERT INTO image_days AS days (owner_id, day, images)
        SELECT owner_id, (created_at AT TIME ZONE 'UTC')::date, sum(n) FROM (
            SELECT owner_id, created_at, 1 AS n FROM added WHERE deleted_at IS NULL
            UNION ALL SELECT owner_id, created_at, -1 FROM removed WHERE deleted_at IS NULL
        ) AS moves
        GROUP BY 1, 2 HAVING sum(n) <> 0 ORDER BY 1, 2
        ON CONFLICT (owner_id, day) DO UPDATE SET images = days.images + excluded.images;
    END IF;
    RETURN NULL;
END
$$;

INSERT INTO image_days (owner_id, day, images)
SELECT owner_id, (created_at AT TIME ZONE 'UTC')::date, count(*) FROM images WHERE deleted_at IS NULL GROUP BY 1, 2;

CREATE TRIGGER images_added AFTER INSERT ON images
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_image_days();
CREATE TRIGGER images_changed AFTER UPDATE ON images
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_image_days();
CREATE TRIGGER images_removed AFTER DELETE ON images
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_image_days();
