-- The first answers of requests are kept as long as what they made, so nothing looks for the old ones any more.
DROP INDEX idempotency_at;

-- An invitation answers again only the key that has used it: the answer may have been lost on the line.
ALTER TABLE invite ADD COLUMN used_key BLOB;
