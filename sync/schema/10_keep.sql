-- Node: what it keeps of the province's log, so that a province that lost its disk can be rebuilt (keep.h).  Claims of the
-- province, checked by nobody until then.

-- Every tile of 256 leaves, without a gap; the last may be open.  hash: over all 256, NULL while it is open.  have: of how
-- many leaves it keeps what they are; leaves: these, packed (keep_leaves.h).
CREATE TABLE sync_keep_tile(
  n      INTEGER PRIMARY KEY NOT NULL CHECK (n >= 0),
  width  INTEGER NOT NULL CHECK (width BETWEEN 1 AND 256),
  hash   BLOB CHECK ((hash IS NOT NULL AND length(hash) = 32) = (width = 256)),
  have   INTEGER NOT NULL CHECK (have BETWEEN 0 AND width),
  leaves BLOB CHECK ((leaves IS NULL) = (have = 0))
) STRICT;

-- Entries of the province in these leaves that are not for this branch.  sealed: the payload, under a key that only the
-- province has; NULL when it was withheld.
CREATE TABLE sync_keep_entry(
  pos    INTEGER PRIMARY KEY NOT NULL,
  lane   INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  record BLOB NOT NULL CHECK (length(record) BETWEEN 113 AND 1024),
  sealed BLOB
) STRICT;
CREATE INDEX sync_keep_entry_seq ON sync_keep_entry(lane, seq);

-- The newest entry of the province's streams for everybody and for this branch that it was told the place of.
CREATE TABLE sync_keep_lane(
  lane INTEGER PRIMARY KEY NOT NULL,
  seq  INTEGER NOT NULL,
  pos  INTEGER NOT NULL
) STRICT;

-- keepers: the branches among which the tiles are dealt (keepers.h).  asked: of the tiles before it, it has those that are
-- its own; pruned: of the tiles before it, it has no others.
CREATE TABLE sync_keeping(
  id      INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
  keepers BLOB NOT NULL,
  asked   INTEGER NOT NULL,
  pruned  INTEGER NOT NULL
) STRICT;
