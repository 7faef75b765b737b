-- Explained prices (counted_price says which) that no person of the province has been shown yet; ?1 a branch, or 0 for
-- all.  However few others there are, a person reads them: what nobody can judge by numbers is judged by the reason.
-- Columns: branch, id, median_fen, branches, no.  The median is of the other branches' counted prices about 45 days
-- around, each the nearest; 0 when there are none.
WITH unread AS MATERIALIZED (
  SELECT p.branch, p.id, p.no, p.product, p.unit,
    -- days on a calendar of 31-day months, as in price_rule.sql
    p.observed_date / 10000 * 372 + p.observed_date / 100 % 100 * 31 + p.observed_date % 100 AS day
  FROM price p INDEXED BY price_explained WHERE p.outlier = 1 AND p.note <> '' AND p.void = 0 AND (?1 = 0 OR p.branch = ?1)
    AND NOT EXISTS(SELECT 1 FROM price_doubt w WHERE w.branch = p.branch AND w.price = p.id)
    AND NOT EXISTS(SELECT 1 FROM price_accepted a WHERE a.branch = p.branch AND a.price = p.id)
    AND NOT EXISTS(SELECT 1 FROM price r WHERE r.branch = p.branch AND r.replaces = p.id)
    AND NOT EXISTS(SELECT 1 FROM refusal f
                   WHERE f.branch = p.branch AND f.subject_table = 'price' AND f.subject_id = p.id)
), beside AS (
  SELECT u.branch, u.id, o.price_fen,
    row_number() OVER (PARTITION BY u.branch, u.id, o.branch ORDER BY
      abs(o.observed_date / 10000 * 372 + o.observed_date / 100 % 100 * 31 + o.observed_date % 100 - u.day), o.id DESC)
      AS nearest
  FROM unread u CROSS JOIN counted_price o ON o.product = u.product AND o.branch <> u.branch AND o.unit = u.unit
    AND o.observed_date / 10000 * 372 + o.observed_date / 100 % 100 * 31 + o.observed_date % 100
      BETWEEN u.day - 45 AND u.day + 45
), ranked AS (
  SELECT branch, id, price_fen, row_number() OVER (PARTITION BY branch, id ORDER BY price_fen) - 1 AS nth,
    count(*) OVER (PARTITION BY branch, id) AS n
  FROM beside WHERE nearest = 1
), middle AS (
  SELECT branch, id, n,
    (1 + sum(iif(nth = (n - 1) / 2, price_fen * (2 - (n - 1) % 2), 0)
           + iif(nth = (n - 1) / 2 + 1, price_fen * ((n - 1) % 2), 0))) / 2 AS median_fen
  FROM ranked GROUP BY branch, id
)
SELECT u.branch, u.id, coalesce(m.median_fen, 0), coalesce(m.n, 0), u.no
FROM unread u LEFT JOIN middle m ON m.branch = u.branch AND m.id = u.id
ORDER BY u.branch, u.id /* scan: meant, explained prices are few */
