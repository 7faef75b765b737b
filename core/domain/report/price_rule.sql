-- Counted prices from the day ?1 to the day ?3 that the province's rule refuses; ?2 a branch, or 0 for all.
-- Columns: branch, id, price_fen, median_fen, branches, no.  What a person of the province took is not judged again, and
-- an explained price that nobody has read yet neither counts for others nor is judged (price_explained.sql).
-- A price can only be more than five times the median of others if it is more than five times the cheapest, so
-- all but a few products fall out at once, and only those are compared price by price.
WITH recent AS MATERIALIZED (
  SELECT p.branch, p.id, p.no, p.product, p.price_fen,
    -- days on a calendar of 31-day months: near enough for "about 45 days apart", and only arithmetic
    p.observed_date / 10000 * 372 + p.observed_date / 100 % 100 * 31 + p.observed_date % 100 AS day
  FROM division d CROSS JOIN counted_price p ON p.branch = d.code AND p.observed_date BETWEEN ?1 AND ?3
    JOIN product g ON g.id = p.product AND g.unit = p.unit
  WHERE d.level = 'county'
), suspect AS (
  SELECT product FROM recent GROUP BY product
  HAVING max(price_fen) > 5 * min(price_fen) AND count(DISTINCT branch) > 5
), candidate AS MATERIALIZED (
  SELECT * FROM recent WHERE product IN (SELECT product FROM suspect)
), beside AS (
  SELECT c.branch, c.id, c.no, c.product, c.price_fen, o.price_fen AS other_fen,
    row_number() OVER (PARTITION BY c.branch, c.id, o.branch ORDER BY abs(o.day - c.day), o.id DESC) AS nearest
  FROM candidate c JOIN candidate o ON o.product = c.product AND o.branch <> c.branch
    AND o.day BETWEEN c.day - 45 AND c.day + 45
  WHERE ?2 = 0 OR c.branch = ?2
), ranked AS (
  SELECT *, row_number() OVER (PARTITION BY branch, id ORDER BY other_fen) - 1 AS nth,
    count(*) OVER (PARTITION BY branch, id) AS n
  FROM beside WHERE nearest = 1
), judged AS (
  SELECT branch, id, no, product, price_fen, n,
    (1 + sum(iif(nth = (n - 1) / 2, other_fen * (2 - (n - 1) % 2), 0)
           + iif(nth = (n - 1) / 2 + 1, other_fen * ((n - 1) % 2), 0))) / 2 AS median_fen
  FROM ranked GROUP BY branch, id
)
SELECT branch, id, price_fen, median_fen, n, no FROM judged
WHERE NOT EXISTS(SELECT 1 FROM price_accepted a WHERE a.branch = judged.branch AND a.price = judged.id)
  AND n >= 5 AND (price_fen > 5 * median_fen OR price_fen * 5 < median_fen)
ORDER BY branch, id /* scan: meant, the whole province */
