#include "hub/evaluate.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/domain/describe.h"
#include "core/domain/refusal.h"
#include "core/domain/score.h"

enum { BRANCHES_MAX = 200 };

struct piece {
  int today;
  uint32_t branch;
  int written;
};

static bool refuse_prices(struct tx *tx, void *ctx, struct err *err)
{
  struct piece *piece = ctx;
  return price_rule_apply(tx, piece->branch, piece->today, &piece->written, err);
}

static bool apply_price_rule(struct app *app, struct db *db, int today, struct err *err)
{
  uint32_t branches[BRANCHES_MAX];
  int found = 0;
  if (!price_rule_find(db, today, branches, BRANCHES_MAX, &found, err)) return false;
  for (int i = 0; i < found; i++) {
    struct piece piece = {.today = today, .branch = branches[i]};
    const struct act act = {.actor = "system",
                            .role = "system",
                            .action = ACTION_PRICE_REFUSE,
                            .lane = branches[i],
                            .now_ms = clock_wall_ms()};
    if (!app_commit(app, &act, refuse_prices, &piece, NULL, err)) return false;
    log_info("branch %u: %d prices refused by the price rule", piece.branch, piece.written);
  }
  return true;
}

static bool products(struct tx *tx, void *ctx, struct err *err)
{
  struct piece *piece = ctx;
  return score_publish_products(tx, piece->today, &piece->written, err);
}

static bool suppliers(struct tx *tx, void *ctx, struct err *err)
{
  struct piece *piece = ctx;
  return score_publish_suppliers(tx, piece->today, &piece->written, err);
}

static bool periods(struct tx *tx, void *ctx, struct err *err)
{
  struct piece *piece = ctx;
  return score_publish_periods(tx, piece->today, &piece->written, err);
}

static bool remember(struct tx *tx, void *ctx, struct err *err)
{
  const struct piece *piece = ctx;
  return score_published(tx, piece->today, err);
}

static bool publish(struct app *app, int today, struct err *err)
{
  static const store_work works[] = {products, suppliers, periods};
  int total = 0;
  for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
    struct piece piece = {.today = today};
    do {
      const struct act act = {
          .actor = "system", .role = "system", .action = ACTION_SCORE_PUBLISH, .now_ms = clock_wall_ms()};
      piece.written = 0;
      if (!app_commit(app, &act, works[i], &piece, NULL, err)) return false;
      total += piece.written;
    } while (piece.written > 0);
  }
  if (total) log_info("evaluation: %d rows published", total);
  struct piece piece = {.today = today};
  return app_local(app, remember, &piece, err);
}

bool evaluate(struct app *app, struct db *db, struct err *err)
{
  int today = date_of_ms(clock_wall_ms());
  bool due = false;
  if (!score_due(db, today, &due, err)) return false;
  return !due || (apply_price_rule(app, db, today, err) && publish(app, today, err));
}
