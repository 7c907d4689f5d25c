-- Networks that are never banned, besides those of the configuration.
CREATE TABLE spared_networks (
    network    TEXT    PRIMARY KEY,
    note       TEXT    NOT NULL,
    made_by    TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The groups that the accounts made with an invitation are put into, one a line.
ALTER TABLE invitations ADD COLUMN group_names TEXT NOT NULL DEFAULT '';
