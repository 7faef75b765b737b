-- The prices behind the median that the price ?2 of the branch ?1 was judged by, cheapest first: of each other branch
-- the counted one nearest in time, as price_rule.sql and price_explained.sql take them.  ?3 and ?4: the days that the
-- judgement looked at; ?5: 1 when it took counties alone.  Columns: branch, id, price_fen.
WITH judged AS MATERIALIZED (
  SELECT p.branch, p.product, p.unit,
    -- days on a calendar of 31-day months, as in price_rule.sql
    p.observed_date / 10000 * 372 + p.observed_date / 100 % 100 * 31 + p.observed_date % 100 AS day
  FROM price p WHERE p.branch = ?1 AND p.id = ?2
), beside AS (
  SELECT o.branch, o.id, o.price_fen,
    row_number() OVER (PARTITION BY o.branch ORDER BY
      abs(o.observed_date / 10000 * 372 + o.observed_date / 100 % 100 * 31 + o.observed_date % 100 - u.day), o.id DESC)
      AS nearest
  FROM judged u CROSS JOIN counted_price o ON o.product = u.product AND o.branch <> u.branch AND o.unit = u.unit
    AND o.observed_date BETWEEN ?3 AND ?4
    AND o.observed_date / 10000 * 372 + o.observed_date / 100 % 100 * 31 + o.observed_date % 100
      BETWEEN u.day - 45 AND u.day + 45
  WHERE ?5 = 0 OR EXISTS(SELECT 1 FROM division d WHERE d.code = o.branch AND d.level = 'county')
)
SELECT branch, id, price_fen FROM beside WHERE nearest = 1
ORDER BY price_fen, branch /* scan: meant, one product's prices of three months */
