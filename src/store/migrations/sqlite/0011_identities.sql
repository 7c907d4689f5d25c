-- Who an account's owner is at other providers. Issuer and subject are compared byte by byte.
CREATE TABLE identities (
    id           INTEGER PRIMARY KEY,
    user_seq     INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    issuer       TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    provider     TEXT    NOT NULL,
    email        TEXT,
    name         TEXT,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;

CREATE UNIQUE INDEX identities_subject ON identities (issuer, subject);
CREATE INDEX identities_user ON identities (user_seq);

-- People who are at a provider now. What is kept here finishes nobody's attempt: it is digests.
CREATE TABLE attempts (
    state      BLOB    PRIMARY KEY,
    browser    BLOB    NOT NULL,
    provider   TEXT    NOT NULL,
    target     TEXT,
    user_seq   INTEGER REFERENCES users (seq) ON DELETE CASCADE,
    session    INTEGER,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX attempts_expiry ON attempts (expires_at);
CREATE INDEX attempts_user ON attempts (user_seq) WHERE user_seq IS NOT NULL;

-- Identities whose address an account has, for whoever logs in to that account from the same browser.
CREATE TABLE offers (
    browser    BLOB    PRIMARY KEY,
    user_seq   INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    provider   TEXT    NOT NULL,
    issuer     TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    email      TEXT,
    name       TEXT,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX offers_expiry ON offers (expires_at);
CREATE INDEX offers_user ON offers (user_seq);
