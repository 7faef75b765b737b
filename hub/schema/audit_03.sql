-- The index made anew once more: some databases of step 2 hold audit_hash in an older shape, one row a hash.
DELETE FROM audit;
DELETE FROM audit_stream;
DELETE FROM audit_delay;
DELETE FROM audit_break;
DROP TABLE audit_hash;

-- The first eight bytes of the record hashes of 512 entries in a row, those of pos block * 512 first.  A search
-- reads all of it: 8 MB for a million entries.  An index by hash would be written all over at every commit.
CREATE TABLE audit_hash(
  block INTEGER PRIMARY KEY,
  hashes BLOB NOT NULL CHECK(length(hashes) % 8 = 0 AND length(hashes) <= 4096)
) STRICT;

-- Who may read the entries of the log without an account here: an auditor's program, by a token of which only the
-- hash is kept.  Not a part of the index above: nothing empties it.
CREATE TABLE log_reader(
  name TEXT PRIMARY KEY NOT NULL CHECK(length(CAST(name AS BLOB)) BETWEEN 1 AND 22),
  token_hash BLOB NOT NULL CHECK(length(token_hash) = 32),
  made_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX log_reader_token ON log_reader(token_hash);
