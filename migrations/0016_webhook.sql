-- Besides mails, the outbox holds posts to the operator's webhook: they wait and are tried alike.
ALTER TABLE mail_outbox
    ADD COLUMN channel text NOT NULL DEFAULT 'mail' CHECK (channel IN ('mail', 'webhook'));
DROP INDEX mail_outbox_due;
CREATE INDEX mail_outbox_due ON mail_outbox (channel, next_at) WHERE next_at IS NOT NULL;
