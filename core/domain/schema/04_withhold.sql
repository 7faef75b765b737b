-- Asking for a record to be withheld by law, and the answer: the province's own rows, which go to no branch.
-- The act itself is a row of `withholding` (the sync schema), which goes to all.

CREATE TABLE withhold_request(
  branch INTEGER NOT NULL,                                     -- the province
  id INTEGER NOT NULL,
  author INTEGER NOT NULL,                                     -- the entry: its stream and place
  lane INTEGER NOT NULL,
  seq INTEGER NOT NULL CHECK(seq >= 1),
  rule TEXT NOT NULL CHECK(length(rule) BETWEEN 1 AND 40),
  reason TEXT NOT NULL CHECK(length(reason) BETWEEN 2 AND 400),
  actor TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY(branch, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX withhold_request_entry ON withhold_request(author, lane, seq);

CREATE TABLE withhold_answer(
  branch INTEGER NOT NULL,
  id INTEGER NOT NULL,
  request INTEGER NOT NULL,
  verdict TEXT NOT NULL CHECK(verdict IN ('withheld', 'declined')),
  reason TEXT NOT NULL CHECK(length(reason) <= 400),
  actor TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY(branch, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX withhold_answer_request ON withhold_answer(branch, request);

INSERT INTO table_scope(name, scope, append_only) VALUES
  ('withhold_request', 'branch', 1), ('withhold_answer', 'branch', 1);
