-- Names that somebody on the way to an account asked for and didn't get. Counted by link and by address, or whoever
-- has an invite, or solves a challenge where sign-up is open, could list the accounts.
CREATE TABLE taken_names (
    id        uuid PRIMARY KEY,
    link_hash bytea NOT NULL,
    -- IPv4, or IPv6 /64, as text.
    address   text NOT NULL,
    at        timestamptz NOT NULL
);
CREATE INDEX taken_names_link ON taken_names (link_hash, at);
CREATE INDEX taken_names_address ON taken_names (address, at);
CREATE INDEX taken_names_at ON taken_names (at);
