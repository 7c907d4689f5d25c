-- How logins with other providers ended: the newest failures, and the last success of each identity.
CREATE TABLE flights (
    id        INTEGER PRIMARY KEY,
    reference TEXT    NOT NULL UNIQUE,
    at        INTEGER NOT NULL,
    provider  TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    stage     TEXT    NOT NULL,
    cause     TEXT    NOT NULL,
    verdict   TEXT    NOT NULL,
    issuer    TEXT,
    subject   TEXT,
    claims    TEXT
) STRICT;

CREATE INDEX flights_kind ON flights (kind, id);
CREATE INDEX flights_at ON flights (at);
CREATE INDEX flights_subject ON flights (kind, issuer, subject);
