-- The log and what is known about its streams.  Written by the store alone.

-- The scope of every replicated table, declared beside its schema; a table without a row here is local.
CREATE TABLE table_scope(
  name TEXT PRIMARY KEY NOT NULL,
  scope TEXT NOT NULL CHECK(scope IN ('branch', 'shared', 'directed')),
  append_only INTEGER NOT NULL CHECK(append_only IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Every entry, own and received, in the order it became durable here.  pos is dense from 0 and never used
-- twice: it is the leaf index of the log.  signature: the author's, over this record and the chain behind it; NULL when a later one covers it.
-- payload: NULL when it was withheld or erased.
CREATE TABLE sync_entry(
  pos INTEGER PRIMARY KEY,
  record BLOB NOT NULL CHECK(length(record) BETWEEN 113 AND 1024),
  payload BLOB,
  signature BLOB CHECK(signature IS NULL OR length(signature) = 64),
  received_ms INTEGER NOT NULL
) STRICT;

-- Which run of pos belongs to which stream.  count 0: the run is still being written, it ends where the log
-- ends.  superseded: a tail that was re-journaled under a later epoch; kept, and no longer part of the stream.
CREATE TABLE sync_span(
  author INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  superseded INTEGER NOT NULL CHECK(superseded IN (0, 1)),
  first_seq INTEGER NOT NULL CHECK(first_seq >= 1),
  epoch INTEGER NOT NULL CHECK(epoch >= 1),
  count INTEGER NOT NULL CHECK(count >= 0),
  first_pos INTEGER NOT NULL CHECK(first_pos >= 0),
  PRIMARY KEY(author, lane, superseded, first_seq, epoch)
) STRICT, WITHOUT ROWID;

-- Each stream once.  waiting_seq: its first entry that waits for a newer schema, 0 for none.
CREATE TABLE sync_stream(
  author INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  frozen_ms INTEGER NOT NULL DEFAULT 0,
  frozen_reason TEXT NOT NULL DEFAULT '',
  waiting_seq INTEGER NOT NULL DEFAULT 0 CHECK(waiting_seq >= 0),
  PRIMARY KEY(author, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE sync_key(
  author INTEGER NOT NULL,
  epoch INTEGER NOT NULL CHECK(epoch >= 1),
  public_key BLOB NOT NULL CHECK(length(public_key) = 32),
  since_ms INTEGER NOT NULL,
  revoked_ms INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(author, epoch)
) STRICT, WITHOUT ROWID;

-- Entries that are logged and not applied, and why.  table_name and row_id: the row that was refused, where
-- there is one.  waiting: applied by itself once the program is newer; refused: stays out; done: it was applied.
CREATE TABLE sync_quarantine(
  pos INTEGER PRIMARY KEY,
  author INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  reason TEXT NOT NULL CHECK(length(reason) BETWEEN 1 AND 48),
  detail TEXT NOT NULL,
  table_name TEXT NOT NULL,
  row_id INTEGER NOT NULL,
  state TEXT NOT NULL CHECK(state IN ('refused', 'waiting', 'done')),
  at_ms INTEGER NOT NULL
) STRICT;

-- Two records one author signed for one place in its stream: `ours` is in the log at pos, `theirs` came later
-- with its payload.  The signature is over the last of theirs_chain, records that follow theirs, each with its
-- length before it as u16; over theirs itself when the chain is empty.
CREATE TABLE sync_fork(
  id INTEGER PRIMARY KEY,
  author INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  pos INTEGER NOT NULL,
  ours BLOB NOT NULL,
  theirs BLOB NOT NULL,
  theirs_payload BLOB,
  theirs_chain BLOB NOT NULL,
  theirs_signature BLOB NOT NULL CHECK(length(theirs_signature) = 64),
  at_ms INTEGER NOT NULL
) STRICT;

-- Node: the hub said it has our stream durably through seq, and when it received it.
CREATE TABLE sync_receipt(
  author INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  PRIMARY KEY(author, lane, seq)
) STRICT, WITHOUT ROWID;

-- Hub: how far each branch has each stream of ours.
CREATE TABLE sync_cursor(
  peer INTEGER NOT NULL,
  author INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY(peer, author, lane)
) STRICT, WITHOUT ROWID;

-- The hash the replicated tables had under each schema number this database has been opened with.
CREATE TABLE sync_schema(
  number INTEGER PRIMARY KEY,
  hash BLOB NOT NULL CHECK(length(hash) = 8)
) STRICT;

-- What this database is: its author and its province, so that a proof needs nothing but the file.
CREATE TABLE sync_self(
  name TEXT PRIMARY KEY NOT NULL CHECK(name IN ('author', 'province')),
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
