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
