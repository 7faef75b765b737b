-- The shared catalogue: the province writes it, every branch reads it.
-- Codes are words, not numbers, so that a changeset reads without a legend.

-- Where the catalogue stands.  Every transaction of the province that changes a shared table raises rev (what
-- people edit) or score_rev (what is computed), so that a reader knows in one row whether its copy is current.
CREATE TABLE catalogue(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  rev INTEGER NOT NULL CHECK(rev >= 0),
  score_rev INTEGER NOT NULL CHECK(score_rev >= 0),
  at_ms INTEGER NOT NULL,
  entry INTEGER NOT NULL,        -- the transaction that raised rev last, so that it rises once in each
  score_entry INTEGER NOT NULL
) STRICT;

-- GB/T 2260: the province's prefectures and counties.
CREATE TABLE division(
  code INTEGER PRIMARY KEY CHECK(code BETWEEN 110000 AND 659999),
  name_zh TEXT NOT NULL CHECK(length(name_zh) BETWEEN 1 AND 40),
  pinyin TEXT NOT NULL CHECK(length(pinyin) <= 120),
  name_en TEXT NOT NULL CHECK(length(name_en) <= 120),
  prefecture_code INTEGER NOT NULL,
  level TEXT NOT NULL CHECK(level IN ('prefecture', 'county'))
) STRICT;
CREATE INDEX division_prefecture ON division(prefecture_code, code);

CREATE TABLE product(
  id INTEGER PRIMARY KEY,
  name_zh TEXT NOT NULL CHECK(length(name_zh) BETWEEN 1 AND 40),
  name_pinyin TEXT NOT NULL CHECK(length(name_pinyin) <= 200),
  name_en TEXT NOT NULL CHECK(length(name_en) <= 120),
  aliases TEXT NOT NULL CHECK(length(aliases) <= 200),          -- parted by 、
  group_code TEXT NOT NULL CHECK(group_code IN ('aquatic', 'livestock', 'produce', 'processed')),
  subgroup TEXT NOT NULL CHECK(length(subgroup) <= 40),
  origin_code INTEGER NOT NULL,                                 -- division.code
  unit TEXT NOT NULL CHECK(length(unit) BETWEEN 1 AND 12),
  storage TEXT NOT NULL CHECK(storage IN ('ambient', 'chilled', 'dry', 'frozen', 'live')),
  storage_note_zh TEXT NOT NULL CHECK(length(storage_note_zh) <= 200),
  geo_indication INTEGER NOT NULL CHECK(geo_indication IN (0, 1)),
  geo_basis TEXT NOT NULL CHECK(length(geo_basis) <= 400),      -- where the indication can be read up
  status TEXT NOT NULL CHECK(status IN ('active', 'delisted')),
  status_reason TEXT NOT NULL CHECK(length(status_reason) <= 400),
  confirmed INTEGER NOT NULL CHECK(confirmed IN (0, 1)),
  confirmed_by INTEGER NOT NULL,                                -- the county, or the province; 0 while unconfirmed
  rev INTEGER NOT NULL CHECK(rev >= 1),
  changed_by TEXT NOT NULL,
  changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX product_name ON product(name_zh, origin_code);

-- md is month * 100 + day; start after end wraps the year end; both days belong to the window.
CREATE TABLE season(
  id INTEGER PRIMARY KEY,
  product INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK(kind IN ('open', 'closed')),
  start_md INTEGER NOT NULL CHECK(start_md BETWEEN 101 AND 1231),
  end_md INTEGER NOT NULL CHECK(end_md BETWEEN 101 AND 1231)
) STRICT;
CREATE INDEX season_product ON season(product, start_md);

CREATE TABLE supplier(
  id INTEGER PRIMARY KEY,
  uscc TEXT NOT NULL CHECK(length(uscc) = 18),                  -- GB 32100-2015
  name TEXT NOT NULL CHECK(length(name) BETWEEN 1 AND 80),
  division INTEGER NOT NULL,
  contact_name TEXT NOT NULL CHECK(length(contact_name) <= 40),
  contact_phone TEXT NOT NULL CHECK(length(contact_phone) <= 40),
  licence_no TEXT NOT NULL CHECK(length(licence_no) <= 60),
  licence_until_date INTEGER NOT NULL CHECK(licence_until_date = 0 OR licence_until_date BETWEEN 19900101 AND 29991231),
  status TEXT NOT NULL CHECK(status IN ('active', 'suspended', 'blacklisted')),
  status_reason TEXT NOT NULL CHECK(length(status_reason) <= 400),
  rev INTEGER NOT NULL CHECK(rev >= 1),
  changed_by TEXT NOT NULL,
  changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX supplier_uscc ON supplier(uscc);

CREATE TABLE channel(
  id INTEGER PRIMARY KEY,
  product INTEGER NOT NULL,
  supplier INTEGER NOT NULL,
  way TEXT NOT NULL CHECK(way IN ('direct', 'cooperative', 'wholesale', 'market', 'online')),
  min_order_qty INTEGER NOT NULL CHECK(min_order_qty BETWEEN 0 AND 1000000), -- in the product's unit; 0: none
  delivery_area TEXT NOT NULL CHECK(length(delivery_area) <= 120),
  note TEXT NOT NULL CHECK(length(note) <= 200),
  rev INTEGER NOT NULL CHECK(rev >= 1),
  changed_by TEXT NOT NULL,
  changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX channel_product ON channel(product, supplier);
CREATE INDEX channel_supplier ON channel(supplier, product);

-- What changed in which revision of a product, supplier or channel: one row a field.
CREATE TABLE revision(
  id INTEGER PRIMARY KEY,
  target_kind TEXT NOT NULL CHECK(target_kind IN ('product', 'supplier', 'channel')),
  target INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  field TEXT NOT NULL CHECK(length(field) <= 40),
  before TEXT NOT NULL CHECK(length(before) <= 2000),
  after TEXT NOT NULL CHECK(length(after) <= 2000),
  actor TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX revision_target ON revision(target_kind, target, rev);

INSERT INTO table_scope(name, scope, append_only) VALUES
  ('catalogue', 'shared', 0), ('division', 'shared', 0), ('product', 'shared', 0), ('season', 'shared', 0),
  ('supplier', 'shared', 0), ('channel', 'shared', 0), ('revision', 'shared', 1);
