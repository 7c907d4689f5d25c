-- How often something happened in an hour, counted from the epoch.
CREATE TABLE tallies (
    hour  INTEGER NOT NULL,
    kind  TEXT    NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (hour, kind)
) STRICT, WITHOUT ROWID;

INSERT INTO tallies (hour, kind, count)
SELECT at / 3600000,
       CASE kind
           WHEN 'login_succeeded' THEN 'sign_ins'
           WHEN 'login_refused' THEN 'failures'
           WHEN 'second_factor_refused' THEN 'failures'
           WHEN 'banned' THEN 'bans'
           ELSE 'registrations'
       END AS tally,
       count(*)
FROM (SELECT at, kind FROM audit UNION ALL SELECT at, kind FROM audit_unchained)
WHERE kind IN ('login_succeeded', 'login_refused', 'second_factor_refused', 'account_created', 'set_up', 'banned')
GROUP BY at / 3600000, tally;

INSERT INTO tallies (hour, kind, count)
SELECT at / 3600000, 'violations', count(*) FROM violations GROUP BY at / 3600000;


-- What was changed while the server ran, as one would write it.
CREATE TABLE settings (
    key        TEXT    PRIMARY KEY,
    value      TEXT    NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
