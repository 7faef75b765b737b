-- Counted prices from the day ?1 to the day ?2 that the province's rule refuses.
-- Columns: branch, id, price_fen, median_fen, branches.  What a person of the province took is not judged again, and
-- an explained price that nobody has read yet neither counts for others nor is judged (price_explained.sql).
-- A price can only be more than five times the median of others if it is more than five times the cheapest, so
-- all but a few products fall out at once, and only those are compared.  Of a branch's prices of one day the newest is
-- the nearest to any other day, and all of them are held against the same median: it is made once a branch, product
-- and day, so that what one branch sends costs in proportion.
WITH recent AS MATERIALIZED (
  SELECT p.branch, p.id, p.product, p.price_fen,
    -- days on a calendar of 31-day months: near enough for "about 45 days apart", and only arithmetic
    p.observed_date / 10000 * 372 + p.observed_date / 100 % 100 * 31 + p.observed_date % 100 AS day
  FROM division d CROSS JOIN counted_price p ON p.branch = d.code AND p.observed_date BETWEEN ?1 AND ?2
    JOIN product g ON g.id = p.product AND g.unit = p.unit
  WHERE d.level = 'county'
), suspect AS (
  SELECT product FROM recent GROUP BY product
  HAVING max(price_fen) > 5 * min(price_fen) AND count(DISTINCT branch) > 5
), candidate AS MATERIALIZED (
  SELECT * FROM recent WHERE product IN (SELECT product FROM suspect)
), newest AS (
  SELECT *, row_number() OVER (PARTITION BY product, branch, day ORDER BY id DESC) AS nth FROM candidate
), daily AS MATERIALIZED (
  SELECT branch, id, product, price_fen, day FROM newest WHERE nth = 1
), beside AS (
  SELECT c.branch, c.product, c.day, o.price_fen AS other_fen,
    row_number() OVER (PARTITION BY c.branch, c.product, c.day, o.branch ORDER BY abs(o.day - c.day), o.id DESC)
      AS nearest
  FROM daily c JOIN daily o ON o.product = c.product AND o.branch <> c.branch AND o.day BETWEEN c.day - 45 AND c.day + 45
), ranked AS (
  SELECT *, row_number() OVER (PARTITION BY branch, product, day ORDER BY other_fen) - 1 AS nth,
    count(*) OVER (PARTITION BY branch, product, day) AS n
  FROM beside WHERE nearest = 1
), middle AS (
  SELECT branch, product, day, n,
    (1 + sum(iif(nth = (n - 1) / 2, other_fen * (2 - (n - 1) % 2), 0)
           + iif(nth = (n - 1) / 2 + 1, other_fen * ((n - 1) % 2), 0))) / 2 AS median_fen
  FROM ranked WHERE n >= 5 GROUP BY branch, product, day
)
SELECT c.branch, c.id, c.price_fen, m.median_fen, m.n
FROM candidate c JOIN middle m ON m.branch = c.branch AND m.product = c.product AND m.day = c.day
WHERE (c.price_fen > 5 * m.median_fen OR c.price_fen * 5 < m.median_fen)
  AND NOT EXISTS(SELECT 1 FROM price_accepted a WHERE a.branch = c.branch AND a.price = c.id)
ORDER BY c.branch, c.id /* scan: meant, the whole province */
