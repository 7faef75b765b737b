-- The entries of this database's own branch that the province refused whole, as id >> 12 of their rows: their rows are
-- here and never were in its tables.  Of others' rows the province has only what it took.  A refusal names the first by
-- subject_id, and each in detail, "5-9, 12" (hub/told.h): [epoch,5,9],[epoch,12].
CREATE VIEW refused_entry AS
  WITH RECURSIVE told(runs) AS (
    SELECT '[' || epoch || ',' || replace(replace(names, '-', ','), ', ', '],[' || epoch || ',') || ']'
    FROM (SELECT f.subject_id >> 40 AS epoch,
        coalesce(f.detail ->> '$.entries', f.subject_id >> 12 & 268435455) AS names
      FROM sync_self s JOIN refusal f ON f.branch = s.value AND f.subject_table = 'entry' WHERE s.name = 'author')
  ), run(entry, last) AS (
    SELECT (value ->> 0) << 28 | value ->> 1,
      (value ->> 0) << 28 | min(coalesce(value ->> 2, value ->> 1), (value ->> 1) + 4095)
    FROM json_each((SELECT '[' || group_concat(runs) || ']' FROM told WHERE json_valid('[' || runs || ']')))
    UNION SELECT entry + 1, last FROM run WHERE entry < last
  )
  SELECT entry FROM run;

-- What stands: not void, not refused, and not replaced by a row that the province has or is still to see.
CREATE VIEW standing_price AS SELECT * FROM price p WHERE p.void = 0
  AND p.id >> 12 NOT IN (SELECT entry FROM refused_entry)
  AND NOT EXISTS(SELECT 1 FROM price r WHERE r.branch = p.branch AND r.replaces = p.id
                 AND r.id >> 12 NOT IN (SELECT entry FROM refused_entry))
  AND NOT EXISTS(SELECT 1 FROM refusal f
                 WHERE f.branch = p.branch AND f.subject_table = 'price' AND f.subject_id = p.id);

-- What counts, of what stands: 05 and 06 say the rest.
DROP VIEW counted_price;
CREATE VIEW counted_price AS SELECT * FROM standing_price p
  WHERE p.observed_date / 100 % 100 BETWEEN 1 AND 12 AND p.observed_date % 100 BETWEEN 1 AND
    CASE p.observed_date / 100 % 100 WHEN 4 THEN 30 WHEN 6 THEN 30 WHEN 9 THEN 30 WHEN 11 THEN 30
      WHEN 2 THEN 28 + (p.observed_date / 10000 % 4 = 0
        AND (p.observed_date / 10000 % 100 <> 0 OR p.observed_date / 10000 % 400 = 0)) ELSE 31 END
  AND (p.outlier = 0 OR p.note = ''
       OR EXISTS(SELECT 1 FROM price_accepted a WHERE a.branch = p.branch AND a.price = p.id));
DROP VIEW counted_evaluation;
CREATE VIEW counted_evaluation AS SELECT * FROM evaluation e WHERE e.void = 0
  AND e.id >> 12 NOT IN (SELECT entry FROM refused_entry)
  AND NOT EXISTS(SELECT 1 FROM evaluation r WHERE r.branch = e.branch AND r.replaces = e.id
                 AND r.id >> 12 NOT IN (SELECT entry FROM refused_entry))
  AND NOT EXISTS(SELECT 1 FROM refusal f
                 WHERE f.branch = e.branch AND f.subject_table = 'evaluation' AND f.subject_id = e.id);
DROP VIEW counted_confirmation;
CREATE VIEW counted_confirmation AS SELECT * FROM confirmation c
  WHERE c.id >> 12 NOT IN (SELECT entry FROM refused_entry)
  AND EXISTS(SELECT 1 FROM product p WHERE p.id = c.product AND p.rev >= coalesce(c.rev, 0))
  AND NOT EXISTS(SELECT 1 FROM look_again l WHERE l.product = c.product AND l.rev > coalesce(c.rev, 0));
