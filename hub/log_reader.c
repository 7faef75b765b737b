#include "hub/log_reader.h"

#include "core/base/clock.h"
#include "core/base/say.h"
#include "core/base/text.h"
#include "core/domain/security_event.h"
#include "hub/audit_index.h"
#include "program/beside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_BYTES = 32, DAYS_DEFAULT = 365, DAYS_MAX = 3660 };
#define DAY_MS (24LL * 3600 * 1000)

bool log_reader_find(struct db *db, const char *authorization, int64_t now_ms,
                     char name[LOG_READER_NAME_SIZE], bool *found, struct err *err)
{
  static const char scheme[] = "Bearer ";
  uint8_t hash[HASH_SIZE];
  *found = false;
  if (!authorization || strncmp(authorization, scheme, sizeof scheme - 1) != 0) return true;
  const char *token = authorization + sizeof scheme - 1;
  sha256(hash, token, strlen(token));
  struct query q = query_open(db, "SELECT name FROM log_reader WHERE token_hash = ?1 AND until_ms > ?2", err);
  query_blob(&q, 1, hash, sizeof hash);
  query_int(&q, 2, now_ms);
  *found = query_row(&q);
  if (*found) snprintf(name, LOG_READER_NAME_SIZE, "%s", column_text(&q, 0));
  return query_close(&q);
}

/* A name is what people read in the trail: a word or two. */
static bool check_name(const char *name, struct err *err)
{
  size_t n = strlen(name);
  if (!text_check(TEXT_NAME, "--for", name, n, err)) return false;
  if (n > 0 && n <= LOG_READER_NAME_MAX && name[0] != ' ' && name[n - 1] != ' ') return true;
  return err_rule(err, ERR_INPUT, "--for", "name",
                  "--for \"%.40s\" is not a name of 1 to %d bytes: letters, or a word or two of Chinese",
                  name, LOG_READER_NAME_MAX);
}

static bool read_days(const char *text, int64_t *days, struct err *err)
{
  char *end = NULL;
  *days = text ? strtoll(text, &end, 10) : DAYS_DEFAULT;
  if (!text || (end != text && !*end && *days >= 1 && *days <= DAYS_MAX)) return true;
  return err_rule(err, ERR_INPUT, "days", "range", "--days %.20s is not a number from 1 to %d", text,
                  DAYS_MAX);
}

/* Whom the entries are opened to, and that: one transaction, so that nobody reads unseen. */
static bool keep(struct tx *tx, const char *name, const uint8_t hash[HASH_SIZE], int64_t until_ms,
                 struct err *err)
{
  char day[11], line[LOG_READER_NAME_SIZE + 32];
  struct query q =
      query_open(tx->db,
                 "INSERT INTO log_reader(name, token_hash, made_ms, until_ms) VALUES(?1, ?2, ?3, ?4)"
                 " ON CONFLICT(name) DO UPDATE SET token_hash = excluded.token_hash,"
                 " made_ms = excluded.made_ms, until_ms = excluded.until_ms",
                 err);
  query_text(&q, 1, name);
  query_blob(&q, 2, hash, HASH_SIZE);
  query_int(&q, 3, tx->now_ms);
  query_int(&q, 4, until_ms);
  if (!query_run(&q)) return false;
  date_format(day, date_of_ms(until_ms));
  snprintf(line, sizeof line, "%s until %s", name, day);
  return security_event_leave(tx, "log_token", line, err);
}

static bool make(const struct beside *beside, const char *name, struct err *err)
{
  uint8_t secret[TOKEN_BYTES], hash[HASH_SIZE];
  char token[2 * TOKEN_BYTES + 1];
  int64_t days = 0;
  struct tx tx = {.db = beside->db, .now_ms = clock_wall_ms()};
  if (!check_name(name, err) || !read_days(cli_value(beside->args, "days"), &days, err)) return false;
  crypto_random(secret, sizeof secret);
  hex_encode(token, secret, sizeof secret);
  sha256(hash, token, strlen(token));
  bool ok =
      db_begin(tx.db, err) && keep(&tx, name, hash, tx.now_ms + days * DAY_MS, err) && db_commit(tx.db, err);
  if (ok)
    say("%s\n", token);
  else
    db_rollback(tx.db);
  crypto_wipe(secret, sizeof secret);
  crypto_wipe(token, sizeof token);
  return ok;
}

static bool drop(struct tx *tx, const char *name, struct err *err)
{
  struct query q = query_open(tx->db, "DELETE FROM log_reader WHERE name = ?1", err);
  query_text(&q, 1, name);
  return query_run(&q) && security_event_leave(tx, "log_token_ended", name, err);
}

static bool end_one(struct db *db, const char *name, struct err *err)
{
  struct tx tx = {.db = db, .now_ms = clock_wall_ms()};
  int64_t there = 0;
  struct query look = query_open(db, "SELECT count(*) FROM log_reader WHERE name = ?1", err);
  query_text(&look, 1, name);
  if (query_row(&look)) there = column_int(&look, 0);
  if (!query_close(&look)) return false;
  if (!there)
    return err_rule(err, ERR_MISSING, "end", "no_reader", "nobody of the name %.80s has a token", name);
  bool ok = db_begin(db, err) && drop(&tx, name, err) && db_commit(db, err);
  if (ok)
    say("the token of %s is ended\n", name);
  else
    db_rollback(db);
  return ok;
}

static bool list(struct db *db, struct err *err)
{
  struct query q = query_open(
      db, "SELECT name, until_ms FROM log_reader ORDER BY name /* scan: the whole list is asked for */", err);
  while (query_row(&q)) {
    char until[30];
    time_format(until, column_int(&q, 1));
    say("%s until %s\n", column_text(&q, 0), until);
  }
  return query_close(&q);
}

static bool token_work(const struct beside *beside, struct err *err)
{
  const char *name = cli_value(beside->args, "for"), *end = cli_value(beside->args, "end");
  if (name && end)
    return err_rule(err, ERR_INPUT, "end", "either",
                    "--for makes a token and --end ends one: give one of them");
  if (end) return end_one(beside->db, end, err);
  return name ? make(beside, name, err) : list(beside->db, err);
}

bool log_token_command(const struct cli_args *args, struct err *err)
{
  struct data_dir dir;
  if (!data_dir_open(&dir, cli_value(args, "dir"), DATA_DIR_SHARED, err)) return false;
  bool ok = current_tables(&dir, &audit_index_tables, err);
  data_dir_close(&dir);
  return ok && beside_run(args, BESIDE_WRITES, token_work, err);
}
