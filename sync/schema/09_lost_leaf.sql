-- Leaves of the log whose entry nobody has any more: when the province was rebuilt, its branch's disk was gone too
-- (sync/lost_leaf.h).  A leaf stands at its place by its hash, so the tree is the one that was signed; sync_entry has no
-- row there, and sync_span counts over it.  epoch: as far as it is known, that of the run.  leaf: the RFC 6962 hash.
-- found_ms: when the entry turned up and was put into sync_entry; 0: it is lost.  found_end: where the log ended then,
-- for that is when its rows were written, and the fold follows that order.
CREATE TABLE sync_lost_leaf(
  pos INTEGER PRIMARY KEY NOT NULL CHECK(pos >= 0),
  author INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  seq INTEGER NOT NULL CHECK(seq >= 1),
  epoch INTEGER NOT NULL CHECK(epoch >= 1),
  received_ms INTEGER NOT NULL,
  leaf BLOB NOT NULL CHECK(length(leaf) = 32),
  found_ms INTEGER NOT NULL DEFAULT 0 CHECK(found_ms >= 0),
  found_end INTEGER NOT NULL DEFAULT 0 CHECK(found_end >= 0)
) STRICT;
CREATE INDEX sync_lost_leaf_entry ON sync_lost_leaf(author, lane, seq);
CREATE INDEX sync_lost_leaf_found ON sync_lost_leaf(found_end, pos) WHERE found_ms > 0;

-- The province's signature over the last entry before a lost one whose author's signature was lost with it: by it the
-- branch takes that piece of its own history back (PROTOCOL 7.18).
CREATE TABLE sync_vouch(
  pos INTEGER PRIMARY KEY NOT NULL,
  signature BLOB NOT NULL CHECK(length(signature) = 64)
) STRICT;
