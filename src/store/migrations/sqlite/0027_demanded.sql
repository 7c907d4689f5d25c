-- Since when an admin requires a second factor of the account, whatever the settings require.
ALTER TABLE users ADD COLUMN two_factor_demanded_at INTEGER;
ALTER TABLE deleted_users ADD COLUMN two_factor_demanded_at INTEGER;

CREATE INDEX users_two_factor_demanded ON users (two_factor_demanded_at) WHERE two_factor_demanded_at IS NOT NULL;
