-- The index made anew from the log, with what an auditor asks of whole streams.  Still a cache: emptied with
-- `audit`, all of it is built again from the first entry.
DELETE FROM audit;

-- How an entry's claimed time is out of order; bits of enum audit_odd: 1 after it was received, 2 before the
-- entry it follows.
ALTER TABLE audit ADD COLUMN odd INTEGER NOT NULL DEFAULT 0;
CREATE INDEX audit_odd ON audit(pos) WHERE odd <> 0;

-- The first eight bytes of the record hashes of 512 entries in a row, those of pos block * 512 first.  A search
-- reads all of it: 8 MB for a million entries.  An index by hash would be written all over at every commit.
CREATE TABLE audit_hash(
  block INTEGER PRIMARY KEY,
  hashes BLOB NOT NULL CHECK(length(hashes) % 8 = 0 AND length(hashes) <= 4096)
) STRICT;

-- Each stream once, counted from its records as they stand in the log.  last_*: of its newest record.
-- missing: numbers that were passed over; repeats: numbers that came again (each superseded entry does).
CREATE TABLE audit_stream(
  author INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  entries INTEGER NOT NULL,
  seq_max INTEGER NOT NULL,
  missing INTEGER NOT NULL,
  repeats INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  last_claimed_ms INTEGER NOT NULL,
  last_received_ms INTEGER NOT NULL,
  early INTEGER NOT NULL,          -- entries claimed after they were received
  early_max_ms INTEGER NOT NULL,   -- by how much at most
  back INTEGER NOT NULL,           -- entries claimed before the one they follow
  delay_max_ms INTEGER NOT NULL,   -- the longest from claimed to received, and whose it was
  delay_max_pos INTEGER NOT NULL,
  PRIMARY KEY(author, lane)
) STRICT, WITHOUT ROWID;

-- How long entries took from claimed to received, in steps an eighth wide at most (audit_tally.h).
CREATE TABLE audit_delay(
  author INTEGER NOT NULL,
  step INTEGER NOT NULL,
  entries INTEGER NOT NULL,
  PRIMARY KEY(author, step)
) STRICT, WITHOUT ROWID;

-- Where a stream's numbers do not follow one another: the entry at pos, and the number expected there.
CREATE TABLE audit_break(
  pos INTEGER PRIMARY KEY,
  author INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  expected INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_break_stream ON audit_break(author, lane, pos);
