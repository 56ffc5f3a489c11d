-- A link with which somebody who has an account enrols anew: what they had before ends then.
ALTER TABLE enrolment_links ADD COLUMN user_id uuid REFERENCES users ON DELETE CASCADE;
CREATE INDEX enrolment_links_user ON enrolment_links (user_id) WHERE user_id IS NOT NULL;
