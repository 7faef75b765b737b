#include "hub/evaluate.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/domain/confirmation.h"
#include "core/domain/describe.h"
#include "core/domain/refusal.h"
#include "core/domain/score.h"

#include <stdio.h>

enum { BRANCHES_MAX = 200, CONFIRMATIONS_MAX = 500 };

struct piece {
  int today;
  uint32_t branch;
  enum price_rule_act act;
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

static bool act_on_prices(struct tx *tx, void *ctx, struct err *err)
{
  struct piece *piece = ctx;
  return price_rule_apply(tx, piece->branch, piece->today, piece->act, &piece->written, err);
}

/* A chunk a transaction: what a branch sent in by mistake may be more than one entry can speak of. */
static bool act_on_branch(struct app *app, struct log_once *once, struct piece *piece, struct err *err)
{
  static const char *const actions[] = {
      [PRICE_RULE_REFUSE] = ACTION_PRICE_REFUSE, [PRICE_RULE_DOUBT] = ACTION_PRICE_DOUBT};
  static const char *const done[] = {
      [PRICE_RULE_REFUSE] = "refused", [PRICE_RULE_DOUBT] = "put before a person"};
  struct err why = ERR_INIT;
  do {
    const struct act act = {.actor = "system",
                            .role = "system",
                            .action = actions[piece->act],
                            .lane = piece->branch,
                            .now_ms = clock_wall_ms()};
    if (!app_commit(app, &act, act_on_prices, piece, NULL, &why)) break;
    log_info("branch %u: %d prices %s by the price rule", piece->branch, piece->written, done[piece->act]);
  } while (piece->written == PRICE_RULE_CHUNK);
  if (!why.kind || passed_over(once, "the price rule", piece->branch, &why)) return true;
  *err = why;
  return false;
}

static bool apply_price_rule(struct app *app, struct db *db, struct log_once *once, int today,
                             struct err *err)
{
  struct price_rule_branch branches[BRANCHES_MAX];
  int found = 0;
  if (!price_rule_find(db, today, branches, BRANCHES_MAX, &found, err)) return false;
  for (int i = 0; i < found; i++)
    for (int act = 0; act < PRICE_RULE_ACTS; act++) {
      struct piece piece = {.today = today, .branch = branches[i].branch, .act = (enum price_rule_act)act};
      if (branches[i].prices[act] && !act_on_branch(app, once, &piece, err)) return false;
    }
  return true;
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
static bool publish(struct app *app, struct db *db, int today, struct err *err)
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
  ok = ok && app_local(app, remember, work, err);
  if (ok && total) log_info("evaluation: %zu rows published", total);
  score_close(work);
  return ok;
}

bool evaluate(struct app *app, struct db *db, struct log_once *once, struct err *err)
{
  int today = date_of_ms(clock_wall_ms());
  bool due = false;
  if (!score_due(db, today, &due, err)) return false;
  return !due || (apply_price_rule(app, db, once, today, err) && publish_confirmations(app, once, err) &&
                  publish(app, db, today, err));
}
