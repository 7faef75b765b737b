-- What was confirmed: product.rev of what the person had looked at.  NULL: not said, in a row that a program of before
-- wrote; then any change of what is confirmed, whenever it was made, may have come before the look.
ALTER TABLE confirmation ADD COLUMN rev INTEGER CHECK(rev >= 1);
INSERT INTO column_rule(table_name, column_name, kind, low, high, refers, since) VALUES
  ('confirmation', 'rev', 'number', 1, 9007199254740991, '', 6);

-- From which revision on a product is to be looked at again: the province changed what is confirmed of it, or took the
-- confirmation back.
CREATE VIEW look_again AS SELECT target AS product, rev FROM revision WHERE target_kind = 'product'
  AND (field IN ('seasons', 'storage', 'storage_note_zh') OR (field = 'confirmed' AND after = 'false'));

-- What counts: of a revision that there is, and nothing to look at again since.
CREATE VIEW counted_confirmation AS SELECT * FROM confirmation c
  WHERE EXISTS(SELECT 1 FROM product p WHERE p.id = c.product AND p.rev >= coalesce(c.rev, 0))
  AND NOT EXISTS(SELECT 1 FROM look_again l WHERE l.product = c.product AND l.rev > coalesce(c.rev, 0));
