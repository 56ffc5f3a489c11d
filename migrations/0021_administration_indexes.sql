-- What administration looks at, found without walking past every failed try of a botnet.
CREATE INDEX audit_log_last_sign_in ON audit_log (user_id, sequence) WHERE action = 'signed_in' AND outcome = 'success';
CREATE INDEX audit_log_tries ON audit_log (at) WHERE action IN ('signed_in', 'sign_in_failed');
