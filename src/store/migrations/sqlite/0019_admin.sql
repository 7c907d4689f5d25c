-- When an admin last confirmed on this session that it is them.
ALTER TABLE sessions ADD COLUMN confirmed_at INTEGER;
