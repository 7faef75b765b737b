-- Node: keys that the province names of an epoch of this branch in which the branch signed with another itself: the
-- province's disk went back, or another machine was enrolled as this branch (sync/own_epochs.h).  They prove what the
-- province gives back of the branch's stream, and nothing else.
CREATE TABLE sync_key_other(
  author INTEGER NOT NULL,
  epoch INTEGER NOT NULL CHECK(epoch >= 1),
  public_key BLOB NOT NULL CHECK(length(public_key) = 32),
  told_ms INTEGER NOT NULL,
  PRIMARY KEY(author, epoch, public_key)
) STRICT, WITHOUT ROWID;
