-- Since when an account has to have a second factor and has none.
ALTER TABLE users ADD COLUMN two_factor_required_at INTEGER;

-- Secrets of authenticators, sealed. What is pending counts for nothing until a code of it was right. `last_step` is the
-- last thirty seconds whose code was accepted: none is accepted twice.
CREATE TABLE second_factors (
    user_seq      INTEGER PRIMARY KEY REFERENCES users (seq) ON DELETE CASCADE,
    secret        BLOB,
    last_step     INTEGER NOT NULL,
    pending       BLOB,
    pending_by    BLOB,
    pending_step  INTEGER,
    pending_nonce BLOB
) STRICT;

-- Keyed digests of backup codes; without `active_at` they are pending with the secret.
CREATE TABLE backup_codes (
    user_seq  INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    digest    BLOB    NOT NULL,
    salt      BLOB    NOT NULL,
    place     INTEGER NOT NULL,
    active_at INTEGER,
    used_at   INTEGER,
    PRIMARY KEY (user_seq, digest)
) STRICT, WITHOUT ROWID;

-- Devices that are not asked for a code.
CREATE TABLE trusted_devices (
    id           INTEGER PRIMARY KEY,
    digest       BLOB    NOT NULL,
    user_seq     INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    user_agent   TEXT    NOT NULL,
    address      TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX trusted_devices_digest ON trusted_devices (digest);
CREATE INDEX trusted_devices_user ON trusted_devices (user_seq);
CREATE INDEX trusted_devices_expiry ON trusted_devices (expires_at);

-- Tickets for the second step of a login that were used, until their end.
CREATE TABLE spent_tickets (
    digest     BLOB    PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX spent_tickets_expiry ON spent_tickets (expires_at);
