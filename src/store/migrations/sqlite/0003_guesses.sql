-- Failed passwords within a window. The key is a digest of the account's address, or of a device known to it.
CREATE TABLE guesses (
    key        BLOB    PRIMARY KEY,
    started_at INTEGER NOT NULL,
    failures   INTEGER NOT NULL
) STRICT;

CREATE INDEX guesses_started ON guesses (started_at);
