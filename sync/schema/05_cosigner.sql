-- Who has cosigned how much of the log, up to where that suffices, and each day's cosignatures for ever.

-- heard_ms: when the line came here.  outside: 1 when the witness is not one of our branches.
ALTER TABLE sync_cosignature ADD COLUMN heard_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync_cosignature ADD COLUMN outside INTEGER NOT NULL DEFAULT 0 CHECK (outside IN (0, 1));
UPDATE sync_cosignature SET heard_ms = time_s * 1000;

-- The largest size each key has cosigned.  key_id: as in its lines, so that a branch's old key does not speak
-- for its new one.
CREATE TABLE sync_cosigner(
  name   TEXT NOT NULL,
  key_id BLOB NOT NULL CHECK (length(key_id) = 4),
  size   INTEGER NOT NULL CHECK (size > 0),
  time_s INTEGER NOT NULL,
  PRIMARY KEY(name, key_id)
) STRICT, WITHOUT ROWID;

-- Up to which size the log is witnessed, by which rule: "branches", or the SHA-256 of the policy file.  What
-- was witnessed once stays so while the rule is the same.
CREATE TABLE sync_witnessed(
  id    INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
  rule  TEXT NOT NULL,
  size  INTEGER NOT NULL CHECK (size >= 0),
  at_ms INTEGER NOT NULL
) STRICT;

-- Signed notes with the cosignatures of one local day, yyyymmdd: written once, when the day is over.
-- until_ms: the end of that day.
CREATE TABLE sync_archive(
  day      INTEGER NOT NULL CHECK (day BETWEEN 19700101 AND 99991231),
  n        INTEGER NOT NULL CHECK (n >= 0),
  size     INTEGER NOT NULL,
  lines    INTEGER NOT NULL CHECK (lines BETWEEN 1 AND 98),
  note     TEXT NOT NULL,
  until_ms INTEGER NOT NULL,
  PRIMARY KEY(day, n)
) STRICT;
