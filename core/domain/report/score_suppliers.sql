-- Every supplier's score where it differs from the published one.  ?3 the time from and ?4 up to which a rating is "late";
-- what claims to come after it is not.
-- Columns: supplier, count, overall, quality, price, delivery, trend as 1 up, 2 flat, 3 down.
WITH rating AS MATERIALIZED (
  SELECT supplier, quality * 100 AS quality, price * 100 AS price, delivery * 100 AS delivery,
    quality * 40 + price * 30 + delivery * 30 AS overall, at_ms >= ?3 AND at_ms < ?4 AS late
  FROM counted_evaluation WHERE supplier IS NOT NULL
), mean AS (
  SELECT sum(quality) / count(*) AS quality, sum(price) / count(*) AS price, sum(delivery) / count(*) AS delivery,
    sum(overall) / count(*) AS overall FROM rating
), rated AS (
  SELECT supplier, count(*) AS n, sum(overall) AS overall, sum(quality) AS quality, sum(price) AS price,
    sum(delivery) AS delivery, sum(late) AS late_n, sum(late * overall) AS late_sum,
    sum(NOT late) AS early_n, sum((NOT late) * overall) AS early_sum
  FROM rating GROUP BY supplier
), score AS (
  SELECT rated.supplier, n,
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
  SELECT g.id AS supplier, coalesce(c.n, 0) AS count, c.overall, c.quality, c.price, c.delivery, c.trend
  FROM supplier g LEFT JOIN score c ON c.supplier = g.id
)
SELECT n.supplier, n.count, n.overall, n.quality, n.price, n.delivery,
  CASE n.trend WHEN 'up' THEN 1 WHEN 'flat' THEN 2 WHEN 'down' THEN 3 END
FROM computed n LEFT JOIN supplier_score o ON o.supplier = n.supplier
WHERE iif(o.supplier IS NULL, n.count > 0,
  (n.count, n.overall, n.quality, n.price, n.delivery, n.trend) IS NOT
  (o.count, o.overall_centi, o.quality_centi, o.price_centi, o.delivery_centi, o.trend))
ORDER BY n.supplier /* scan: meant, the whole province */
