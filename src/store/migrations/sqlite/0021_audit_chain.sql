-- The audit log as a chain. What was written before is in audit_unchained until the program, which has the keys, has
-- sealed and chained it: at the next start.
DROP INDEX audit_subject;
ALTER TABLE audit RENAME TO audit_unchained;

-- Keys of people and of days, each sealed with the server's. A key that is destroyed is overwritten with zeros, in place:
-- 0 and 1 take the same room in a row.
CREATE TABLE audit_keys (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    owner     TEXT    NOT NULL,
    sealed    BLOB    NOT NULL,
    destroyed INTEGER NOT NULL
) STRICT;

-- What is said of somebody who was deleted is gone for good, and nothing more is recorded of what would have been sealed.
CREATE TRIGGER users_take_their_audit_key_along AFTER DELETE ON users BEGIN
    UPDATE audit_keys SET sealed = zeroblob(length(sealed)), destroyed = 1 WHERE owner = old.id;
    INSERT INTO audit_keys (owner, sealed, destroyed) SELECT old.id, zeroblob(1), 1
        WHERE NOT EXISTS (SELECT 1 FROM audit_keys WHERE owner = old.id);
END;

CREATE INDEX audit_keys_owner ON audit_keys (owner);
CREATE INDEX audit_keys_destroyed ON audit_keys (id) WHERE destroyed = 1;

-- Address and device are in origin, remarks about people in remark: sealed. The digest is over the one before and the row.
CREATE TABLE audit (
    id         INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    subject    TEXT,
    actor      TEXT    NOT NULL,
    reference  TEXT,
    detail     TEXT    NOT NULL,
    origin_key INTEGER,
    origin     BLOB,
    remark_key INTEGER,
    remark     BLOB,
    digest     BLOB    NOT NULL
) STRICT;

CREATE INDEX audit_subject ON audit (subject, at);

-- The signed ends of the chain: the newest row, and the last one that retention removed.
CREATE TABLE audit_marks (
    name   TEXT    PRIMARY KEY,
    seq    INTEGER NOT NULL,
    digest BLOB    NOT NULL,
    at     INTEGER NOT NULL,
    mac    BLOB    NOT NULL
) STRICT;

CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit BEGIN
    SELECT raise(ABORT, 'the audit log is only added to');
END;

CREATE TRIGGER audit_is_cut_at_its_old_end BEFORE DELETE ON audit
WHEN old.id > coalesce((SELECT seq FROM audit_marks WHERE name = 'anchor'), 0) BEGIN
    SELECT raise(ABORT, 'the audit log is only cut at its old end');
END;
