-- Violations of one user or one network in the order in which they are listed, whatever else they are picked by: an
-- address that was seen a million times is shown as fast as one that was seen once. What is counted is in the index.
DROP INDEX violations_user;
DROP INDEX violations_network;
DROP INDEX violations_at;

CREATE INDEX violations_user ON violations (user_id, id, at, kind) WHERE user_id IS NOT NULL;
CREATE INDEX violations_network ON violations (network, id, at, kind) WHERE network IS NOT NULL;
CREATE INDEX violations_at ON violations (at, kind, points);

-- Those that are too old are found without a look at all the others.
CREATE INDEX good_logins_at ON good_logins (at);
