-- The provider that gave an account its role; NULL if somebody did so by hand, or nobody.
ALTER TABLE users ADD COLUMN role_source TEXT;
