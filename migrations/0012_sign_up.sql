-- What administrators change while the instance runs, each under its name.
CREATE TABLE settings (
    name       text PRIMARY KEY,
    value      jsonb NOT NULL,
    changed_at timestamptz NOT NULL
);

-- Links whose account isn't named yet: invites, and the way on from the sign-up page.
ALTER TABLE enrolment_links
    ADD COLUMN id          uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT enrolment_links_id_key UNIQUE,
    ADD COLUMN kind        text,
    ADD COLUMN note        text,
    ADD COLUMN quota_bytes bigint CHECK (quota_bytes >= 0),
    ADD COLUMN invited_by  uuid REFERENCES users ON DELETE SET NULL;
UPDATE enrolment_links
    SET kind = CASE WHEN is_setup THEN 'setup' WHEN user_id IS NOT NULL THEN 'reset' ELSE 'account' END;
ALTER TABLE enrolment_links
    DROP COLUMN is_setup,
    ALTER COLUMN kind SET NOT NULL,
    ADD CONSTRAINT enrolment_links_kind CHECK (kind IN ('setup', 'account', 'reset', 'invite', 'sign_up')),
    ADD CONSTRAINT enrolment_links_reset CHECK ((kind = 'reset') = (user_id IS NOT NULL));
