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
