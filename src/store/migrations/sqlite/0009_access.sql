-- Who is in which group, and who says so: the console, or another provider.
CREATE TABLE memberships (
    user_seq INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    source   TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    PRIMARY KEY (user_seq, source, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX memberships_name ON memberships (name);

-- The same names, one a line, for requests that read the account anyway.
ALTER TABLE users ADD COLUMN group_names TEXT NOT NULL DEFAULT '';

-- A login on its way to another host: used once, within seconds, on that host, by the browser that asked for it.
CREATE TABLE hand_overs (
    digest     BLOB    PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    host       TEXT    NOT NULL,
    browser    BLOB    NOT NULL,
    target     TEXT    NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX hand_overs_expiry ON hand_overs (expires_at);
CREATE INDEX hand_overs_session ON hand_overs (session_id);
