-- Payloads that are withheld by law, and the act that withheld each: who asked, who decided, under which rule,
-- why.  Written by the province for everybody, so that the acts outlive any one machine.  Writing a row is the
-- act: in the same transaction, wherever the row arrives, the payload of the entry it names and the rows that
-- came of it are gone.
CREATE TABLE withholding(
  id INTEGER PRIMARY KEY,                                       -- leads to the act's own entry
  author INTEGER NOT NULL,                                      -- the entry: its stream and place,
  lane INTEGER NOT NULL,
  seq INTEGER NOT NULL CHECK(seq >= 1),
  record_hash BLOB NOT NULL CHECK(length(record_hash) = 32),    -- and its record, which stays
  subject TEXT NOT NULL CHECK(length(subject) <= 120),          -- as the record names it
  no TEXT NOT NULL CHECK(length(no) <= 40),                     -- the number people knew it by, the last of several; not given again
  rule TEXT NOT NULL CHECK(length(rule) BETWEEN 1 AND 40),      -- a word: which law
  reason TEXT NOT NULL CHECK(length(reason) BETWEEN 2 AND 400),
  request INTEGER NOT NULL,                                     -- one for all entries of one act
  asked_by TEXT NOT NULL CHECK(length(asked_by) BETWEEN 1 AND 64),
  asked_ms INTEGER NOT NULL,
  actor TEXT NOT NULL CHECK(length(actor) BETWEEN 1 AND 64),
  at_ms INTEGER NOT NULL,
  CHECK(asked_by <> actor)                                      -- nobody withholds alone
) STRICT;
CREATE INDEX withholding_entry ON withholding(author, lane, seq);

INSERT INTO table_scope(name, scope, append_only) VALUES('withholding', 'shared', 1);
