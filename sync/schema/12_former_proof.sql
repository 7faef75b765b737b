-- Node: proofs (sync_leaf_run) of entries that have left its stream since, and what was proved: of each seq, the newest
-- version that stands in sync_entry before until_pos.  A province that had gone back enrolled the branch behind fewer
-- entries than it had proved to hold (sync/leaves.h).
CREATE TABLE sync_leaf_former(
  until_pos   INTEGER NOT NULL CHECK (until_pos >= 1),
  first_seq   INTEGER NOT NULL CHECK (first_seq >= 1),
  count       INTEGER NOT NULL CHECK (count >= 1),
  first_pos   INTEGER NOT NULL CHECK (first_pos >= 0),
  received_ms INTEGER NOT NULL,
  last_signed INTEGER NOT NULL CHECK (last_signed IN (0, 1)),
  size        INTEGER NOT NULL,
  proof       BLOB NOT NULL,
  PRIMARY KEY(until_pos, first_seq)
) STRICT, WITHOUT ROWID;
