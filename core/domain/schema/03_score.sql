-- The live evaluation: computed by the province over all branches, shared with all of them.
-- Scores are hundredths and NULL below five ratings; prices are NULL where nobody observed one.

CREATE TABLE product_score(
  product INTEGER PRIMARY KEY,
  count INTEGER NOT NULL CHECK(count >= 0),
  overall_centi INTEGER CHECK(overall_centi BETWEEN 100 AND 500),
  quality_centi INTEGER CHECK(quality_centi BETWEEN 100 AND 500),
  price_centi INTEGER CHECK(price_centi BETWEEN 100 AND 500),
  delivery_centi INTEGER CHECK(delivery_centi BETWEEN 100 AND 500),
  trend TEXT CHECK(trend IN ('up', 'flat', 'down')),
  median_fen INTEGER,                        -- of each branch's latest price in the last 30 days
  p25_fen INTEGER,
  p75_fen INTEGER,
  branches INTEGER NOT NULL CHECK(branches >= 0),
  last_fen INTEGER,
  last_date INTEGER,
  prefectures INTEGER NOT NULL CHECK(prefectures >= 0),
  low_fen INTEGER,                           -- the lowest and highest of the prefectures' medians
  low_prefecture INTEGER,
  high_fen INTEGER,
  high_prefecture INTEGER,
  at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE supplier_score(
  supplier INTEGER PRIMARY KEY,
  count INTEGER NOT NULL CHECK(count >= 0),
  overall_centi INTEGER CHECK(overall_centi BETWEEN 100 AND 500),
  quality_centi INTEGER CHECK(quality_centi BETWEEN 100 AND 500),
  price_centi INTEGER CHECK(price_centi BETWEEN 100 AND 500),
  delivery_centi INTEGER CHECK(delivery_centi BETWEEN 100 AND 500),
  trend TEXT CHECK(trend IN ('up', 'flat', 'down')),
  at_ms INTEGER NOT NULL
) STRICT;

-- period is the first day of a half-month, yyyymm01 or yyyymm16; quartiles are over branches, not rows.
CREATE TABLE price_stat(
  product INTEGER NOT NULL,
  period INTEGER NOT NULL CHECK(period % 100 IN (1, 16)),
  median_fen INTEGER NOT NULL,
  p25_fen INTEGER NOT NULL,
  p75_fen INTEGER NOT NULL,
  branches INTEGER NOT NULL CHECK(branches >= 1),
  count INTEGER NOT NULL CHECK(count >= 1),
  PRIMARY KEY(product, period)
) STRICT, WITHOUT ROWID;

INSERT INTO table_scope(name, scope, append_only) VALUES
  ('product_score', 'shared', 0), ('supplier_score', 'shared', 0), ('price_stat', 'shared', 0);
