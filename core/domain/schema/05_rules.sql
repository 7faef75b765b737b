-- A day that the calendar does not have, from before the rules below, counts nowhere: half-months and differences of
-- days are worked out from it.  Nor does an explained price, one that a person of the branch confirmed against the
-- province's median and gave the reason of, before a person of the province took it: from the branch's own save on, so
-- that both sides see the same.
DROP VIEW counted_price;
CREATE VIEW counted_price AS SELECT * FROM price p WHERE p.void = 0
  AND p.observed_date / 100 % 100 BETWEEN 1 AND 12 AND p.observed_date % 100 BETWEEN 1 AND
    CASE p.observed_date / 100 % 100 WHEN 4 THEN 30 WHEN 6 THEN 30 WHEN 9 THEN 30 WHEN 11 THEN 30
      WHEN 2 THEN 28 + (p.observed_date / 10000 % 4 = 0
        AND (p.observed_date / 10000 % 100 <> 0 OR p.observed_date / 10000 % 400 = 0)) ELSE 31 END
  AND NOT EXISTS(SELECT 1 FROM price r WHERE r.branch = p.branch AND r.replaces = p.id)
  AND NOT EXISTS(SELECT 1 FROM refusal f
                 WHERE f.branch = p.branch AND f.subject_table = 'price' AND f.subject_id = p.id)
  AND (p.outlier = 0 OR p.note = ''
       OR EXISTS(SELECT 1 FROM price_accepted a WHERE a.branch = p.branch AND a.price = p.id));
CREATE INDEX price_explained ON price(branch, id) WHERE outlier = 1;

-- Two products of one origin must not differ by what only a keyboard makes different: they are compared by origin.
CREATE INDEX product_origin ON product(origin_code);

-- What the values of the tables of 01 to 04 are (sync/schema/08_rules.sql says what each kind means).  A table to
-- come declares its own beside its CREATE TABLE; a column without a rule does not pass the tests.
INSERT INTO column_rule(table_name, column_name, kind, low, high, refers, since) VALUES
  ('catalogue', 'id', 'number', 1, 1, '', 5),
  ('catalogue', 'rev', 'number', 0, 9007199254740991, '', 5),
  ('catalogue', 'score_rev', 'number', 0, 9007199254740991, '', 5),
  ('catalogue', 'at_ms', 'time', 0, 0, '', 5),
  ('catalogue', 'entry', 'id', 0, 0, '', 5),
  ('catalogue', 'score_entry', 'id', 0, 0, '', 5),

  ('division', 'code', 'number', 110000, 659999, '', 5),
  ('division', 'name_zh', 'name', 1, 40, '', 5),
  ('division', 'pinyin', 'name', 0, 120, '', 5),
  ('division', 'name_en', 'name', 0, 120, '', 5),
  ('division', 'prefecture_code', 'number', 110000, 659999, '', 5),
  ('division', 'level', 'word', 0, 0, 'prefecture,county', 5),

  ('product', 'id', 'id', 0, 0, '', 5),
  ('product', 'name_zh', 'name', 1, 40, '', 5),
  ('product', 'name_pinyin', 'name', 0, 200, '', 5),
  ('product', 'name_en', 'name', 0, 120, '', 5),
  ('product', 'aliases', 'name', 0, 200, '', 5),
  ('product', 'group_code', 'word', 0, 0, 'aquatic,livestock,produce,processed', 5),
  ('product', 'subgroup', 'name', 0, 40, '', 5),
  ('product', 'origin_code', 'number', 110000, 659999, '', 5),
  ('product', 'unit', 'name', 1, 12, '', 5),
  ('product', 'storage', 'word', 0, 0, 'ambient,chilled,dry,frozen,live', 5),
  ('product', 'storage_note_zh', 'name', 0, 200, '', 5),
  ('product', 'geo_indication', 'number', 0, 1, '', 5),
  ('product', 'geo_basis', 'name', 0, 400, '', 5),
  ('product', 'status', 'word', 0, 0, 'active,delisted', 5),
  ('product', 'status_reason', 'remark', 0, 400, '', 5),
  ('product', 'confirmed', 'number', 0, 1, '', 5),
  ('product', 'confirmed_by', 'number', 0, 659999, '', 5),
  ('product', 'rev', 'number', 1, 9007199254740991, '', 5),
  ('product', 'changed_by', 'name', 1, 64, '', 5),
  ('product', 'changed_ms', 'time', 0, 0, '', 5),

  ('season', 'id', 'id', 0, 0, '', 5),
  ('season', 'product', 'row', 1, 0, 'product', 5),
  ('season', 'kind', 'word', 0, 0, 'open,closed', 5),
  ('season', 'start_md', 'number', 101, 1231, '', 5),
  ('season', 'end_md', 'number', 101, 1231, '', 5),

  ('supplier', 'id', 'id', 0, 0, '', 5),
  ('supplier', 'uscc', 'code', 18, 18, '', 5),
  ('supplier', 'name', 'name', 1, 80, '', 5),
  ('supplier', 'division', 'number', 110000, 659999, '', 5),
  ('supplier', 'contact_name', 'name', 0, 40, '', 5),
  ('supplier', 'contact_phone', 'name', 0, 40, '', 5),
  ('supplier', 'licence_no', 'name', 0, 60, '', 5),
  ('supplier', 'licence_until_date', 'date', 0, 0, '', 5),
  ('supplier', 'status', 'word', 0, 0, 'active,suspended,blacklisted', 5),
  ('supplier', 'status_reason', 'remark', 0, 400, '', 5),
  ('supplier', 'rev', 'number', 1, 9007199254740991, '', 5),
  ('supplier', 'changed_by', 'name', 1, 64, '', 5),
  ('supplier', 'changed_ms', 'time', 0, 0, '', 5),

  ('channel', 'id', 'id', 0, 0, '', 5),
  ('channel', 'product', 'row', 1, 0, 'product', 5),
  ('channel', 'supplier', 'row', 1, 0, 'supplier', 5),
  ('channel', 'way', 'word', 0, 0, 'direct,cooperative,wholesale,market,online', 5),
  ('channel', 'min_order_qty', 'number', 0, 1000000, '', 5),
  ('channel', 'delivery_area', 'name', 0, 120, '', 5),
  ('channel', 'note', 'remark', 0, 200, '', 5),
  ('channel', 'rev', 'number', 1, 9007199254740991, '', 5),
  ('channel', 'changed_by', 'name', 1, 64, '', 5),
  ('channel', 'changed_ms', 'time', 0, 0, '', 5),

  ('revision', 'id', 'id', 0, 0, '', 5),
  ('revision', 'target_kind', 'word', 0, 0, 'product,supplier,channel', 5),
  ('revision', 'target', 'id', 0, 0, '', 5),
  ('revision', 'rev', 'number', 1, 9007199254740991, '', 5),
  ('revision', 'field', 'name', 1, 40, '', 5),
  ('revision', 'before', 'as_is', 0, 0, '', 5),
  ('revision', 'after', 'as_is', 0, 0, '', 5),
  ('revision', 'actor', 'name', 1, 64, '', 5),
  ('revision', 'at_ms', 'time', 0, 0, '', 5),

  ('confirmation', 'branch', 'id', 0, 0, '', 5),
  ('confirmation', 'id', 'id', 0, 0, '', 5),
  ('confirmation', 'product', 'row', 1, 0, 'product', 5),
  ('confirmation', 'note', 'remark', 0, 400, '', 5),
  ('confirmation', 'actor', 'name', 1, 64, '', 5),
  ('confirmation', 'at_ms', 'time', 0, 0, '', 5),

  ('price', 'branch', 'id', 0, 0, '', 5),
  ('price', 'id', 'id', 0, 0, '', 5),
  ('price', 'no', 'code', 1, 40, '', 5),
  ('price', 'product', 'row', 1, 0, 'product', 5),
  ('price', 'price_fen', 'number', 1, 100000000, '', 5),
  ('price', 'unit', 'name', 1, 12, '', 5),
  ('price', 'qty_milli', 'number', 1, 1000000000, '', 5),
  ('price', 'supplier', 'row', 1, 0, 'supplier', 5),
  ('price', 'source', 'word', 0, 0, 'settled,quoted,market', 5),
  ('price', 'observed_date', 'date', 20000101, 0, '', 5),
  ('price', 'note', 'remark', 0, 400, '', 5),
  ('price', 'replaces', 'earlier', 1, 0, '', 5),
  ('price', 'void', 'number', 0, 1, '', 5),
  ('price', 'outlier', 'number', 0, 1, '', 5),
  ('price', 'actor', 'name', 1, 64, '', 5),
  ('price', 'at_ms', 'time', 0, 0, '', 5),

  ('evaluation', 'branch', 'id', 0, 0, '', 5),
  ('evaluation', 'id', 'id', 0, 0, '', 5),
  ('evaluation', 'no', 'code', 1, 40, '', 5),
  ('evaluation', 'product', 'row', 1, 0, 'product', 5),
  ('evaluation', 'supplier', 'row', 1, 0, 'supplier', 5),
  ('evaluation', 'quality', 'number', 1, 5, '', 5),
  ('evaluation', 'price', 'number', 1, 5, '', 5),
  ('evaluation', 'delivery', 'number', 1, 5, '', 5),
  ('evaluation', 'remark', 'remark', 0, 400, '', 5),
  ('evaluation', 'replaces', 'earlier', 1, 0, '', 5),
  ('evaluation', 'void', 'number', 0, 1, '', 5),
  ('evaluation', 'actor', 'name', 1, 64, '', 5),
  ('evaluation', 'at_ms', 'time', 0, 0, '', 5),

  ('proposal', 'branch', 'id', 0, 0, '', 5),
  ('proposal', 'id', 'id', 0, 0, '', 5),
  ('proposal', 'no', 'code', 1, 40, '', 5),
  ('proposal', 'kind', 'word', 0, 0, 'new_product,new_supplier,correction,delisting', 5),
  ('proposal', 'target_kind', 'word', 0, 0, 'product,supplier', 5),
  ('proposal', 'target', 'target', 0, 0, 'target_kind', 5),
  ('proposal', 'base_rev', 'number', 0, 9007199254740991, '', 5),
  ('proposal', 'base', 'object', 0, 20, '', 5),
  ('proposal', 'patch', 'object', 0, 20, '', 5),
  ('proposal', 'reason', 'remark', 1, 400, '', 5),
  ('proposal', 'actor', 'name', 1, 64, '', 5),
  ('proposal', 'at_ms', 'time', 0, 0, '', 5),

  ('security_event', 'branch', 'id', 0, 0, '', 5),
  ('security_event', 'id', 'id', 0, 0, '', 5),
  ('security_event', 'kind', 'name', 1, 40, '', 5),
  ('security_event', 'actor', 'name', 0, 64, '', 5),
  ('security_event', 'detail', 'remark', 0, 200, '', 5),
  ('security_event', 'peer', 'name', 0, 64, '', 5),
  ('security_event', 'count', 'number', 1, 1000000000, '', 5),
  ('security_event', 'at_ms', 'time', 0, 0, '', 5),

  ('decision', 'branch', 'id', 0, 0, '', 5),
  ('decision', 'id', 'id', 0, 0, '', 5),
  ('decision', 'proposal', 'id', 0, 0, '', 5),
  ('decision', 'verdict', 'word', 0, 0, 'accepted,partly,rejected', 5),
  ('decision', 'fields', 'object', 0, 20, '', 5),
  ('decision', 'reason', 'remark', 0, 400, '', 5),
  ('decision', 'created', 'id', 0, 0, '', 5),
  ('decision', 'actor', 'name', 1, 64, '', 5),
  ('decision', 'at_ms', 'time', 0, 0, '', 5),

  ('refusal', 'branch', 'id', 0, 0, '', 5),
  ('refusal', 'id', 'id', 0, 0, '', 5),
  ('refusal', 'subject_table', 'name', 1, 40, '', 5),
  ('refusal', 'subject_id', 'id', 0, 0, '', 5),
  ('refusal', 'rule', 'name', 1, 48, '', 5),
  ('refusal', 'detail', 'object', 0, 20, '', 5),
  ('refusal', 'at_ms', 'time', 0, 0, '', 5),

  ('product_score', 'product', 'row', 1, 0, 'product', 5),
  ('product_score', 'count', 'number', 0, 9007199254740991, '', 5),
  ('product_score', 'overall_centi', 'number', 100, 500, '', 5),
  ('product_score', 'quality_centi', 'number', 100, 500, '', 5),
  ('product_score', 'price_centi', 'number', 100, 500, '', 5),
  ('product_score', 'delivery_centi', 'number', 100, 500, '', 5),
  ('product_score', 'trend', 'word', 0, 0, 'up,flat,down', 5),
  ('product_score', 'median_fen', 'number', 0, 100000000, '', 5),
  ('product_score', 'p25_fen', 'number', 0, 100000000, '', 5),
  ('product_score', 'p75_fen', 'number', 0, 100000000, '', 5),
  ('product_score', 'branches', 'number', 0, 100000, '', 5),
  ('product_score', 'last_fen', 'number', 0, 100000000, '', 5),
  ('product_score', 'last_date', 'date', 20000101, 0, '', 5),
  ('product_score', 'prefectures', 'number', 0, 100000, '', 5),
  ('product_score', 'low_fen', 'number', 0, 100000000, '', 5),
  ('product_score', 'low_prefecture', 'number', 0, 659999, '', 5),
  ('product_score', 'high_fen', 'number', 0, 100000000, '', 5),
  ('product_score', 'high_prefecture', 'number', 0, 659999, '', 5),
  ('product_score', 'at_ms', 'time', 0, 0, '', 5),

  ('supplier_score', 'supplier', 'row', 1, 0, 'supplier', 5),
  ('supplier_score', 'count', 'number', 0, 9007199254740991, '', 5),
  ('supplier_score', 'overall_centi', 'number', 100, 500, '', 5),
  ('supplier_score', 'quality_centi', 'number', 100, 500, '', 5),
  ('supplier_score', 'price_centi', 'number', 100, 500, '', 5),
  ('supplier_score', 'delivery_centi', 'number', 100, 500, '', 5),
  ('supplier_score', 'trend', 'word', 0, 0, 'up,flat,down', 5),
  ('supplier_score', 'at_ms', 'time', 0, 0, '', 5),

  ('price_stat', 'product', 'row', 1, 0, 'product', 5),
  ('price_stat', 'period', 'date', 20000101, 0, '', 5),
  ('price_stat', 'median_fen', 'number', 0, 100000000, '', 5),
  ('price_stat', 'p25_fen', 'number', 0, 100000000, '', 5),
  ('price_stat', 'p75_fen', 'number', 0, 100000000, '', 5),
  ('price_stat', 'branches', 'number', 1, 100000, '', 5),
  ('price_stat', 'count', 'number', 1, 9007199254740991, '', 5),

  ('journaled_again', 'branch', 'id', 0, 0, '', 5),
  ('journaled_again', 'id', 'id', 0, 0, '', 5),
  ('journaled_again', 'record_hash', 'bytes', 32, 32, '', 5),

  ('withholding', 'id', 'id', 0, 0, '', 5),
  ('withholding', 'author', 'number', 1, 999999, '', 5),
  ('withholding', 'lane', 'number', 0, 999999, '', 5),
  ('withholding', 'seq', 'number', 1, 268435455, '', 5),
  ('withholding', 'record_hash', 'bytes', 32, 32, '', 5),
  ('withholding', 'subject', 'as_is', 0, 0, '', 5),
  ('withholding', 'no', 'as_is', 0, 0, '', 5),
  ('withholding', 'rule', 'name', 1, 40, '', 5),
  ('withholding', 'reason', 'remark', 2, 400, '', 5),
  ('withholding', 'request', 'id', 0, 0, '', 5),
  ('withholding', 'asked_by', 'name', 1, 64, '', 5),
  ('withholding', 'asked_ms', 'time', 0, 0, '', 5),
  ('withholding', 'actor', 'name', 1, 64, '', 5),
  ('withholding', 'at_ms', 'time', 0, 0, '', 5),

  ('withhold_request', 'branch', 'province', 0, 0, '', 5),
  ('withhold_request', 'id', 'id', 0, 0, '', 5),
  ('withhold_request', 'author', 'number', 1, 999999, '', 5),
  ('withhold_request', 'lane', 'number', 0, 999999, '', 5),
  ('withhold_request', 'seq', 'number', 1, 268435455, '', 5),
  ('withhold_request', 'rule', 'name', 1, 40, '', 5),
  ('withhold_request', 'reason', 'remark', 2, 400, '', 5),
  ('withhold_request', 'actor', 'name', 1, 64, '', 5),
  ('withhold_request', 'at_ms', 'time', 0, 0, '', 5),

  ('withhold_answer', 'branch', 'province', 0, 0, '', 5),
  ('withhold_answer', 'id', 'id', 0, 0, '', 5),
  ('withhold_answer', 'request', 'id', 0, 0, '', 5),
  ('withhold_answer', 'verdict', 'word', 0, 0, 'withheld,declined', 5),
  ('withhold_answer', 'reason', 'remark', 0, 400, '', 5),
  ('withhold_answer', 'actor', 'name', 1, 64, '', 5),
  ('withhold_answer', 'at_ms', 'time', 0, 0, '', 5);

-- An explained price is put before a person of the province: with the median that the others have about that day, or
-- 0 when there are no others.  price_accepted: that person took it, and it counts from then on; turned down, it is a
-- refusal.
CREATE TABLE price_doubt(
  branch INTEGER NOT NULL,
  id INTEGER NOT NULL,
  price INTEGER NOT NULL,
  median_fen INTEGER NOT NULL CHECK(median_fen BETWEEN 0 AND 100000000),
  branches INTEGER NOT NULL CHECK(branches BETWEEN 0 AND 100000),     -- whose median it is
  at_ms INTEGER NOT NULL,
  PRIMARY KEY(branch, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX price_doubt_price ON price_doubt(branch, price);
CREATE TABLE price_accepted(
  branch INTEGER NOT NULL,
  id INTEGER NOT NULL,
  price INTEGER NOT NULL,
  actor TEXT NOT NULL CHECK(length(actor) BETWEEN 1 AND 64),
  at_ms INTEGER NOT NULL,
  PRIMARY KEY(branch, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX price_accepted_price ON price_accepted(branch, price);

-- What the province asks about a proposal before it decides, and what the branch says to it; a withdrawal ends it.  A
-- decision that was made before the withdrawal came stands.
CREATE TABLE proposal_question(
  branch INTEGER NOT NULL,
  id INTEGER NOT NULL,
  proposal INTEGER NOT NULL,
  text TEXT NOT NULL CHECK(length(text) BETWEEN 1 AND 400),
  actor TEXT NOT NULL CHECK(length(actor) BETWEEN 1 AND 64),
  at_ms INTEGER NOT NULL,
  PRIMARY KEY(branch, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX proposal_question_proposal ON proposal_question(branch, proposal);
CREATE TABLE proposal_answer(
  branch INTEGER NOT NULL,
  id INTEGER NOT NULL,
  proposal INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK(kind IN ('answer', 'withdrawal')),
  text TEXT NOT NULL CHECK(length(text) BETWEEN 1 AND 400),
  actor TEXT NOT NULL CHECK(length(actor) BETWEEN 1 AND 64),
  at_ms INTEGER NOT NULL,
  PRIMARY KEY(branch, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX proposal_answer_proposal ON proposal_answer(branch, proposal);

-- A value the reviewer mended while accepting the field: what was proposed and what was taken, as JSON.
CREATE TABLE decision_mend(
  branch INTEGER NOT NULL,
  id INTEGER NOT NULL,
  proposal INTEGER NOT NULL,
  field TEXT NOT NULL CHECK(length(field) BETWEEN 1 AND 40),
  before TEXT NOT NULL CHECK(length(before) <= 4000),
  after TEXT NOT NULL CHECK(length(after) <= 4000),
  PRIMARY KEY(branch, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX decision_mend_proposal ON decision_mend(branch, proposal);

INSERT INTO table_scope(name, scope, append_only) VALUES
  ('price_doubt', 'directed', 1), ('price_accepted', 'directed', 1), ('proposal_question', 'directed', 1),
  ('proposal_answer', 'branch', 1), ('decision_mend', 'directed', 1);
INSERT INTO column_rule(table_name, column_name, kind, low, high, refers, since) VALUES
  ('price_doubt', 'branch', 'id', 0, 0, '', 5),
  ('price_doubt', 'id', 'id', 0, 0, '', 5),
  ('price_doubt', 'price', 'id', 0, 0, '', 5),
  ('price_doubt', 'median_fen', 'number', 0, 100000000, '', 5),
  ('price_doubt', 'branches', 'number', 0, 100000, '', 5),
  ('price_doubt', 'at_ms', 'time', 0, 0, '', 5),
  ('price_accepted', 'branch', 'id', 0, 0, '', 5),
  ('price_accepted', 'id', 'id', 0, 0, '', 5),
  ('price_accepted', 'price', 'id', 0, 0, '', 5),
  ('price_accepted', 'actor', 'name', 1, 64, '', 5),
  ('price_accepted', 'at_ms', 'time', 0, 0, '', 5),
  ('proposal_question', 'branch', 'id', 0, 0, '', 5),
  ('proposal_question', 'id', 'id', 0, 0, '', 5),
  ('proposal_question', 'proposal', 'id', 0, 0, '', 5),
  ('proposal_question', 'text', 'remark', 1, 400, '', 5),
  ('proposal_question', 'actor', 'name', 1, 64, '', 5),
  ('proposal_question', 'at_ms', 'time', 0, 0, '', 5),
  ('proposal_answer', 'branch', 'id', 0, 0, '', 5),
  ('proposal_answer', 'id', 'id', 0, 0, '', 5),
  ('proposal_answer', 'proposal', 'id', 0, 0, '', 5),
  ('proposal_answer', 'kind', 'word', 0, 0, 'answer,withdrawal', 5),
  ('proposal_answer', 'text', 'remark', 1, 400, '', 5),
  ('proposal_answer', 'actor', 'name', 1, 64, '', 5),
  ('proposal_answer', 'at_ms', 'time', 0, 0, '', 5),
  ('decision_mend', 'branch', 'id', 0, 0, '', 5),
  ('decision_mend', 'id', 'id', 0, 0, '', 5),
  ('decision_mend', 'proposal', 'id', 0, 0, '', 5),
  ('decision_mend', 'field', 'name', 1, 40, '', 5),
  ('decision_mend', 'before', 'remark', 0, 4000, '', 5),
  ('decision_mend', 'after', 'remark', 0, 4000, '', 5);

CREATE INDEX security_event_handled ON security_event(branch, detail) WHERE kind = 'handled';

-- How many rows stand behind each part of a key, in a province of some years.  Without it SQLite believes ten, whatever
-- part it is, and looks through all rows of a branch rather than ask the index that was made for the question.  Figures of
-- a kind, not of this database: plans are the same everywhere and from the first day.
ANALYZE division;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1(tbl, idx, stat) VALUES
  ('division', NULL, '101'), ('product', NULL, '1000'), ('supplier', NULL, '2000'), ('season', NULL, '2000'),
  ('channel', NULL, '3000'), ('revision', NULL, '10000'),
  ('division', 'division_prefecture', '101 9 1'), ('product', 'product_name', '1000 1 1'),
  ('product', 'product_origin', '1000 10'), ('season', 'season_product', '2000 2 1'),
  ('supplier', 'supplier_uscc', '2000 1'), ('channel', 'channel_product', '3000 3 1'),
  ('channel', 'channel_supplier', '3000 2 1'), ('revision', 'revision_target', '10000 5000 5 1'),
  ('price', 'price', '1000000 20000 1'), ('price', 'price_no', '1000000 20000 1'),
  ('price', 'price_product', '1000000 2000 40 2'), ('price', 'price_observed', '1000000 20000 20'),
  ('price', 'price_replaces', '50000 1000 1'), ('price', 'price_explained', '20000 400 1'),
  ('evaluation', 'evaluation', '300000 6000 1'), ('evaluation', 'evaluation_no', '300000 6000 1'),
  ('evaluation', 'evaluation_product', '300000 600 1'), ('evaluation', 'evaluation_supplier', '200000 400 1'),
  ('evaluation', 'evaluation_replaces', '20000 400 1'),
  ('confirmation', 'confirmation', '100000 2000 1'), ('confirmation', 'confirmation_product', '100000 200 4'),
  ('proposal', 'proposal', '50000 1000 1'), ('proposal', 'proposal_no', '50000 1000 1'),
  ('proposal', 'proposal_at', '50000 1'),
  ('decision', 'decision', '50000 1000 1'), ('decision', 'decision_proposal', '50000 1000 1'),
  ('refusal', 'refusal', '50000 1000 1'), ('refusal', 'refusal_subject', '50000 1000 300 1'),
  ('certificate', 'certificate_branch', '20000 200 1'), ('certificate', 'certificate_good', '200 2 1'),
  ('security_event', 'security_event', '500000 10000 1'), ('security_event', 'security_event_at', '500000 2'),
  ('security_event', 'security_event_handled', '20000 400 1'),
  ('price_doubt', 'price_doubt', '20000 400 1'), ('price_doubt', 'price_doubt_price', '20000 400 1'),
  ('price_accepted', 'price_accepted', '20000 400 1'), ('price_accepted', 'price_accepted_price', '20000 400 1'),
  ('proposal_question', 'proposal_question', '20000 400 1'),
  ('proposal_question', 'proposal_question_proposal', '20000 400 2'),
  ('proposal_answer', 'proposal_answer', '20000 400 1'), ('proposal_answer', 'proposal_answer_proposal', '20000 400 2'),
  ('decision_mend', 'decision_mend', '20000 400 1'), ('decision_mend', 'decision_mend_proposal', '20000 400 2');
