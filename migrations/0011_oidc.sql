-- Identities at an OpenID Connect provider that sign somebody in. An identity is issuer and subject
-- (OpenID Connect Core §2); the label is what its owner knows it by and decides nothing.
CREATE TABLE oidc_links (
    issuer       text NOT NULL,
    subject      text NOT NULL,
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    label        text NOT NULL,
    linked_at    timestamptz NOT NULL,
    last_used_at timestamptz,
    PRIMARY KEY (issuer, subject),
    CONSTRAINT oidc_links_user_key UNIQUE (user_id, issuer)
);

-- Ways to the provider that somebody has come back from. The rest of a way travels sealed in a cookie,
-- which could be brought twice.
CREATE TABLE oidc_spent (
    state_hash bytea PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
CREATE INDEX oidc_spent_expiry ON oidc_spent (expires_at);
