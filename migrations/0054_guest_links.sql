-- Links by which people without an account put images into one album. What comes is the owner's.
CREATE TABLE guest_links (
    id         uuid PRIMARY KEY,
    album_id   uuid NOT NULL REFERENCES albums ON DELETE CASCADE,
    -- The secret in its address; readable, like that of an album's page, since its owner copies it again and again.
    slug       text NOT NULL CONSTRAINT guest_links_slug_key UNIQUE,
    name       text NOT NULL,
    created_at timestamptz NOT NULL,
    -- How long it is open and what it takes in all, where there is an end to that.
    expires_at timestamptz,
    max_images integer CHECK (max_images > 0),
    max_bytes  bigint CHECK (max_bytes > 0),
    -- What came by it, whatever has become of that since.
    images     integer NOT NULL DEFAULT 0,
    bytes      bigint NOT NULL DEFAULT 0
);
CREATE INDEX guest_links_album ON guest_links (album_id);

-- Which images came by one. They outlive it, with its name, and so `link_id` refers to nothing: were it to, ending a
-- link would lock rows of images out of order.
CREATE TABLE guest_images (
    image_id  uuid PRIMARY KEY REFERENCES images ON DELETE CASCADE,
    link_id   uuid NOT NULL,
    link_name text NOT NULL
);

-- What guests have sent from an address within an hour, which begins with the first file.
CREATE TABLE guest_rates (
    address text PRIMARY KEY,
    since   timestamptz NOT NULL,
    files   integer NOT NULL
);
