-- A page of what somebody has made public. Nobody has one who hasn't switched it on.
ALTER TABLE users
    ADD COLUMN has_profile boolean NOT NULL DEFAULT false,
    ADD COLUMN bio text;
