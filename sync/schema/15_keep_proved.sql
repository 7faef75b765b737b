-- Node: how far what it keeps of the log (sync_keep_tile) was proved by a checkpoint that it held (sync/keep_prove.h).
-- tiles: so many from the first on; peaks: the largest full subtrees over these, 32 bytes each, from the left.
-- strayed_ms: when what came behind led to no checkpoint the last time, and was let go; 0: since then it was proved.
CREATE TABLE sync_keep_proved(
  id         INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
  tiles      INTEGER NOT NULL CHECK (tiles >= 0),
  peaks      BLOB NOT NULL CHECK (length(peaks) % 32 = 0),
  strayed_ms INTEGER NOT NULL
) STRICT;
