-- Whether a request for a way back was answered by mail: only then it counts against what an address is sent in an
-- hour, or strangers who go on asking would keep its owner from being mailed anything.
ALTER TABLE reset_requests ADD COLUMN mailed boolean NOT NULL DEFAULT false;
DROP INDEX reset_requests_email;
CREATE INDEX reset_requests_mailed ON reset_requests (lower(email), handled_at) WHERE mailed;
