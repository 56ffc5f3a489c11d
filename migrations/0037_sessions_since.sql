-- From when on what shows who somebody is opens a session. It used to be set by enrolling anew alone; now whatever
-- ends sessions sets it, so that a sign-in that is under way at that moment ends with them.
ALTER TABLE users RENAME COLUMN reset_at TO sessions_since;
