#include "core/domain/lockout.h"

#include <stdio.h>

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS };

const struct lockout_kind lockout_account = {"account", 5, HOUR_MS};
const struct lockout_kind lockout_peer = {"peer", 20, 5 * MINUTE_MS};
const struct lockout_kind lockout_device = {"device", 5, HOUR_MS};
const struct lockout_kind lockout_password = {"password", 5, HOUR_MS};

/* A row of the future was written under a wrong clock. */
#define IN_FORCE "last_ms <= ?3 + 60000"

bool lockout_wait(struct db *db, const struct lockout_kind *kind, const char *name, int64_t now_ms,
                  int64_t *wait_ms, struct err *err)
{
  struct query q = query_open(
      db, "SELECT until_ms FROM guess WHERE kind = ?1 AND name = ?2 AND until_ms > ?3 AND " IN_FORCE, err);
  query_text(&q, 1, kind->name);
  query_text(&q, 2, name);
  query_int(&q, 3, now_ms);
  if (query_row(&q) && column_int(&q, 0) - now_ms > *wait_ms) *wait_ms = column_int(&q, 0) - now_ms;
  return query_close(&q);
}

/* 30 s from the free failures on, doubling. */
int64_t lockout_cost_ms(const struct lockout_kind *kind, int64_t failures)
{
  if (failures < kind->free) return 0;
  int64_t wait = LOCKOUT_WAIT_MS;
  for (int64_t i = kind->free; i < failures && wait < LOCKOUT_WAIT_MAX_MS; i++)
    wait *= 2;
  return wait < LOCKOUT_WAIT_MAX_MS ? wait : LOCKOUT_WAIT_MAX_MS;
}

/* What is left of the count by now. */
static bool count_now(struct tx *tx, const struct lockout_kind *kind, const char *name, int64_t *failures,
                      struct err *err)
{
  struct query q = query_open(
      tx->db, "SELECT failures, last_ms FROM guess WHERE kind = ?1 AND name = ?2 AND " IN_FORCE, err);
  query_text(&q, 1, kind->name);
  query_text(&q, 2, name);
  query_int(&q, 3, tx->now_ms);
  *failures = 0;
  if (query_row(&q)) {
    int64_t past_ms = tx->now_ms - column_int(&q, 1);
    *failures = column_int(&q, 0) - (past_ms > 0 ? past_ms / kind->fades_ms : 0);
  }
  if (*failures < 0) *failures = 0;
  return query_close(&q);
}

static bool write_count(struct tx *tx, const struct lockout_kind *kind, const char *name, int64_t failures,
                        int64_t wait_ms, struct err *err)
{
  struct query q = query_open(
      tx->db,
      "INSERT OR REPLACE INTO guess(kind, name, failures, last_ms, until_ms) VALUES(?1, ?2, ?3, ?4, ?5)",
      err);
  query_text(&q, 1, kind->name);
  query_text(&q, 2, name);
  query_int(&q, 3, failures);
  query_int(&q, 4, tx->now_ms);
  query_int(&q, 5, wait_ms ? tx->now_ms + wait_ms : 0);
  return query_run(&q);
}

/* The oldest go first. */
static bool bound(struct tx *tx, struct err *err)
{
  struct query q =
      query_open(tx->db,
                 "DELETE FROM guess WHERE (kind, name) IN (SELECT kind, name FROM guess"
                 " ORDER BY last_ms DESC LIMIT -1 OFFSET ?1) /* scan: meant, past the bound by index */",
                 err);
  query_int(&q, 1, LOCKOUT_NAMES_MAX);
  return query_run(&q);
}

bool lockout_fail(struct tx *tx, const struct lockout_kind *kind, const char *name, int64_t *wait_ms,
                  struct err *err)
{
  int64_t failures = 0;
  if (!count_now(tx, kind, name, &failures, err)) return false;
  if (failures < kind->free + LOCKOUT_BEYOND_MAX) failures++;
  int64_t wait = lockout_cost_ms(kind, failures);
  if (wait > *wait_ms) *wait_ms = wait;
  return write_count(tx, kind, name, failures, wait, err) && bound(tx, err);
}

/* A lock that stands is waited out all the same. */
bool lockout_forgive(struct tx *tx, const struct lockout_kind *kind, const char *name, struct err *err)
{
  int64_t left = 0;
  if (!count_now(tx, kind, name, &left, err)) return false;
  struct query q = query_open(
      tx->db, "UPDATE guess SET failures = max(?3 - 1, 0), last_ms = ?4 WHERE kind = ?1 AND name = ?2", err);
  query_text(&q, 1, kind->name);
  query_text(&q, 2, name);
  query_int(&q, 3, left);
  query_int(&q, 4, tx->now_ms);
  return query_run(&q);
}

bool lockout_clear(struct tx *tx, const struct lockout_kind *kind, const char *name, struct err *err)
{
  struct query q = query_open(tx->db, "DELETE FROM guess WHERE kind = ?1 AND name = ?2", err);
  query_text(&q, 1, kind->name);
  query_text(&q, 2, name);
  return query_run(&q);
}

bool lockout_seen(struct tx *tx, const char *peer, const char *name, bool *seen, struct err *err)
{
  static const struct lockout_kind pair = {"pair", 0, HOUR_MS};
  char both[128];
  int64_t failures = 0;
  snprintf(both, sizeof both, "%s@%s", name, peer);
  if (!count_now(tx, &pair, both, &failures, err)) return false;
  *seen = failures > 0;
  return write_count(tx, &pair, both, 1, 0, err) && bound(tx, err);
}

bool lockout_lift(struct tx *tx, const char *account, int *lifted, struct err *err)
{
  struct query q = query_open(tx->db,
                              "DELETE FROM guess WHERE ?1 IS NULL OR (kind IN ('account', 'password')"
                              " AND name = ?1) /* scan: meant, bounded, and asked for by hand */",
                              err);
  query_text(&q, 1, account);
  if (!query_run(&q)) return false;
  *lifted = (int)db_changes(tx->db);
  return true;
}

/* Also what a wrong clock wrote into the future. */
bool lockout_sweep(struct tx *tx, struct err *err)
{
  struct query q = query_open(tx->db, "DELETE FROM guess WHERE last_ms <= ?1 OR last_ms > ?2", err);
  query_int(&q, 1, tx->now_ms - DAY_MS);
  query_int(&q, 2, tx->now_ms + DAY_MS);
  return query_run(&q);
}
