-- Links that let somebody register. Either for one address, or for anybody with an address at one of the domains (separated
-- by blanks; none means any). Without a number of uses there is no end to them.
CREATE TABLE invitations (
    id         INTEGER PRIMARY KEY,
    digest     BLOB    NOT NULL,
    email      TEXT,
    mailed_at  INTEGER,
    domains    TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    uses       INTEGER,
    used       INTEGER NOT NULL,
    note       TEXT    NOT NULL,
    made_by    TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE UNIQUE INDEX invitations_digest ON invitations (digest);
CREATE INDEX invitations_expiry ON invitations (expires_at);

-- Who came through which. The guest is a public id and no reference: the list outlives the account.
CREATE TABLE invitation_guests (
    id            INTEGER PRIMARY KEY,
    invitation_id INTEGER NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
    user_id       TEXT    NOT NULL,
    at            INTEGER NOT NULL
) STRICT;

CREATE INDEX invitation_guests_invitation ON invitation_guests (invitation_id);

-- When the admins were told that an account waits for them.
ALTER TABLE users ADD COLUMN waiting_told_at INTEGER;

CREATE INDEX users_untold ON users (email_verified_at) WHERE waiting_since IS NOT NULL AND waiting_told_at IS NULL;
