-- Every product's live evaluation as it should be published, and only where that differs from what is.
-- ?1 first and ?2 last local day of the price window, ?3 the time from and ?4 up to which a rating is "late";
-- what claims to come after it is not.
-- Columns: product and those of product_score without at_ms, the trend as 1 up, 2 flat, 3 down.
-- Quartiles: linear interpolation between order statistics (type 7), in whole fen: with n values, position
-- (n - 1) * k / 4 has the value x[floor] * (4 - rest) + x[floor + 1] * rest, over 4, rounded.
WITH recent AS MATERIALIZED (
  -- each branch's newest counted price; the province's counties lead, so that price_observed is used
  SELECT p.id, p.product, p.price_fen, p.observed_date, d.prefecture_code AS prefecture,
    row_number() OVER (PARTITION BY p.product, p.branch ORDER BY p.observed_date DESC, p.id DESC) AS newest
  FROM division d CROSS JOIN counted_price p ON p.branch = d.code AND p.observed_date BETWEEN ?1 AND ?2
    JOIN product g ON g.id = p.product AND g.unit = p.unit
  WHERE d.level = 'county'
), latest AS MATERIALIZED (
  SELECT product, prefecture, price_fen, observed_date,
    row_number() OVER (PARTITION BY product ORDER BY price_fen) - 1 AS nth,
    count(*) OVER (PARTITION BY product) AS n,
    row_number() OVER (PARTITION BY product, prefecture ORDER BY price_fen) - 1 AS near_nth,
    count(*) OVER (PARTITION BY product, prefecture) AS near_n,
    row_number() OVER (PARTITION BY product ORDER BY observed_date DESC, id DESC) AS age
  FROM recent WHERE newest = 1
), quartile AS (
  SELECT product, max(n) AS branches,
    (2 + sum(iif(nth = (n - 1) / 4, price_fen * (4 - (n - 1) % 4), 0)
           + iif(nth = (n - 1) / 4 + 1, price_fen * ((n - 1) % 4), 0))) / 4 AS p25_fen,
    (1 + sum(iif(nth = (n - 1) / 2, price_fen * (2 - (n - 1) % 2), 0)
           + iif(nth = (n - 1) / 2 + 1, price_fen * ((n - 1) % 2), 0))) / 2 AS median_fen,
    (2 + sum(iif(nth = (n - 1) * 3 / 4, price_fen * (4 - (n - 1) * 3 % 4), 0)
           + iif(nth = (n - 1) * 3 / 4 + 1, price_fen * ((n - 1) * 3 % 4), 0))) / 4 AS p75_fen,
    max(iif(age = 1, price_fen, NULL)) AS last_fen,
    max(iif(age = 1, observed_date, NULL)) AS last_date
  FROM latest GROUP BY product
), prefecture AS (
  SELECT product, prefecture,
    (1 + sum(iif(near_nth = (near_n - 1) / 2, price_fen * (2 - (near_n - 1) % 2), 0)
           + iif(near_nth = (near_n - 1) / 2 + 1, price_fen * ((near_n - 1) % 2), 0))) / 2 AS fen
  FROM latest GROUP BY product, prefecture
), ranked AS (
  SELECT product, prefecture, fen,
    row_number() OVER (PARTITION BY product ORDER BY fen, prefecture) AS cheap,
    row_number() OVER (PARTITION BY product ORDER BY fen DESC, prefecture) AS dear
  FROM prefecture
), spread AS (
  SELECT product, count(*) AS prefectures, min(fen) AS low_fen, max(fen) AS high_fen,
    max(iif(cheap = 1, prefecture, NULL)) AS low_prefecture, max(iif(dear = 1, prefecture, NULL)) AS high_prefecture
  FROM ranked GROUP BY product
), rating AS MATERIALIZED (
  SELECT product, quality * 100 AS quality, price * 100 AS price, delivery * 100 AS delivery,
    quality * 40 + price * 30 + delivery * 30 AS overall, at_ms >= ?3 AND at_ms < ?4 AS late
  FROM counted_evaluation
), mean AS (
  SELECT sum(quality) / count(*) AS quality, sum(price) / count(*) AS price, sum(delivery) / count(*) AS delivery,
    sum(overall) / count(*) AS overall FROM rating
), rated AS (
  SELECT product, count(*) AS n, sum(overall) AS overall, sum(quality) AS quality, sum(price) AS price,
    sum(delivery) AS delivery, sum(late) AS late_n, sum(late * overall) AS late_sum,
    sum(NOT late) AS early_n, sum((NOT late) * overall) AS early_sum
  FROM rating GROUP BY product
), score AS (
  SELECT rated.product, n,
    iif(n >= 5, (5 * mean.overall + rated.overall + (n + 5) / 2) / (n + 5), NULL) AS overall,
    iif(n >= 5, (5 * mean.quality + rated.quality + (n + 5) / 2) / (n + 5), NULL) AS quality,
    iif(n >= 5, (5 * mean.price + rated.price + (n + 5) / 2) / (n + 5), NULL) AS price,
    iif(n >= 5, (5 * mean.delivery + rated.delivery + (n + 5) / 2) / (n + 5), NULL) AS delivery,
    CASE WHEN late_n < 3 OR early_n < 3 THEN NULL
      WHEN late_sum * early_n - early_sum * late_n >= 20 * late_n * early_n THEN 'up'
      WHEN early_sum * late_n - late_sum * early_n >= 20 * late_n * early_n THEN 'down'
      ELSE 'flat' END AS trend
  FROM rated, mean
), computed AS (
  SELECT g.id AS product, coalesce(c.n, 0) AS count, c.overall, c.quality, c.price, c.delivery, c.trend,
    q.median_fen, q.p25_fen, q.p75_fen, coalesce(q.branches, 0) AS branches, q.last_fen, q.last_date,
    coalesce(s.prefectures, 0) AS prefectures, s.low_fen, s.low_prefecture, s.high_fen, s.high_prefecture
  FROM product g LEFT JOIN score c ON c.product = g.id LEFT JOIN quartile q ON q.product = g.id
    LEFT JOIN spread s ON s.product = g.id
)
SELECT n.product, n.count, n.overall, n.quality, n.price, n.delivery,
  CASE n.trend WHEN 'up' THEN 1 WHEN 'flat' THEN 2 WHEN 'down' THEN 3 END,
  n.median_fen, n.p25_fen, n.p75_fen, n.branches, n.last_fen, n.last_date, n.prefectures, n.low_fen,
  n.low_prefecture, n.high_fen, n.high_prefecture
FROM computed n LEFT JOIN product_score o ON o.product = n.product
WHERE iif(o.product IS NULL, n.count > 0 OR n.branches > 0,
  (n.count, n.overall, n.quality, n.price, n.delivery, n.trend, n.median_fen, n.p25_fen, n.p75_fen, n.branches,
   n.last_fen, n.last_date, n.prefectures, n.low_fen, n.low_prefecture, n.high_fen, n.high_prefecture) IS NOT
  (o.count, o.overall_centi, o.quality_centi, o.price_centi, o.delivery_centi, o.trend, o.median_fen, o.p25_fen,
   o.p75_fen, o.branches, o.last_fen, o.last_date, o.prefectures, o.low_fen, o.low_prefecture, o.high_fen,
   o.high_prefecture))
ORDER BY n.product /* scan: meant, the whole province */
