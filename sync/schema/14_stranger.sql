-- Certificates of the province's authority that its database does not know, as branches have shown them
-- (sync/stranger.h).  Settled: a rebuilding from the branches, or people, have seen to this one.  It was said of a
-- whole branch before, and then no later one of that branch told that the disk had gone back once more.
CREATE TABLE sync_stranger_each(
  branch  INTEGER NOT NULL,
  serial  TEXT NOT NULL,
  at_ms   INTEGER NOT NULL,
  settled INTEGER NOT NULL CHECK(settled IN (0, 1)),
  PRIMARY KEY(branch, serial)
) STRICT, WITHOUT ROWID;
INSERT INTO sync_stranger_each
  SELECT branch, serial, at_ms, settled FROM sync_stranger WHERE serial <> '';
DROP TABLE sync_stranger;
ALTER TABLE sync_stranger_each RENAME TO sync_stranger;
