-- Half-month figures that differ from the published ones, from the half-month ?1 to the day ?2.
-- Columns: product, period, median, p25, p75, branches, count; branches 0: the published row has no price left.
WITH observed AS MATERIALIZED (
  SELECT p.product, p.price_fen,
    p.observed_date / 100 * 100 + iif(p.observed_date % 100 < 16, 1, 16) AS period,
    row_number() OVER (PARTITION BY p.product, p.branch,
      p.observed_date / 100 * 100 + iif(p.observed_date % 100 < 16, 1, 16)
      ORDER BY p.observed_date DESC, p.id DESC) AS newest
  FROM division d CROSS JOIN counted_price p ON p.branch = d.code AND p.observed_date BETWEEN ?1 AND ?2
    JOIN product g ON g.id = p.product AND g.unit = p.unit
  WHERE d.level = 'county'
), ranked AS (
  SELECT product, period, price_fen,
    row_number() OVER (PARTITION BY product, period ORDER BY price_fen) - 1 AS nth,
    count(*) OVER (PARTITION BY product, period) AS n
  FROM observed WHERE newest = 1
), rows_of AS (
  SELECT product, period, count(*) AS count FROM observed GROUP BY product, period
), computed AS MATERIALIZED (
  SELECT r.product, r.period,
    (1 + sum(iif(nth = (n - 1) / 2, price_fen * (2 - (n - 1) % 2), 0)
           + iif(nth = (n - 1) / 2 + 1, price_fen * ((n - 1) % 2), 0))) / 2 AS median_fen,
    (2 + sum(iif(nth = (n - 1) / 4, price_fen * (4 - (n - 1) % 4), 0)
           + iif(nth = (n - 1) / 4 + 1, price_fen * ((n - 1) % 4), 0))) / 4 AS p25_fen,
    (2 + sum(iif(nth = (n - 1) * 3 / 4, price_fen * (4 - (n - 1) * 3 % 4), 0)
           + iif(nth = (n - 1) * 3 / 4 + 1, price_fen * ((n - 1) * 3 % 4), 0))) / 4 AS p75_fen,
    max(n) AS branches, max(c.count) AS count
  FROM ranked r JOIN rows_of c ON c.product = r.product AND c.period = r.period
  GROUP BY r.product, r.period
)
SELECT n.product, n.period, n.median_fen, n.p25_fen, n.p75_fen, n.branches, n.count
FROM computed n LEFT JOIN price_stat o ON o.product = n.product AND o.period = n.period
WHERE o.product IS NULL OR (n.median_fen, n.p25_fen, n.p75_fen, n.branches, n.count) IS NOT
  (o.median_fen, o.p25_fen, o.p75_fen, o.branches, o.count)
UNION ALL
SELECT o.product, o.period, 0, 0, 0, 0, 0 FROM price_stat o
WHERE o.period >= ?1
  AND NOT EXISTS(SELECT 1 FROM computed n WHERE n.product = o.product AND n.period = o.period)
/* scan: meant, the whole province */
