#include "core/domain/idempotency.h"

#include <string.h>

enum { KEY_MIN = 8, KEY_MAX = 64 };

static bool check_key(const char *key, struct err *err)
{
  size_t n = strlen(key);
  if (n >= KEY_MIN && n <= KEY_MAX) return true;
  return err_rule(err, ERR_INPUT, "Idempotency-Key", "length",
                  "an idempotency key has %d to %d characters, not %zu", KEY_MIN, KEY_MAX, n);
}

bool idempotency_get(struct db *db, const char *account, const char *key, const uint8_t request[HASH_SIZE],
                     bool *found, int *status, struct buf *out, struct err *err)
{
  *found = false;
  if (!check_key(key, err)) return false;
  struct query q = query_open(
      db, "SELECT request_hash, status, answer FROM idempotency WHERE account = ?1 AND key = ?2", err);
  query_text(&q, 1, account);
  query_text(&q, 2, key);
  bool same = true;
  if (query_row(&q)) {
    size_t n;
    const void *hash = column_blob(&q, 0, &n);
    same = n == HASH_SIZE && memcmp(hash, request, n) == 0;
    *found = same;
    *status = (int)column_int(&q, 1);
    const void *answer = column_blob(&q, 2, &n);
    if (same) put_bytes(out, answer, n);
  }
  if (!query_close(&q)) return false;
  return same || err_rule(err, ERR_CONFLICT, "Idempotency-Key", "key_reused",
                          "this idempotency key was used for another request");
}

bool idempotency_add(struct tx *tx, const char *account, const char *key, const uint8_t request[HASH_SIZE],
                     int status, const void *answer, size_t n, struct err *err)
{
  if (!check_key(key, err)) return false;
  struct query q = query_open(tx->db,
                              "INSERT INTO idempotency(account, key, request_hash, status, answer, at_ms)"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                              err);
  query_text(&q, 1, account);
  query_text(&q, 2, key);
  query_blob(&q, 3, request, HASH_SIZE);
  query_int(&q, 4, status);
  query_blob(&q, 5, answer, n);
  query_int(&q, 6, tx->now_ms);
  return query_run(&q);
}
