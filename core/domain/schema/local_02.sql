-- The first answers of requests are kept as long as what they made, so nothing looks for the old ones any more.
DROP INDEX idempotency_at;

-- An invitation answers again only the key that has used it: the answer may have been lost on the line.
ALTER TABLE invite ADD COLUMN used_key BLOB;

-- Sheets of prices that were taken, by the hash of their bytes: one that comes again is asked about.
CREATE TABLE sheet_taken(
  hash BLOB PRIMARY KEY NOT NULL CHECK(length(hash) = 32),
  account TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  prices INTEGER NOT NULL,
  first_no TEXT NOT NULL,
  last_no TEXT NOT NULL
) STRICT, WITHOUT ROWID;
