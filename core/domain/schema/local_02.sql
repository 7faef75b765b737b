-- The first answers of requests are kept as long as what they made, so nothing looks for the old ones any more.
DROP INDEX idempotency_at;
