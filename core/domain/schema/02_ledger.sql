-- What a branch observes, judges and asks for (up), and what the province answers (down to that branch).
-- All of it is append-only: a mistake is put right by a row that says what it replaces.
-- Clustered on (branch, id): ids rise with time, so "the newest of this branch" is the end of a range.

CREATE TABLE confirmation(
  branch INTEGER NOT NULL,
  id INTEGER NOT NULL,
  product INTEGER NOT NULL,
  note TEXT NOT NULL CHECK(length(note) <= 400),
  actor TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY(branch, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX confirmation_product ON confirmation(product, branch);

CREATE TABLE price(
  branch INTEGER NOT NULL,
  id INTEGER NOT NULL,
  no TEXT NOT NULL CHECK(length(no) BETWEEN 1 AND 40),
  product INTEGER NOT NULL,
  price_fen INTEGER NOT NULL CHECK(price_fen BETWEEN 1 AND 100000000),
  unit TEXT NOT NULL CHECK(length(unit) BETWEEN 1 AND 12),
  qty_milli INTEGER CHECK(qty_milli BETWEEN 1 AND 1000000000), -- thousandths of the unit
  supplier INTEGER,
  source TEXT NOT NULL CHECK(source IN ('settled', 'quoted', 'market')),
  observed_date INTEGER NOT NULL CHECK(observed_date BETWEEN 20000101 AND 29991231),
  note TEXT NOT NULL CHECK(length(note) <= 400),
  replaces INTEGER,                                            -- price.id of the same branch
  void INTEGER NOT NULL CHECK(void IN (0, 1)),                 -- 1: takes `replaces` back, puts nothing in its place
  outlier INTEGER NOT NULL CHECK(outlier IN (0, 1)),           -- 1: a person confirmed an unusual price
  actor TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  CHECK(void = 0 OR replaces IS NOT NULL),
  PRIMARY KEY(branch, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX price_no ON price(branch, no);
CREATE INDEX price_product ON price(product, branch, observed_date);
CREATE INDEX price_observed ON price(branch, observed_date);
CREATE INDEX price_replaces ON price(branch, replaces) WHERE replaces IS NOT NULL;

CREATE TABLE evaluation(
  branch INTEGER NOT NULL,
  id INTEGER NOT NULL,
  no TEXT NOT NULL CHECK(length(no) BETWEEN 1 AND 40),
  product INTEGER NOT NULL,
  supplier INTEGER,
  quality INTEGER NOT NULL CHECK(quality BETWEEN 1 AND 5),
  price INTEGER NOT NULL CHECK(price BETWEEN 1 AND 5),
  delivery INTEGER NOT NULL CHECK(delivery BETWEEN 1 AND 5),
  remark TEXT NOT NULL CHECK(length(remark) <= 400),
  replaces INTEGER,
  void INTEGER NOT NULL CHECK(void IN (0, 1)),
  actor TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  CHECK(void = 0 OR replaces IS NOT NULL),
  PRIMARY KEY(branch, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX evaluation_no ON evaluation(branch, no);
CREATE INDEX evaluation_product ON evaluation(product, at_ms);
CREATE INDEX evaluation_supplier ON evaluation(supplier, at_ms) WHERE supplier IS NOT NULL;
CREATE INDEX evaluation_replaces ON evaluation(branch, replaces) WHERE replaces IS NOT NULL;

-- base and patch are JSON objects {field: value}: base holds, for each field of the patch, the value the
-- proposer saw, so the review needs no history and the comparison is signed with the wish.
CREATE TABLE proposal(
  branch INTEGER NOT NULL,
  id INTEGER NOT NULL,
  no TEXT NOT NULL CHECK(length(no) BETWEEN 1 AND 40),
  kind TEXT NOT NULL CHECK(kind IN ('new_product', 'new_supplier', 'correction', 'delisting')),
  target_kind TEXT NOT NULL CHECK(target_kind IN ('product', 'supplier')),
  target INTEGER NOT NULL,                                     -- 0 for something new
  base_rev INTEGER NOT NULL CHECK(base_rev >= 0),
  base TEXT NOT NULL CHECK(length(base) <= 8000),
  patch TEXT NOT NULL CHECK(length(patch) <= 8000),
  reason TEXT NOT NULL CHECK(length(reason) BETWEEN 1 AND 400),
  actor TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY(branch, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX proposal_no ON proposal(branch, no);
CREATE INDEX proposal_at ON proposal(at_ms);

-- Refused logins, scopes and roles.  count > 1: that many alike within one window, written as one row.
CREATE TABLE security_event(
  branch INTEGER NOT NULL,
  id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK(length(kind) BETWEEN 1 AND 40),
  actor TEXT NOT NULL CHECK(length(actor) <= 64),
  detail TEXT NOT NULL CHECK(length(detail) <= 200),
  peer TEXT NOT NULL CHECK(length(peer) <= 64),
  count INTEGER NOT NULL CHECK(count >= 1),
  at_ms INTEGER NOT NULL,
  PRIMARY KEY(branch, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX security_event_at ON security_event(at_ms);

-- fields: JSON {field: "accepted" | "rejected"}; created: the product or supplier a "new_..." proposal became.
CREATE TABLE decision(
  branch INTEGER NOT NULL,
  id INTEGER NOT NULL,
  proposal INTEGER NOT NULL,
  verdict TEXT NOT NULL CHECK(verdict IN ('accepted', 'partly', 'rejected')),
  fields TEXT NOT NULL CHECK(length(fields) <= 2000),
  reason TEXT NOT NULL CHECK(length(reason) <= 400),
  created INTEGER NOT NULL,
  actor TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY(branch, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX decision_proposal ON decision(branch, proposal);

-- A record of the branch that the province keeps but does not count, and why.
CREATE TABLE refusal(
  branch INTEGER NOT NULL,
  id INTEGER NOT NULL,
  subject_table TEXT NOT NULL CHECK(length(subject_table) BETWEEN 1 AND 40),
  subject_id INTEGER NOT NULL,
  rule TEXT NOT NULL CHECK(length(rule) BETWEEN 1 AND 48),
  detail TEXT NOT NULL CHECK(length(detail) <= 2000),          -- JSON object
  at_ms INTEGER NOT NULL,
  PRIMARY KEY(branch, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX refusal_subject ON refusal(branch, subject_table, subject_id);

-- What counts: not void, not replaced, not refused.
CREATE VIEW counted_price AS SELECT * FROM price p WHERE p.void = 0
  AND NOT EXISTS(SELECT 1 FROM price r WHERE r.branch = p.branch AND r.replaces = p.id)
  AND NOT EXISTS(SELECT 1 FROM refusal f
                 WHERE f.branch = p.branch AND f.subject_table = 'price' AND f.subject_id = p.id);
CREATE VIEW counted_evaluation AS SELECT * FROM evaluation e WHERE e.void = 0
  AND NOT EXISTS(SELECT 1 FROM evaluation r WHERE r.branch = e.branch AND r.replaces = e.id)
  AND NOT EXISTS(SELECT 1 FROM refusal f
                 WHERE f.branch = e.branch AND f.subject_table = 'evaluation' AND f.subject_id = e.id);

INSERT INTO table_scope(name, scope, append_only) VALUES
  ('confirmation', 'branch', 1), ('price', 'branch', 1), ('evaluation', 'branch', 1), ('proposal', 'branch', 1),
  ('security_event', 'branch', 1), ('decision', 'directed', 1), ('refusal', 'directed', 1);
