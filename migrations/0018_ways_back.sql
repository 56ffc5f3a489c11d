-- When somebody last enrolled anew. What was under way then, by the means that ended, opens nothing.
ALTER TABLE users ADD COLUMN reset_at timestamptz;

-- Links that went to the account's mail address end with the address. Of those made before this, nobody
-- knows.
ALTER TABLE enrolment_links ADD COLUMN mailed boolean NOT NULL DEFAULT false;
UPDATE enrolment_links SET mailed = true WHERE kind = 'reset';
