-- Explained prices (counted_price says which) that no person of the province has been shown yet, the first ?3 of each
-- branch.  However few others there are, a person reads them: what nobody can judge by numbers is judged by the reason.
-- Columns: branch, id, median_fen, branches.  The median is of the other branches' counted prices about 45 days
-- around and of the days ?1 to ?2, each the nearest; 0 when there are none.  It is made once a branch, product and day,
-- for those ?3 alone and from one price of a branch and day, so that what one branch sends costs in proportion.
WITH waiting AS (
  SELECT p.branch, p.id, p.product, p.unit,
    -- days on a calendar of 31-day months, as in price_rule.sql
    p.observed_date / 10000 * 372 + p.observed_date / 100 % 100 * 31 + p.observed_date % 100 AS day,
    row_number() OVER (PARTITION BY p.branch ORDER BY p.id) AS nth
  FROM price p INDEXED BY price_explained WHERE p.outlier = 1 AND p.note <> '' AND p.void = 0
    AND NOT EXISTS(SELECT 1 FROM price_doubt w WHERE w.branch = p.branch AND w.price = p.id)
    AND NOT EXISTS(SELECT 1 FROM price_accepted a WHERE a.branch = p.branch AND a.price = p.id)
    AND NOT EXISTS(SELECT 1 FROM price r WHERE r.branch = p.branch AND r.replaces = p.id)
    AND NOT EXISTS(SELECT 1 FROM refusal f
                   WHERE f.branch = p.branch AND f.subject_table = 'price' AND f.subject_id = p.id)
), unread AS MATERIALIZED (
  SELECT branch, id, product, unit, day FROM waiting WHERE nth <= ?3
), asked AS MATERIALIZED (
  SELECT DISTINCT branch, product, unit, day FROM unread
), apart(parts) AS (
  -- 45 days around reach no further than from one part of 46 days into the next
  VALUES(-1), (0), (1)
), daily AS MATERIALIZED (
  -- of a branch's prices of one day the newest is the nearest to any other day
  SELECT o.product, o.unit, o.branch, max(o.id) AS id, o.price_fen,
    o.observed_date / 10000 * 372 + o.observed_date / 100 % 100 * 31 + o.observed_date % 100 AS day,
    (o.observed_date / 10000 * 372 + o.observed_date / 100 % 100 * 31 + o.observed_date % 100) / 46 AS part
  FROM (SELECT DISTINCT product FROM asked) u
    CROSS JOIN counted_price o ON o.product = u.product AND o.observed_date BETWEEN ?1 AND ?2
  GROUP BY o.product, o.unit, o.branch, o.observed_date
), beside AS (
  SELECT u.branch, u.product, u.unit, u.day, o.price_fen,
    row_number() OVER (PARTITION BY u.branch, u.product, u.unit, u.day, o.branch ORDER BY abs(o.day - u.day), o.id DESC)
      AS nearest
  FROM asked u CROSS JOIN apart a
    CROSS JOIN daily o ON o.product = u.product AND o.unit = u.unit AND o.part = u.day / 46 + a.parts
    AND o.branch <> u.branch AND o.day BETWEEN u.day - 45 AND u.day + 45
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
