-- The language for letters, since when an account waits for an admin, and since when it has a second factor.
ALTER TABLE users ADD COLUMN lang TEXT;
ALTER TABLE users ADD COLUMN waiting_since INTEGER;
ALTER TABLE users ADD COLUMN two_factor_at INTEGER;

CREATE INDEX users_waiting ON users (waiting_since) WHERE waiting_since IS NOT NULL;

-- One-time links. Each is bound to the address that the account had when it was made.
CREATE TABLE proofs (
    id         INTEGER PRIMARY KEY,
    digest     BLOB    NOT NULL,
    purpose    TEXT    NOT NULL,
    user_seq   INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    address    TEXT    NOT NULL,
    detail     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;

CREATE UNIQUE INDEX proofs_digest ON proofs (digest);
CREATE INDEX proofs_user ON proofs (user_seq, purpose);
CREATE INDEX proofs_expiry ON proofs (expires_at);
