-- What providers issued in the login that opened a session: which of their sessions it belongs to, and their tokens,
-- sealed. A row without a session is of a login whose second step is not done yet. It goes with the session, and with the
-- identity.
CREATE TABLE upstream (
    id           INTEGER PRIMARY KEY,
    identity     INTEGER NOT NULL REFERENCES identities (id) ON DELETE CASCADE,
    session      INTEGER REFERENCES sessions (id) ON DELETE CASCADE,
    provider     TEXT    NOT NULL,
    sid          TEXT,
    sealed       BLOB,
    due_at       INTEGER,
    failures     INTEGER NOT NULL,
    refreshed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX upstream_identity ON upstream (identity);
CREATE UNIQUE INDEX upstream_session ON upstream (session) WHERE session IS NOT NULL;
CREATE INDEX upstream_sid ON upstream (sid) WHERE sid IS NOT NULL;
CREATE INDEX upstream_due ON upstream (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX upstream_unbound ON upstream (refreshed_at) WHERE session IS NULL;
