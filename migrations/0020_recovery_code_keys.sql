-- A recovery code's selector can't be made anew under another key, since the code isn't known. So the
-- key is noted: it tells how many codes go void with an old key. Until now an instance had one key, that
-- of the newest authenticator.
ALTER TABLE recovery_codes ADD COLUMN key_id text;
UPDATE recovery_codes SET key_id =
    (SELECT key_id FROM totp_credentials AS c WHERE c.user_id = recovery_codes.user_id
     ORDER BY created_at DESC, id LIMIT 1);
