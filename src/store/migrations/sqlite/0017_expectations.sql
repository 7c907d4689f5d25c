-- People whom an admin expects from a provider: by their subject there, or by an address that the provider proves. They get
-- an account that is there, an account that is made for them, or an identity that moves with them.
CREATE TABLE expectations (
    id         INTEGER PRIMARY KEY,
    user_seq   INTEGER REFERENCES users (seq) ON DELETE CASCADE,
    email      TEXT,
    moves      INTEGER REFERENCES identities (id) ON DELETE CASCADE,
    provider   TEXT    NOT NULL,
    issuer     TEXT,
    subject    TEXT,
    address    TEXT,
    made_by    TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX expectations_subject ON expectations (provider, subject) WHERE subject IS NOT NULL;
CREATE INDEX expectations_address ON expectations (provider, address) WHERE address IS NOT NULL;
CREATE INDEX expectations_user ON expectations (user_seq) WHERE user_seq IS NOT NULL;
CREATE INDEX expectations_moves ON expectations (moves) WHERE moves IS NOT NULL;
CREATE INDEX expectations_expiry ON expectations (expires_at);
