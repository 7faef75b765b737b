-- Local rows again (local_01.sql): these never leave the machine.

-- The first answers of requests are kept as long as what they made, so nothing looks for the old ones any more.
DROP INDEX idempotency_at;

-- An invitation answers again only the key that has used it: the answer may have been lost on the line.
ALTER TABLE invite ADD COLUMN used_key BLOB;
ALTER TABLE invite ADD COLUMN answers INTEGER NOT NULL DEFAULT 0; -- how often it was answered, the first time too

-- The good certificates of a branch are few; those that have ended stay for ever.
CREATE INDEX certificate_good ON certificate(branch, since_ms) WHERE revoked_ms = 0;

-- Sheets of prices that were taken, by the hash of their bytes: one that comes again is asked about.
CREATE TABLE sheet_taken(
  hash BLOB PRIMARY KEY NOT NULL CHECK(length(hash) = 32),
  account TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  prices INTEGER NOT NULL,
  first_no TEXT NOT NULL,
  last_no TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Failed tries of a secret (core/domain/lockout.h). 'pair' only says that a name failed from an address lately.
DROP TABLE lockout;
CREATE TABLE guess(
  kind TEXT NOT NULL CHECK(kind IN ('account', 'peer', 'device', 'password', 'pair')),
  name TEXT NOT NULL CHECK(length(name) <= 128),
  failures INTEGER NOT NULL CHECK(failures BETWEEN 0 AND 100),
  last_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,                -- 0: not locked
  PRIMARY KEY(kind, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX guess_last ON guess(last_ms);

-- Browsers that have logged in as an account: a lock on the account's name does not stop them.
-- The token itself is only in the browser; here is its SHA-256.
CREATE TABLE device(
  token_hash BLOB NOT NULL CHECK(length(token_hash) = 32),
  account TEXT NOT NULL,
  seen_ms INTEGER NOT NULL,
  PRIMARY KEY(token_hash, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_account ON device(account, seen_ms);
CREATE INDEX device_seen ON device(seen_ms);

-- Sessions from up to then are over.  Those in the table are deleted; those a program keeps in memory while it cannot
-- write are held to this, also when a command beside it ended them.
ALTER TABLE account ADD COLUMN ended_ms INTEGER NOT NULL DEFAULT 0;

-- What the browser of a session calls itself: people tell their logins apart by it.
ALTER TABLE session ADD COLUMN agent TEXT NOT NULL DEFAULT '' CHECK(length(agent) <= 256);

-- What a command did beside a running program, which alone can sign: it writes the event within a minute.
CREATE TABLE untold(
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;

-- Up to where branches have been told which of their entries were refused: by the turn of a refusal now, which of
-- those from before is one more than the place in the log (schema 08 of sync).
INSERT INTO setting(key, value)
  SELECT 'quarantine_told_turn', CAST(CAST(value AS INTEGER) + 1 AS TEXT) FROM setting WHERE key = 'quarantine_told';
DELETE FROM setting WHERE key = 'quarantine_told';
