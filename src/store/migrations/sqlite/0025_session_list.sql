-- The list of all sessions: by last use, which changes once a minute at most, and what is rare enough to be looked up.
-- By login they are in the order of their ids.
CREATE INDEX sessions_used ON sessions (last_used_at, id, expires_at);
CREATE INDEX sessions_address ON sessions (address);
CREATE INDEX sessions_method ON sessions (method);

-- The walk over all sessions that looked for unused ones is over.
DELETE FROM facts WHERE key = 'session_purge_place';
