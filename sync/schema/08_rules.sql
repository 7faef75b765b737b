-- What a value of a replicated table is, declared beside the table: the domain's readers rely on it, so every row
-- is held to it before it is written, by its author's store and by the province (PROTOCOL 4.6).  What a CHECK can
-- say in words that a person understands is said here too, because a CHECK refuses in SQL.
--   id       its own key, or one of its parts: what 1.5 and 4.4 say of it
--   number   a whole number, low to high
--   time     milliseconds from 1970 to 9999
--   date     a day of the calendar, yyyymmdd; 0 too when low is 0
--   name     one line of text, low to high characters (core/base/text.h)
--   remark   text of lines, low to high characters
--   code     letters, digits and '-', low to high of them
--   word     one of those in refers, parted by commas
--   object   a JSON object of at most high members; texts in it are remarks
--   row      the key of a row of the shared table in refers; 0 too when low is 0
--   target   the same, of the table that the column in refers names
--   earlier  the id of a row of this stream that was made before, or 0 when low is 0
--   bytes    low to high bytes
--   province the code of the province: no branch writes the table
--   as_is    copied from elsewhere: of its declared type, nothing more
-- since: the schema number that brought the rule.  It holds for an entry when the province had signed one of its
-- own under that number before the entry came; so each entry is judged the same whenever the log is folded again.
CREATE TABLE column_rule(
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK(kind IN ('id', 'number', 'time', 'date', 'name', 'remark', 'code', 'word', 'object',
    'row', 'target', 'earlier', 'bytes', 'province', 'as_is')),
  low INTEGER NOT NULL,
  high INTEGER NOT NULL,
  refers TEXT NOT NULL,
  since INTEGER NOT NULL CHECK(since >= 1),
  PRIMARY KEY(table_name, column_name)
) STRICT, WITHOUT ROWID;

-- Which column a refusal is about; '' for the row as a whole.
ALTER TABLE sync_quarantine ADD COLUMN column_name TEXT NOT NULL DEFAULT '';

-- The order in which entries were refused, which is not that of the log: what waited for a newer program is refused
-- later than its place says.  Every decision takes the next turn.
ALTER TABLE sync_quarantine ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
UPDATE sync_quarantine SET turn = pos + 1;
CREATE INDEX sync_quarantine_turn ON sync_quarantine(turn);

-- The checkpoint that every branch is led through, so that cosignatures meet on it (sync/meeting.h).
CREATE TABLE sync_meeting(
  id       INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
  size     INTEGER NOT NULL CHECK (size > 0),
  since_ms INTEGER NOT NULL
) STRICT;

-- The newest checkpoint that has its quorum, as it is served beside the newest of all.
CREATE TABLE sync_quorum(
  id    INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
  size  INTEGER NOT NULL CHECK (size > 0),
  lines INTEGER NOT NULL CHECK (lines >= 0),
  note  TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;

-- Entries of our own that left their stream because another history of ours is the true one: written on a disk
-- that had gone back.  Each is journaled again behind that history, or kept here with the reason.
CREATE TABLE sync_aside(
  id INTEGER PRIMARY KEY,
  cut INTEGER NOT NULL,                     -- the first id of those that were put aside together
  author INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  epoch INTEGER NOT NULL CHECK(epoch >= 1), -- the place it had
  seq INTEGER NOT NULL CHECK(seq >= 1),
  pos INTEGER,                              -- a branch: where it stands in sync_entry, superseded; NULL: it is here
  record BLOB,
  payload BLOB,                             -- NULL: withheld, or journaled again
  made_ms INTEGER NOT NULL,
  aside_ms INTEGER NOT NULL,
  state TEXT NOT NULL CHECK(state IN ('waiting', 'again', 'kept')),
  again_epoch INTEGER NOT NULL DEFAULT 0,   -- where it stands now
  again_seq INTEGER NOT NULL DEFAULT 0,
  reason TEXT NOT NULL DEFAULT '',          -- why it is kept
  CHECK((pos IS NULL) <> (record IS NULL))
) STRICT;
CREATE INDEX sync_aside_seq ON sync_aside(author, lane, seq, cut);
CREATE INDEX sync_aside_again ON sync_aside(author, lane, again_seq);
CREATE INDEX sync_aside_state ON sync_aside(state, id);
CREATE INDEX sync_aside_pos ON sync_aside(pos) WHERE pos IS NOT NULL;

-- Which entry an entry was journaled again of, by the hash of the record it was first: part of the later entry, so that
-- a disk that goes back once more does not make it a second time.
CREATE TABLE journaled_again(
  branch INTEGER NOT NULL,
  id INTEGER NOT NULL,
  record_hash BLOB NOT NULL CHECK(length(record_hash) = 32),
  PRIMARY KEY(branch, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX journaled_again_record ON journaled_again(record_hash);
INSERT INTO table_scope(name, scope, append_only) VALUES('journaled_again', 'branch', 1);

-- One place in a stream may have been superseded more than once in one epoch, so what was there first is part
-- of the key.
CREATE TABLE sync_span_wider(
  author INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  superseded INTEGER NOT NULL CHECK(superseded IN (0, 1)),
  first_seq INTEGER NOT NULL CHECK(first_seq >= 1),
  epoch INTEGER NOT NULL CHECK(epoch >= 1),
  first_pos INTEGER NOT NULL CHECK(first_pos >= 0),
  count INTEGER NOT NULL CHECK(count >= 0),
  PRIMARY KEY(author, lane, superseded, first_seq, epoch, first_pos)
) STRICT, WITHOUT ROWID;
INSERT INTO sync_span_wider
  SELECT author, lane, superseded, first_seq, epoch, first_pos, count FROM sync_span;
DROP TABLE sync_span;
ALTER TABLE sync_span_wider RENAME TO sync_span;

-- Branches that have shown a certificate of the province's authority that its database does not know (sync/stranger.h).
-- Settled: a rebuilding from the branches has seen to it, and an unknown certificate of theirs shows nothing any more.
CREATE TABLE sync_stranger(
  branch  INTEGER PRIMARY KEY NOT NULL,
  serial  TEXT NOT NULL,
  at_ms   INTEGER NOT NULL,
  settled INTEGER NOT NULL CHECK(settled IN (0, 1))
) STRICT;

-- The furthest entry of each stream of the province's own that a branch has shown with the province's signature while
-- the log had another in its place, or none (sync/lost.h).  Settled: a rebuilding from the branches has seen it.
CREATE TABLE sync_lost(
  lane    INTEGER PRIMARY KEY NOT NULL,
  seq     INTEGER NOT NULL CHECK(seq >= 1),
  hash    BLOB NOT NULL CHECK(length(hash) = 32),
  branch  INTEGER NOT NULL,
  at_ms   INTEGER NOT NULL,
  settled INTEGER NOT NULL CHECK(settled IN (0, 1))
) STRICT;

-- The furthest checkpoint of this log that each branch has shown with the province's signature and that the log does
-- not have (sync/beyond.h), and each that people have let go of: it stops nothing any more.
CREATE TABLE sync_beyond(
  branch INTEGER NOT NULL,
  size   INTEGER NOT NULL CHECK(size >= 1),
  root   BLOB NOT NULL CHECK(length(root) = 32),
  note   TEXT NOT NULL,
  at_ms  INTEGER NOT NULL,
  let_go INTEGER NOT NULL CHECK(let_go IN (0, 1)),
  PRIMARY KEY(branch, size, root)
) STRICT, WITHOUT ROWID;
-- What was shown before: the words of its evidence begin with 'branch 330127 '.
INSERT OR IGNORE INTO sync_beyond
  SELECT CAST(substr(e.detail, 8) AS INTEGER), w.size, w.root, w.note, e.at_ms, 0
  FROM sync_witness w JOIN sync_evidence e ON e.origin = w.origin AND e.offered = w.note
  WHERE e.rule = 'log_rolled_back' AND e.detail LIKE 'branch %' AND w.size > 0;
