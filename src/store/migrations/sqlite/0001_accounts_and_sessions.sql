-- Times are milliseconds since the Unix epoch, UTC. A nullable time says both whether and when.

CREATE TABLE users (
    seq               INTEGER PRIMARY KEY,
    id                TEXT    NOT NULL,
    email             TEXT    NOT NULL,
    email_verified_at INTEGER,
    name              TEXT    NOT NULL,
    username          TEXT,
    avatar            TEXT,
    provider          TEXT    NOT NULL,
    password          TEXT,
    role              TEXT    NOT NULL,
    disabled_at       INTEGER,
    terms_accepted_at INTEGER,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    last_login_at     INTEGER,
    login_count       INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX users_id ON users (id);
CREATE UNIQUE INDEX users_email ON users (email);
CREATE INDEX users_username ON users (username) WHERE username IS NOT NULL;
CREATE INDEX users_admins ON users (seq) WHERE role = 'ADMIN';

-- Found by id, which tokens carry. The digests have no index: they change with every refresh.
CREATE TABLE sessions (
    id               INTEGER PRIMARY KEY,
    user_seq         INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    refresh          BLOB    NOT NULL,
    previous_refresh BLOB,
    rotated_at       INTEGER NOT NULL,
    page             BLOB    NOT NULL,
    method           TEXT    NOT NULL,
    user_agent       TEXT    NOT NULL,
    address          TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    last_used_at     INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_user ON sessions (user_seq);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE setup_tokens (
    digest     BLOB    PRIMARY KEY,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;

CREATE TABLE facts (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- The subject is a public id and no reference: what happened outlives the account.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    subject TEXT,
    actor   TEXT    NOT NULL,
    address TEXT    NOT NULL,
    detail  TEXT    NOT NULL
) STRICT;

CREATE INDEX audit_subject ON audit (subject, at);

CREATE TABLE notices (
    id       INTEGER PRIMARY KEY,
    user_seq INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    kind     TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    detail   TEXT    NOT NULL
) STRICT;

CREATE INDEX notices_user ON notices (user_seq);
