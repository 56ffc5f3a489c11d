-- Somebody who would have to bring a second code may ask for a mailed one instead. Whether any is
-- mailed depends on what they typed first, which must not show: a row stands for each who asks, and
-- takes tries like any other, but has an address and a code only if one was mailed. Rows are kept
-- for a day, to count what one account is sent.
ALTER TABLE email_codes
    ALTER COLUMN email DROP NOT NULL,
    ALTER COLUMN code_mac DROP NOT NULL,
    ADD CHECK ((email IS NULL) = (code_mac IS NULL));
CREATE INDEX email_codes_subject ON email_codes (subject, created_at);

-- Requests for such codes, answered beside the request.
CREATE TABLE sign_in_mails (
    ticket_hash bytea PRIMARY KEY REFERENCES email_codes ON DELETE CASCADE,
    -- Whose right code came first; NULL after a wrong one. No reference: looking it up would take
    -- time for one and not for the other.
    user_id     uuid,
    agent       text NOT NULL,
    created_at  timestamptz NOT NULL,
    handled_at  timestamptz
);
CREATE INDEX sign_in_mails_waiting ON sign_in_mails (created_at) WHERE handled_at IS NULL;
