-- Keys with which programs come in somebody's name. `scopes` and `hosts` are words separated by blanks; no host is all hosts.
CREATE TABLE api_keys (
    id           INTEGER PRIMARY KEY,
    digest       BLOB    NOT NULL,
    user_seq     INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    name         TEXT    NOT NULL,
    scopes       TEXT    NOT NULL,
    hosts        TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER
) STRICT;

CREATE UNIQUE INDEX api_keys_digest ON api_keys (digest);
CREATE INDEX api_keys_user ON api_keys (user_seq);
CREATE INDEX api_keys_expiry ON api_keys (expires_at);
