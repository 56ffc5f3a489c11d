-- A link by which somebody who is kept out enrols anew and is let in again: made by an administrator for an
-- account that is in strange hands.
ALTER TABLE enrolment_links ADD COLUMN reinstates boolean NOT NULL DEFAULT false;
