-- What a token opens, until when, how often and for how large files; and where it was last used, to be seen
-- by its owner. Tokens from before go on with what they could do: upload, read and delete.
ALTER TABLE api_tokens
    ADD COLUMN scopes              text[] NOT NULL DEFAULT '{upload,read,delete}',
    ADD COLUMN expires_at          timestamptz,
    ADD COLUMN requests_per_minute integer NOT NULL DEFAULT 6000 CHECK (requests_per_minute > 0),
    ADD COLUMN max_upload          bigint CHECK (max_upload > 0),
    -- IPv4 /24 or IPv6 /48, as text.
    ADD COLUMN last_network        text,
    ADD COLUMN last_agent          text;
ALTER TABLE api_tokens
    ALTER COLUMN scopes DROP DEFAULT,
    ALTER COLUMN requests_per_minute DROP DEFAULT;
CREATE INDEX api_tokens_user ON api_tokens (user_id);
