-- The transparency log beside sync_entry: tiles of the tree, its durable state, and what was signed of it.

-- 256 hashes a tile; id = level << 56 | n.  Only the open tile at the right edge of a level is ever rewritten.
CREATE TABLE sync_tile(
  id     INTEGER PRIMARY KEY NOT NULL,
  hashes BLOB NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0)
) STRICT;

-- The one durable (size, root), moved by compare-and-swap in the transaction that adds the leaves.
CREATE TABLE sync_tree(
  id   INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
  size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32)
) STRICT;

-- Every checkpoint that was ever signed: a size has one root for ever.
CREATE TABLE sync_checkpoint(
  size      INTEGER PRIMARY KEY NOT NULL CHECK (size > 0),
  root      BLOB NOT NULL CHECK (length(root) = 32),
  note      TEXT NOT NULL,
  signed_ms INTEGER NOT NULL
) STRICT;

-- The witness's memory: the newest checkpoint of each log it watches that it verified and made durable.
CREATE TABLE sync_witness(
  origin      TEXT PRIMARY KEY NOT NULL,
  size        INTEGER NOT NULL CHECK (size >= 0),
  root        BLOB NOT NULL CHECK (length(root) = 32),
  note        TEXT NOT NULL,
  verified_ms INTEGER NOT NULL,
  distrust    TEXT NOT NULL DEFAULT '' -- the rule a later checkpoint broke: from then on nothing of this log is believed
) STRICT;

-- What a log said that cannot be true: kept for people, never deleted.
CREATE TABLE sync_evidence(
  id      INTEGER PRIMARY KEY NOT NULL,
  origin  TEXT NOT NULL,
  rule    TEXT NOT NULL,
  detail  TEXT NOT NULL,
  held    TEXT NOT NULL, -- the checkpoint that was held
  offered TEXT NOT NULL, -- the one that contradicts it
  proof   BLOB NOT NULL, -- the hashes that came with it
  at_ms   INTEGER NOT NULL
) STRICT;

-- The cosignatures the log has collected for its checkpoints.
CREATE TABLE sync_cosignature(
  size   INTEGER NOT NULL,
  name   TEXT NOT NULL,
  line   TEXT NOT NULL,
  time_s INTEGER NOT NULL,
  PRIMARY KEY(size, name)
) STRICT, WITHOUT ROWID;

-- Node: runs of its own entries that the province has proved to be leaves of its log.  proof: the range proof
-- that leads to the checkpoint of `size`, whose note is in sync_checkpoint.
CREATE TABLE sync_leaf_run(
  first_seq   INTEGER PRIMARY KEY NOT NULL CHECK (first_seq >= 1),
  count       INTEGER NOT NULL CHECK (count >= 1),
  first_pos   INTEGER NOT NULL CHECK (first_pos >= 0),
  received_ms INTEGER NOT NULL,
  last_signed INTEGER NOT NULL CHECK (last_signed IN (0, 1)),
  size        INTEGER NOT NULL,
  proof       BLOB NOT NULL
) STRICT;
