-- Letters on their way. What they say is sealed, and wiped once they are sent or cannot be sent any more. A letter whose
-- due_at is NULL is done with; while one is being sent, due_at is when its sender is taken for dead.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    address    TEXT    NOT NULL,
    sealed     BLOB,
    attempts   INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    give_up_at INTEGER NOT NULL,
    due_at     INTEGER,
    claimed_at INTEGER,
    sent_at    INTEGER,
    failed_at  INTEGER,
    last_error TEXT
) STRICT;

CREATE UNIQUE INDEX outbox_name ON outbox (name);
CREATE INDEX outbox_due ON outbox (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_created ON outbox (created_at);
CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at IS NULL;
CREATE INDEX outbox_failed ON outbox (give_up_at) WHERE failed_at IS NOT NULL AND sealed IS NOT NULL;
