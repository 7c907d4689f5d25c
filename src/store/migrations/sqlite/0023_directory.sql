-- What names are sorted by: without case, and without the accents of Western Europe. Nobody has to keep it up to date.
ALTER TABLE users ADD COLUMN sort_name TEXT GENERATED ALWAYS AS (
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
    replace(replace(replace(replace(replace(
    lower(name)
    , 'À', 'a'), 'Á', 'a'), 'Â', 'a'), 'Ã', 'a'), 'Ä', 'a'), 'Å', 'a'), 'à', 'a'), 'á', 'a'), 'â', 'a'), 'ã', 'a'), 'ä', 'a'), 'å', 'a')
    , 'Ç', 'c'), 'ç', 'c')
    , 'È', 'e'), 'É', 'e'), 'Ê', 'e'), 'Ë', 'e'), 'è', 'e'), 'é', 'e'), 'ê', 'e'), 'ë', 'e')
    , 'Ì', 'i'), 'Í', 'i'), 'Î', 'i'), 'Ï', 'i'), 'ì', 'i'), 'í', 'i'), 'î', 'i'), 'ï', 'i')
    , 'Ñ', 'n'), 'ñ', 'n')
    , 'Ò', 'o'), 'Ó', 'o'), 'Ô', 'o'), 'Õ', 'o'), 'Ö', 'o'), 'Ø', 'o'), 'ò', 'o'), 'ó', 'o'), 'ô', 'o'), 'õ', 'o'), 'ö', 'o'), 'ø', 'o')
    , 'Ù', 'u'), 'Ú', 'u'), 'Û', 'u'), 'Ü', 'u'), 'ù', 'u'), 'ú', 'u'), 'û', 'u'), 'ü', 'u')
    , 'Ý', 'y'), 'Ÿ', 'y'), 'ý', 'y'), 'ÿ', 'y')
    , 'Š', 's'), 'š', 's')
    , 'Ž', 'z'), 'ž', 'z')
    , 'Æ', 'ae'), 'æ', 'ae')
    , 'Œ', 'oe'), 'œ', 'oe')
    , 'ß', 'ss')
) VIRTUAL;

-- The same for the last login: never is before all others.
ALTER TABLE users ADD COLUMN sort_login INTEGER GENERATED ALWAYS AS (COALESCE(last_login_at, 0)) VIRTUAL;

-- One index per order of the list of users; addresses have theirs.
CREATE INDEX users_created ON users (created_at, seq);
CREATE INDEX users_last_login ON users (sort_login, seq);
CREATE INDEX users_name ON users (sort_name, seq);

-- What is rare enough to be looked up, and how often there is what is not.
CREATE INDEX users_role ON users (role);
CREATE INDEX users_provider ON users (provider);
CREATE INDEX users_disabled ON users (disabled_at) WHERE disabled_at IS NOT NULL;
CREATE INDEX users_unverified ON users (email_verified_at) WHERE email_verified_at IS NULL;
CREATE INDEX users_two_factor ON users (two_factor_at) WHERE two_factor_at IS NOT NULL;
CREATE INDEX users_one_factor ON users (two_factor_at) WHERE two_factor_at IS NULL;

-- Every three characters in a row of names and addresses, so that any part of them is found. It keeps no text.
CREATE VIRTUAL TABLE users_words USING fts5 (
    text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram remove_diacritics 1'
);

INSERT INTO users_words (rowid, text)
    SELECT seq, name || ' ' || email || ' ' || COALESCE(username, '') FROM users;

CREATE TRIGGER users_words_of_new AFTER INSERT ON users BEGIN
    INSERT INTO users_words (rowid, text)
        VALUES (new.seq, new.name || ' ' || new.email || ' ' || COALESCE(new.username, ''));
END;

CREATE TRIGGER users_words_of_changed AFTER UPDATE OF name, email, username ON users BEGIN
    UPDATE users_words SET text = new.name || ' ' || new.email || ' ' || COALESCE(new.username, '')
        WHERE rowid = new.seq;
END;

CREATE TRIGGER users_words_of_gone AFTER DELETE ON users BEGIN
    DELETE FROM users_words WHERE rowid = old.seq;
END;
