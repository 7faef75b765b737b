-- Explained prices (counted_price says which) that no person of the province has been shown yet.  However few others there
-- are, a person reads them: what nobody can judge by numbers is judged by the reason.
-- Columns: branch, id, median_fen, branches.  The median is of the other branches' counted prices about 45 days
-- around, each the nearest; 0 when there are none.  It is made once a branch, product and day, as in price_rule.sql.
WITH unread AS MATERIALIZED (
  SELECT p.branch, p.id, p.product, p.unit,
    -- days on a calendar of 31-day months, as in price_rule.sql
    p.observed_date / 10000 * 372 + p.observed_date / 100 % 100 * 31 + p.observed_date % 100 AS day
  FROM price p INDEXED BY price_explained WHERE p.outlier = 1 AND p.note <> '' AND p.void = 0
    AND NOT EXISTS(SELECT 1 FROM price_doubt w WHERE w.branch = p.branch AND w.price = p.id)
    AND NOT EXISTS(SELECT 1 FROM price_accepted a WHERE a.branch = p.branch AND a.price = p.id)
    AND NOT EXISTS(SELECT 1 FROM price r WHERE r.branch = p.branch AND r.replaces = p.id)
    AND NOT EXISTS(SELECT 1 FROM refusal f
                   WHERE f.branch = p.branch AND f.subject_table = 'price' AND f.subject_id = p.id)
), asked AS MATERIALIZED (
  SELECT DISTINCT branch, product, unit, day FROM unread
), beside AS (
  SELECT u.branch, u.product, u.unit, u.day, o.price_fen,
    row_number() OVER (PARTITION BY u.branch, u.product, u.unit, u.day, o.branch ORDER BY
      abs(o.observed_date / 10000 * 372 + o.observed_date / 100 % 100 * 31 + o.observed_date % 100 - u.day), o.id DESC)
      AS nearest
  FROM asked u CROSS JOIN counted_price o ON o.product = u.product AND o.branch <> u.branch AND o.unit = u.unit
    AND o.observed_date / 10000 * 372 + o.observed_date / 100 % 100 * 31 + o.observed_date % 100
      BETWEEN u.day - 45 AND u.day + 45
), ranked AS (
  SELECT branch, product, unit, day, price_fen,
    row_number() OVER (PARTITION BY branch, product, unit, day ORDER BY price_fen) - 1 AS nth,
    count(*) OVER (PARTITION BY branch, product, unit, day) AS n
  FROM beside WHERE nearest = 1
), middle AS MATERIALIZED (
  SELECT branch, product, unit, day, n,
    (1 + sum(iif(nth = (n - 1) / 2, price_fen * (2 - (n - 1) % 2), 0)
           + iif(nth = (n - 1) / 2 + 1, price_fen * ((n - 1) % 2), 0))) / 2 AS median_fen
  FROM ranked GROUP BY branch, product, unit, day
)
SELECT u.branch, u.id, coalesce(m.median_fen, 0), coalesce(m.n, 0)
FROM unread u LEFT JOIN middle m ON m.branch = u.branch AND m.product = u.product AND m.unit = u.unit AND m.day = u.day
ORDER BY u.branch, u.id /* scan: meant, explained prices are few */
