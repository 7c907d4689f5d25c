-- A small picture of each account whose provider had one. Two accounts may have the same.
CREATE TABLE pictures (
    user_seq   INTEGER PRIMARY KEY REFERENCES users (seq) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    source     BLOB    NOT NULL,
    fetched_at INTEGER NOT NULL,
    body       BLOB    NOT NULL
) STRICT;

CREATE INDEX pictures_name ON pictures (name);
