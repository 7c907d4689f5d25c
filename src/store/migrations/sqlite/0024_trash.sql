-- The end of somebody's time here, as an admin has set it, and whether they were told that it comes.
ALTER TABLE users ADD COLUMN valid_until INTEGER;
ALTER TABLE users ADD COLUMN valid_until_told_at INTEGER;

CREATE INDEX users_valid_until ON users (valid_until) WHERE valid_until IS NOT NULL;

-- Deleted accounts, for as long as they can be restored. They stand apart from those that are there, under their public id:
-- no statement about `users` and what belongs to it sees them, and addresses and identities are free for others.
CREATE TABLE deleted_users (
    id                     TEXT    PRIMARY KEY,
    deleted_at             INTEGER NOT NULL,
    deleted_by             TEXT    NOT NULL,
    email                  TEXT    NOT NULL,
    email_verified_at      INTEGER,
    name                   TEXT    NOT NULL,
    username               TEXT,
    avatar                 TEXT,
    provider               TEXT    NOT NULL,
    password               TEXT,
    role                   TEXT    NOT NULL,
    role_source            TEXT,
    disabled_at            INTEGER,
    terms_accepted_at      INTEGER,
    created_at             INTEGER NOT NULL,
    updated_at             INTEGER NOT NULL,
    last_login_at          INTEGER,
    login_count            INTEGER NOT NULL,
    lang                   TEXT,
    waiting_since          INTEGER,
    waiting_told_at        INTEGER,
    two_factor_at          INTEGER,
    two_factor_required_at INTEGER,
    devices_forgotten      INTEGER NOT NULL,
    group_names            TEXT    NOT NULL,
    expires_at             INTEGER,
    valid_until            INTEGER,
    valid_until_told_at    INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX deleted_users_at ON deleted_users (deleted_at, id);
CREATE INDEX deleted_users_email ON deleted_users (email);

CREATE TABLE deleted_identities (
    user_id      TEXT    NOT NULL REFERENCES deleted_users (id) ON DELETE CASCADE,
    issuer       TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    provider     TEXT    NOT NULL,
    email        TEXT,
    name         TEXT,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER,
    PRIMARY KEY (user_id, issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE deleted_memberships (
    user_id TEXT NOT NULL REFERENCES deleted_users (id) ON DELETE CASCADE,
    source  TEXT NOT NULL,
    name    TEXT NOT NULL,
    PRIMARY KEY (user_id, source, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE deleted_second_factors (
    user_id   TEXT    PRIMARY KEY REFERENCES deleted_users (id) ON DELETE CASCADE,
    secret    BLOB,
    last_step INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE deleted_backup_codes (
    user_id   TEXT    NOT NULL REFERENCES deleted_users (id) ON DELETE CASCADE,
    digest    BLOB    NOT NULL,
    salt      BLOB    NOT NULL,
    place     INTEGER NOT NULL,
    active_at INTEGER,
    used_at   INTEGER,
    PRIMARY KEY (user_id, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE deleted_pictures (
    user_id    TEXT    PRIMARY KEY REFERENCES deleted_users (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    source     BLOB    NOT NULL,
    fetched_at INTEGER NOT NULL,
    body       BLOB    NOT NULL
) STRICT;

-- Whoever can come back keeps what the audit log says of them; whoever is gone for good takes it along.
DROP TRIGGER users_take_their_audit_key_along;

CREATE TRIGGER users_take_their_audit_key_along AFTER DELETE ON users
WHEN NOT EXISTS (SELECT 1 FROM deleted_users WHERE id = old.id) BEGIN
    UPDATE audit_keys SET sealed = zeroblob(length(sealed)), destroyed = 1 WHERE owner = old.id;
    INSERT INTO audit_keys (owner, sealed, destroyed) SELECT old.id, zeroblob(1), 1
        WHERE NOT EXISTS (SELECT 1 FROM audit_keys WHERE owner = old.id);
END;

CREATE TRIGGER deleted_users_take_their_audit_key_along AFTER DELETE ON deleted_users
WHEN NOT EXISTS (SELECT 1 FROM users WHERE id = old.id) BEGIN
    UPDATE audit_keys SET sealed = zeroblob(length(sealed)), destroyed = 1 WHERE owner = old.id;
    INSERT INTO audit_keys (owner, sealed, destroyed) SELECT old.id, zeroblob(1), 1
        WHERE NOT EXISTS (SELECT 1 FROM audit_keys WHERE owner = old.id);
END;
