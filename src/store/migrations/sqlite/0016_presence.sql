-- When the owner of a session last proved who they are, if that was after the login.
ALTER TABLE sessions ADD COLUMN proved_at INTEGER;

-- What somebody who was signed in went to the provider for; nothing means to connect it.
ALTER TABLE attempts ADD COLUMN purpose TEXT;
