-- What strangers asked for and do not wait for: each row lives for about a second.
CREATE TABLE errands (
    id         INTEGER PRIMARY KEY,
    kind       TEXT    NOT NULL,
    email      TEXT    NOT NULL,
    address    TEXT    NOT NULL,
    user_agent TEXT    NOT NULL,
    at         INTEGER NOT NULL
) STRICT;

-- When an account whose address nobody proved vanishes.
ALTER TABLE users ADD COLUMN expires_at INTEGER;

CREATE INDEX users_expiry ON users (expires_at) WHERE expires_at IS NOT NULL;
