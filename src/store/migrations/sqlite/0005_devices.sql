-- The device that something was done with, in the words of its browser.
ALTER TABLE audit ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';

-- How often an account forgot every device it knew: what proves a device is bound to it.
ALTER TABLE users ADD COLUMN devices_forgotten INTEGER NOT NULL DEFAULT 0;
