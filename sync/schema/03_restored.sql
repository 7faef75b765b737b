-- A database that was copied as a backup, and so perhaps put back: what was written after the copy is not
-- here.  The row is put into the copy, never into the original; it goes when the store has heard how far the
-- other side has it.
CREATE TABLE sync_restored(
  id        INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
  copied_ms INTEGER NOT NULL
) STRICT;
