#include "hub/evaluate.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/domain/confirmation.h"
#include "core/domain/describe.h"
#include "core/domain/price_rule.h"
#include "core/domain/score.h"

#include <stdio.h>

enum { CONFIRMATIONS_MAX = 500 };

struct piece {
  int written;
};

/* What the rows of one branch, or one step, cannot get through stands in the way of no other.  It stays until
 * somebody mends it and is met again at each evaluation: it is said once. */
static bool passed_over(struct log_once *once, const char *what, uint32_t branch, const struct err *why)
{
  char text[sizeof why->text + 100];
  if (!err_is_about_input(why)) return false;
  if (branch)
    (void)snprintf(text, sizeof text, "%s, branch %u: passed over: %s", what, branch, why->text);
  else
    (void)snprintf(text, sizeof text, "%s: passed over: %s", what, why->text);
  if (log_once_take(once, text)) log_warning("%s", text);
  return true;
}

struct rule_piece {
  const struct price_rule_row *rows;
  size_t count;
  int written;
};

static bool act_on_prices(struct tx *tx, void *ctx, struct err *err)
{
  struct rule_piece *piece = ctx;
  return price_rule_apply(tx, piece->rows, piece->count, &piece->written, err);
}

/* A chunk a transaction: what a branch sent in by mistake may be more than one entry can speak of. */
static bool act_on_branch(struct app *app, struct log_once *once, const struct price_rule_row *rows,
                          size_t count, struct err *err)
{
  static const char *const actions[] = {
      [PRICE_RULE_REFUSE] = ACTION_PRICE_REFUSE, [PRICE_RULE_DOUBT] = ACTION_PRICE_DOUBT};
  static const char *const done[] = {
      [PRICE_RULE_REFUSE] = "refused", [PRICE_RULE_DOUBT] = "put before a person"};
  struct err why = ERR_INIT;
  for (size_t at = 0; at < count; at += PRICE_RULE_CHUNK) {
    const struct act act = {.actor = "system",
                            .role = "system",
                            .action = actions[rows->act],
                            .lane = rows->branch,
                            .now_ms = clock_wall_ms()};
    struct rule_piece piece = {rows + at, count - at < PRICE_RULE_CHUNK ? count - at : PRICE_RULE_CHUNK, 0};
    if (!app_commit(app, &act, act_on_prices, &piece, NULL, &why)) break;
    if (piece.written)
      log_info("branch %u: %d prices %s by the price rule", rows->branch, piece.written, done[rows->act]);
  }
  if (!why.kind || passed_over(once, "the price rule", rows->branch, &why)) return true;
  *err = why;
  return false;
}

static bool apply_price_rule(struct app *app, struct db *db, struct log_once *once, int today, bool *more,
                             struct err *err)
{
  struct price_rule_rows rows;
  bool ok = price_rule_find(db, today, &rows, err);
  *more = rows.more;
  for (size_t at = 0, end; ok && at < rows.count; at = end) {
    const struct price_rule_row *first = &rows.list[at];
    for (end = at + 1; end < rows.count; end++)
      if (rows.list[end].branch != first->branch || rows.list[end].act != first->act) break;
    ok = act_on_branch(app, once, first, end - at, err);
  }
  price_rule_free(&rows);
  return ok;
}

static bool confirm(struct tx *tx, void *ctx, struct err *err)
{
  struct piece *piece = ctx;
  return confirmation_publish(tx, CONFIRMATIONS_MAX, &piece->written, err);
}

/* What a county confirmed is confirmed for everybody. */
static bool publish_confirmations(struct app *app, struct log_once *once, struct err *err)
{
  const struct act act = {
      .actor = "system", .role = "system", .action = ACTION_SCORE_PUBLISH, .now_ms = clock_wall_ms()};
  struct piece piece = {.written = 0};
  struct err why = ERR_INIT;
  if (app_commit(app, &act, confirm, &piece, NULL, &why) || passed_over(once, "confirmations", 0, &why))
    return true;
  *err = why;
  return false;
}

static bool write_scores(struct tx *tx, void *ctx, struct err *err)
{
  return score_write(tx, ctx, err);
}

static bool remember(struct tx *tx, void *ctx, struct err *err)
{
  return score_published(tx, ctx, err);
}

/* Computed on the reading connection, written in chunks: people's commits go on in between. */
static bool publish(struct app *app, struct db *db, int today, bool more, struct err *err)
{
  struct score_work *work = NULL;
  if (!score_open(&work, db, today, err)) return false;
  size_t total = score_left(work);
  bool ok = true;
  while (ok && score_left(work)) {
    const struct act act = {
        .actor = "system", .role = "system", .action = ACTION_SCORE_PUBLISH, .now_ms = clock_wall_ms()};
    ok = app_commit(app, &act, write_scores, work, NULL, err);
  }
  ok = ok && (more || app_local(app, remember, work, err)); /* more: it stays due */
  if (ok && total) log_info("evaluation: %zu rows published", total);
  score_close(work);
  return ok;
}

bool evaluate(struct app *app, struct db *db, struct log_once *once, struct err *err)
{
  int today = date_of_ms(clock_wall_ms());
  bool due = false, more = false;
  if (!score_due(db, today, &due, err)) return false;
  return !due || (apply_price_rule(app, db, once, today, &more, err) &&
                  publish_confirmations(app, once, err) && publish(app, db, today, more, err));
}
