/* One price: recorded, looked at, taken back. */
#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/kept_on_phone.h"
#include "core/domain/price.h"
#include "core/domain/score.h"
#include "core/domain/unit.h"
#include "node/api.h"
#include "program/clock_watch.h"
#include "site/edit.h"
#include "site/routes.h"
#include "site/rulings.h"
#include "site/withheld.h"
#include "sync/streams.h"

#include <stdio.h>
#include <string.h>

static bool get_date(const json_t *body, int *date, struct err *err)
{
  const char *text;
  if (!json_get_text(body, "date", 1, 10, &text, err)) return false;
  if (date_parse(text, date)) return true;
  return err_rule(err, ERR_INPUT, "date", "date", "date \"%s\" is no day such as 2026-11-24", text);
}

/* A quantity such as 24 or 2.5, kept in thousandths. */
static bool get_qty(const json_t *body, int64_t *milli, struct err *err)
{
  const json_t *v = json_object_get(body, "qty");
  double qty = json_number_value(v);
  *milli = 0;
  if (!v || json_is_null(v)) return true;
  if (!json_is_number(v)) return err_rule(err, ERR_INPUT, "qty", "type", "qty is no number");
  if (!(qty >= 0.001 && qty <= 1000000))
    return err_rule(err, ERR_INPUT, "qty", "range", "qty %g is not between 0.001 and 1,000,000", qty);
  *milli = (int64_t)(qty * 1000 + 0.5);
  const double off = qty * 1000 - (double)*milli; /* of a number that is no sum of halves some 1e-8 */
  return (off > -1e-6 && off < 1e-6) ||
         err_rule(err, ERR_INPUT, "qty", "places", "qty %.12g has more than three decimals", qty);
}

/* The unit that stood beside the amount when it was filled in; a program may leave it out. */
static bool get_unit(const json_t *body, const char **unit, struct err *err)
{
  const char *written;
  if (!json_get_text_or(body, "unit", PRICE_UNIT_SIZE - 1, "", &written, err)) return false;
  *unit = *written ? unit_of(written) : NULL;
  if (*unit || !*written) return true;
  return err_rule(err, ERR_INPUT, "unit", "unknown_unit", "there is no unit \"%.40s\"", written);
}

static bool read_price(const json_t *body, struct price_new *in, struct err *err)
{
  bool repeat;
  bool ok = json_get_int(body, "product", 1, INT64_MAX, &in->product, err) &&
            json_get_int(body, "price_fen", 1, PRICE_FEN_MAX, &in->price_fen, err) &&
            get_qty(body, &in->qty_milli, err) && get_unit(body, &in->unit, err) &&
            json_get_int_or(body, "supplier", 1, INT64_MAX, 0, &in->supplier, err) &&
            json_get_text(body, "source", 1, 16, &in->source, err) &&
            get_date(body, &in->observed_date, err) &&
            json_get_text_or(body, "note", PRICE_NOTE_MAX, "", &in->note, err) &&
            json_get_int_or(body, "replaces", 1, INT64_MAX, 0, &in->replaces, err) &&
            json_get_bool_or(body, "confirm_outlier", false, &in->confirm_outlier, err) &&
            json_get_bool_or(body, "confirm_date", false, &in->confirm_date, err) &&
            json_get_bool_or(body, "confirm_repeat", false, &repeat, err);
  in->ask_repeat = ok && !repeat;
  return ok;
}

/* The figures a page needs to say how unusual the price is: the median and its branches, or the own last
 * price. */
static void outlier_out(struct json_out *out, struct tx *tx, const struct price_new *in)
{
  struct product_score score;
  struct price_against against;
  bool found = false;
  if (!price_held_against(tx->db, tx->author, in->today, in, &against, NULL)) return;
  if (against.own_date) {
    out_int(out, "own_fen", against.fen);
    out_date(out, "own_date", against.own_date);
  } else if (score_product(tx->db, in->product, &score, &found, NULL) && found) {
    out_int(out, "median_fen", score.median_fen);
    out_int(out, "branches", score.branches);
  }
}

/* The record that is there already. */
static void repeat_out(struct json_out *out, struct tx *tx, const struct price_new *in)
{
  struct price_same same;
  bool found;
  if (!price_find_same(tx->db, tx->author, in, &found, &same, NULL) || !found) return;
  out_int(out, "id", same.id);
  out_text(out, "no", same.no);
  out_text(out, "actor", same.actor);
  out_int(out, "at_ms", same.at_ms);
}

/* Both units. */
static void unit_out(struct json_out *out, struct tx *tx, const struct price_new *in)
{
  char unit[PRICE_UNIT_SIZE];
  if (!price_unit_now(tx->db, tx->author, in, unit, NULL)) return;
  out_text(out, "filled", in->unit);
  out_text(out, "now", unit);
}

/* The day it is, as far as the node knows. */
static void date_out(struct json_out *out, struct tx *tx, const struct price_new *in)
{
  (void)tx;
  out_date(out, "today", in->today);
}

/* What a page needs to ask whoever recorded it whether it is meant; false: the rule has no figures. */
static bool figures_of(struct buf *text, struct tx *tx, const struct price_new *in, const char *rule)
{
  static const struct {
    const char *rule;
    void (*write)(struct json_out *out, struct tx *tx, const struct price_new *in);
  } figures[] = {
      {"outlier", outlier_out}, {"repeated", repeat_out}, {"unit_changed", unit_out}, {"future", date_out}};
  struct json_out out = JSON_OUT_INIT;
  for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
    if (strcmp(figures[i].rule, rule) != 0) continue;
    out_object(&out, NULL);
    figures[i].write(&out, tx, in);
    out_end(&out);
    put_u8(&out.bytes, 0);
    *text = out.bytes;
    return !text->bad;
  }
  return false;
}

/* Each fault has figures of its own: a page that hears of two asks about both. */
static void tell_why(struct edit *edit, struct tx *tx, const struct price_new *in, const struct err *err)
{
  for (size_t i = 0; i < edit->faults.count; i++) {
    struct fault *fault = &edit->faults.list[i];
    struct buf text = BUF_INIT;
    if (figures_of(&text, tx, in, fault->err.rule)) faults_figures(fault, (const char *)text.data);
    buf_wipe(&text);
  }
  if (!edit->faults.count) figures_of(&edit->params, tx, in, err->rule);
}

static void write_saved(struct edit *edit, const struct written *row, int64_t now_ms)
{
  struct json_out *out = &edit->out;
  out_object(out, NULL);
  out_int(out, "id", row->id);
  out_text_or_null(out, "no", row->no);
  place_new(out, now_ms);
  out_end(out);
}

static bool add_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const struct price_new *in = ctx;
  struct written row;
  struct err why = ERR_INIT;
  if (!price_add(tx, in, &row, &edit->faults, &why)) {
    tell_why(edit, tx, in, &why);
    if (err) *err = why;
    return false;
  }
  write_saved(edit, &row, tx->now_ms);
  return true;
}

/* What a phone kept is held against the day on which it was kept: by now a day that had not come may have. */
static void days_known(const struct edit *edit, struct price_new *in)
{
  int64_t now_ms = clock_wall_ms();
  clock_days(edit->app, now_ms, &in->today, &in->today_least);
  in->today = clock_latest_day(edit->app, now_ms, edit_waited_ms(edit));
}

void node_post_price(struct web_request *request, void *app)
{
  static const char *const fields[] = {
      "product",      "price_fen",       "qty",  "supplier",       "source", "date", "note", "replaces",
      "confirm_date", "confirm_outlier", "unit", "confirm_repeat", NULL};
  static const struct edit_plan plan = {.action = ACTION_PRICE_ADD, .fields = fields, .work = add_work};
  struct edit edit;
  struct price_new in = {0};
  struct err err = ERR_INIT;
  if (!edit_begin(&edit, request, app, &plan)) return;
  if (!read_price(edit.body, &in, &err)) {
    edit_refuse(&edit, &err);
  } else {
    if (in.replaces) edit.action = ACTION_PRICE_CORRECT;
    days_known(&edit, &in);
    edit_commit(&edit, &in);
  }
  edit_end(&edit);
}

static bool void_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  struct written row;
  const char *reason;
  int64_t id;
  (void)ctx;
  if (!web_param_int(edit->request, "id", 1, INT64_MAX, &id, err) ||
      !json_get_text(edit->body, "reason", 2, 200, &reason, err) || !price_void(tx, id, reason, &row, err))
    return false;
  write_saved(edit, &row, tx->now_ms);
  return true;
}

void node_post_price_void(struct web_request *request, void *app)
{
  static const char *const fields[] = {"reason", NULL};
  static const struct edit_plan plan = {.action = ACTION_PRICE_VOID, .fields = fields, .work = void_work};
  edit_run(request, app, &plan, NULL);
}

/* -- one price with the entry that made it -- */

struct detail {
  struct ledger_out ledger;
  int64_t product;
};

static void write_detail(void *ctx, const struct price_row *row)
{
  struct detail *detail = ctx;
  detail->product = row->product;
  price_members_out(&detail->ledger, row);
}

static bool write_entry(struct app *app, struct db *db, int64_t id, uint64_t acked, struct json_out *out,
                        struct err *err)
{
  struct logged entry;
  struct buf keep = BUF_INIT;
  int64_t pos = -1, signed_pos = -1;
  uint64_t seq = id_seq(id);
  bool ok = stream_find_kept(db, (struct stream){app->code, 0}, seq, &pos, err);
  bool found = ok && pos >= 0;
  if (found) ok = entry_read(db, pos, &entry, &keep, err) && entry_signed_by(db, pos, &signed_pos, err);
  out_object(out, "entry");
  out_int(out, "epoch", found && ok ? entry.record.epoch : id_epoch(id));
  out_int(out, "seq", (int64_t)seq);
  if (found && ok)
    out_hex(out, "hash", entry.hash, sizeof entry.hash);
  else
    out_null(out, "hash");
  out_bool(out, "signed", signed_pos >= 0);
  if (seq > acked)
    out_int(out, "ahead", (int64_t)(seq - acked - 1));
  else
    out_null(out, "ahead");
  out_end(out);
  buf_wipe(&keep);
  return ok;
}

static bool read_one(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                     struct err *err)
{
  struct detail detail = {.ledger = {.out = out}};
  struct product_score score;
  int64_t id;
  bool found = false, comparable = false;
  if (!web_param_int(request, "id", 1, INT64_MAX, &id, err) ||
      !place_open(&detail.ledger.place, app, db, err))
    return false;
  out_object(out, NULL);
  bool ok = (price_get(db, app->code, id, write_detail, &detail, err) ||
             withheld_instead(db, app->code, id, err)) &&
            !detail.ledger.place.bad && score_product(db, detail.product, &score, &found, err) &&
            price_is_in_unit(db, app->code, id, &comparable, err) &&
            write_entry(app, db, id, detail.ledger.place.acked, out, err);
  const struct rulings rulings = {.out = out, .db = db, .language = answer_language(request)};
  int64_t kept_ms = 0;
  ok = ok && rulings_out(&rulings, app->code, id, id, err) && kept_on_phone_get(db, id, &kept_ms, err);
  out_int_or_null(out, "kept_ms", kept_ms);
  out_int_or_null(out, "median_fen", ok && found && comparable ? score.median_fen : 0);
  out_end(out);
  return ok;
}

void node_get_price(struct web_request *request, void *app)
{
  answer_reading(request, app, read_one);
}
