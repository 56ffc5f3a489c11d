-- The mail that an invite went out with, to be withdrawn with it. No foreign key: the outbox forgets sooner.
ALTER TABLE enrolment_links ADD COLUMN mail_id uuid;
