-- A suspended account can't sign in by any way; its images stay where they are. Removal is begun by a
-- mark and carried on by whichever node finds it, since deleting 100,000 images takes a while.
ALTER TABLE users
    ADD COLUMN suspended_at timestamptz,
    ADD COLUMN removed_at   timestamptz;
CREATE INDEX users_administrators ON users (id) WHERE is_admin;
CREATE INDEX users_removed ON users (id) WHERE removed_at IS NOT NULL;
