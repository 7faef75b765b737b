-- Node: what a province that lost its disk needs to put every leaf back where it was (mirror.h).  Claims of the
-- province, checked by nobody until then: the rebuilt root is what proves them.

-- Whose entries stand where: a run came in one batch, so it has one time, and its last leaf the signature.  Runs
-- follow on one another without a gap.
CREATE TABLE sync_mirror_run(
  first_pos   INTEGER PRIMARY KEY NOT NULL CHECK (first_pos >= 0),
  author      INTEGER NOT NULL,
  lane        INTEGER NOT NULL,
  first_seq   INTEGER NOT NULL CHECK (first_seq >= 1),
  count       INTEGER NOT NULL CHECK (count >= 1),
  received_ms INTEGER NOT NULL
) STRICT;

-- Entries of the province that are not for this branch.  sealed: the payload, under a key that only the province
-- has; NULL when it was withheld.
CREATE TABLE sync_mirror_entry(
  pos    INTEGER PRIMARY KEY NOT NULL,
  record BLOB NOT NULL CHECK (length(record) BETWEEN 113 AND 1024),
  sealed BLOB
) STRICT;
