-- Points are thousandths. A subject is "user:<id>" or "net:<network>".

CREATE TABLE violations (
    id        INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    kind      TEXT    NOT NULL,
    points    INTEGER NOT NULL,
    user_id   TEXT,
    network   TEXT,
    address   TEXT    NOT NULL,
    source    TEXT    NOT NULL,
    detail    TEXT    NOT NULL
) STRICT;

CREATE INDEX violations_user ON violations (user_id, at) WHERE user_id IS NOT NULL;
CREATE INDEX violations_network ON violations (network, at) WHERE network IS NOT NULL;
CREATE INDEX violations_at ON violations (at);

-- What the violations of one kind add up to.
CREATE TABLE scores (
    subject    TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    points     INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (subject, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX scores_updated ON scores (updated_at);

CREATE TABLE bans (
    id         INTEGER PRIMARY KEY,
    reference  TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    cause      TEXT    NOT NULL,
    points     INTEGER NOT NULL,
    interval   INTEGER NOT NULL,
    made_by    TEXT    NOT NULL,
    note       TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    ends_at    INTEGER,
    lifted_at  INTEGER,
    shadow_at  INTEGER
) STRICT;

CREATE UNIQUE INDEX bans_reference ON bans (reference);
CREATE INDEX bans_subject ON bans (subject, started_at);
CREATE INDEX bans_open ON bans (ends_at) WHERE lifted_at IS NULL AND shadow_at IS NULL;

-- The last good login from a network: who logs in well from there is throttled before being banned.
CREATE TABLE good_logins (
    network TEXT    PRIMARY KEY,
    user_id TEXT    NOT NULL,
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Why a request was refused, by the number that its sender was given.
CREATE TABLE refusals (
    id         INTEGER PRIMARY KEY,
    reference  TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    status     INTEGER NOT NULL,
    cause      TEXT    NOT NULL,
    route      TEXT    NOT NULL,
    address    TEXT    NOT NULL,
    derived    TEXT    NOT NULL,
    user_id    TEXT
) STRICT;

CREATE UNIQUE INDEX refusals_reference ON refusals (reference);
