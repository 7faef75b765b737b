#include "core/domain/price.h"

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/domain/form.h"
#include "core/domain/listed.h"
#include "core/domain/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const sources[] = {"settled", "quoted", "market", NULL};

/* What the rules need to know of the product, and of the price that is corrected. */
struct known {
  struct listed listed;
  struct price_against against;
  char unit[PRICE_UNIT_SIZE]; /* what the row is recorded in: the product's, or of the price it corrects */
};

/* A correction says what stood there better: it keeps the unit, whatever the product is sold by now. */
static bool look_up(struct db *db, uint32_t branch, const struct price_new *in, struct known *known,
                    struct err *err)
{
  *known = (struct known){.unit = ""};
  if (!listed_look(db, in->product, &known->listed, err)) return false;
  memcpy(known->unit, known->listed.unit, sizeof known->unit);
  if (in->replaces == 0) return true;
  struct query q = query_open(db, "SELECT unit FROM price WHERE branch = ?1 AND id = ?2", err);
  query_int(&q, 1, branch);
  query_int(&q, 2, in->replaces);
  if (query_row(&q)) snprintf(known->unit, sizeof known->unit, "%s", column_text(&q, 0));
  return query_close(&q);
}

bool price_unit_now(struct db *db, uint32_t branch, const struct price_new *in, char unit[PRICE_UNIT_SIZE],
                    struct err *err)
{
  struct known known;
  bool ok = look_up(db, branch, in, &known, err);
  snprintf(unit, PRICE_UNIT_SIZE, "%s", ok ? known.unit : "");
  return ok;
}

/* Amounts of another unit than the product's are compared with nothing. */
static bool comparable(const struct known *known)
{
  return strcmp(known->unit, known->listed.unit) == 0;
}

static bool own_last(struct db *db, uint32_t branch, int today, const struct price_new *in,
                     struct price_against *out, struct err *err)
{
  if (!date_valid(in->observed_date)) return true;
  int to = date_add_days(in->observed_date, PRICE_OWN_DAYS);
  struct query q = query_open(db,
                              "SELECT price_fen, observed_date FROM counted_price WHERE product = ?1"
                              " AND branch = ?2 AND observed_date BETWEEN ?3 AND ?4 AND id <> ?5"
                              " AND unit = (SELECT unit FROM product WHERE id = ?1)"
                              " ORDER BY observed_date DESC, id DESC LIMIT 1",
                              err);
  query_int(&q, 1, in->product);
  query_int(&q, 2, branch);
  query_int(&q, 3, date_add_days(in->observed_date, -PRICE_OWN_DAYS));
  query_int(&q, 4, to < today ? to : today);
  query_int(&q, 5, in->replaces);
  if (query_row(&q))
    *out = (struct price_against){column_int(&q, 0), PRICE_OWN_FACTOR, (int)column_int(&q, 1)};
  return query_close(&q);
}

bool price_held_against(struct db *db, uint32_t branch, int today, const struct price_new *in,
                        struct price_against *out, struct err *err)
{
  struct query q = query_open(db, "SELECT median_fen, branches FROM product_score WHERE product = ?1", err);
  *out = (struct price_against){0};
  query_int(&q, 1, in->product);
  if (query_row(&q) && column_int(&q, 0) > 0 && column_int(&q, 1) >= PRICE_MEDIAN_BRANCHES)
    *out = (struct price_against){column_int(&q, 0), PRICE_OUTLIER_FACTOR, 0};
  return query_close(&q) && (out->fen || own_last(db, branch, today, in, out, err));
}

void price_hold_against_rows(const struct price_new *in, const struct price_new *rows, size_t count,
                             struct price_against *against)
{
  if ((against->fen && !against->own_date) || !date_valid(in->observed_date)) return;
  for (size_t i = 0; i < count; i++) {
    int date = rows[i].observed_date;
    if (rows[i].product != in->product || abs(date_days_between(date, in->observed_date)) > PRICE_OWN_DAYS ||
        date < against->own_date)
      continue;
    *against = (struct price_against){rows[i].price_fen, PRICE_OWN_FACTOR, date};
  }
}

static bool look(struct db *db, uint32_t branch, int today, const struct price_new *in, struct known *known,
                 struct err *err)
{
  return look_up(db, branch, in, known, err) &&
         (!comparable(known) || price_held_against(db, branch, today, in, &known->against, err));
}

/* It waited on a phone, or stood in an open form, while the product's unit was changed. */
static bool other_unit(const struct price_new *in, const struct known *known)
{
  return in->unit && *known->unit && strcmp(in->unit, known->unit) != 0;
}

/* Two clocks may differ, and either may be wrong: nobody is held to one alone. */
static void check_date(struct check *check, int date, bool confirmed, int today, int today_least)
{
  char text[11];
  if (!date_valid(date)) {
    check_fault(check, ERR_INPUT, "date", "date", "%d is no date", date);
    return;
  }
  date_format(text, date);
  if (date > today && (!confirmed || date_days_between(today, date) > PRICE_AGE_DAYS_MAX))
    check_fault(check, ERR_INPUT, "date", "future", "%s is later than today", text);
  else if (date < PRICE_DATE_MIN || date_days_between(date, today_least) > PRICE_AGE_DAYS_MAX)
    check_fault(check, ERR_INPUT, "date", "too_old", "%s is more than %d days ago", text, PRICE_AGE_DAYS_MAX);
}

/* Who may not be ordered from was paid all the same: a correction leaves what stands. */
static bool check_supplier(struct check *check, struct db *db, uint32_t branch, const struct price_new *in,
                           struct err *err)
{
  if (in->supplier == 0) return true;
  struct query q = query_open(db,
                              "SELECT status, name, EXISTS(SELECT 1 FROM price p WHERE p.branch = ?2 AND"
                              " p.id = ?3 AND p.supplier = s.id) FROM supplier s WHERE id = ?1",
                              err);
  query_int(&q, 1, in->supplier);
  query_int(&q, 2, branch);
  query_int(&q, 3, in->replaces);
  if (!query_row(&q))
    check_fault(check, ERR_INPUT, "supplier", "unknown_supplier", "there is no supplier %" PRId64,
                in->supplier);
  else if (strcmp(column_text(&q, 0), "active") != 0 && !column_int(&q, 2))
    check_fault(check, ERR_INPUT, "supplier", "supplier_inactive", "the supplier %.80s is %s",
                column_text(&q, 1), column_text(&q, 0));
  return query_close(&q);
}

/* A row is replaced once, by its own branch, and stays with its product. */
static bool check_replaces(struct check *check, struct db *db, uint32_t branch, int64_t product,
                           int64_t replaces, struct err *err)
{
  if (replaces == 0) return true;
  struct query q =
      query_open(db,
                 "SELECT product, void, EXISTS(SELECT 1 FROM price r WHERE r.branch = p.branch AND"
                 " r.replaces = p.id) FROM price p WHERE branch = ?1 AND id = ?2",
                 err);
  query_int(&q, 1, branch);
  query_int(&q, 2, replaces);
  if (!query_row(&q))
    check_fault(check, ERR_MISSING, "replaces", "unknown_price", "this branch has no price %" PRId64,
                replaces);
  else if (column_int(&q, 2) || column_int(&q, 1))
    check_fault(check, ERR_CONFLICT, "replaces", "replaced",
                "price %" PRId64 " is already corrected or taken back", replaces);
  else if (column_int(&q, 0) != product)
    check_fault(check, ERR_INPUT, "replaces", "other_product", "price %" PRId64 " is of another product",
                replaces);
  return query_close(&q);
}

bool price_outlier(int64_t price_fen, const struct price_against *against)
{
  return against->fen &&
         (price_fen > against->fen * against->factor || price_fen * against->factor < against->fen);
}

static void check_outlier(struct check *check, const struct price_new *in,
                          const struct price_against *against)
{
  char whose[60] = "the province's median", date[11];
  if (!price_outlier(in->price_fen, against)) return;
  bool noted = in->note && text_said(in->note, strlen(in->note)) > 0;
  if (in->confirm_outlier && noted) return;
  if (against->own_date) {
    date_format(date, against->own_date);
    snprintf(whose, sizeof whose, "this branch's own price of %s,", date);
  }
  int64_t p = in->price_fen, m = against->fen;
  bool unnoted = in->confirm_outlier;
  check_fault(check, unnoted ? ERR_INPUT : ERR_CONFLICT, unnoted ? "note" : "price_fen",
              unnoted ? "required" : "outlier", "%" PRId64 ".%02d yuan against %s of %" PRId64 ".%02d yuan%s",
              p / 100, (int)(p % 100), whose, m / 100, (int)(m % 100),
              unnoted ? ": say why in the note" : "");
}

static bool check_all(struct db *db, uint32_t branch, int today, const struct price_new *in,
                      const struct known *known, struct check *check, struct err *err)
{
  listed_check(check, in->product, &known->listed, false);
  if (other_unit(in, known))
    check_fault(check, ERR_CONFLICT, "unit", "unit_changed",
                "it was filled in per %.40s, and would be recorded per %s now", in->unit, known->unit);
  form_range(check, "price_fen", in->price_fen, 1, PRICE_FEN_MAX);
  if (in->qty_milli) form_range(check, "qty_milli", in->qty_milli, 1, 1000000000);
  form_word(check, "source", in->source, sources);
  form_text(check, "note", in->note, 0, PRICE_NOTE_MAX);
  check_date(check, in->observed_date, in->confirm_date, today, in->today_least ? in->today_least : today);
  if (!check_supplier(check, db, branch, in, err)) return false;
  if (!check_replaces(check, db, branch, in->product, in->replaces, err)) return false;
  if (in->price_fen >= 1 && in->price_fen <= PRICE_FEN_MAX && !other_unit(in, known))
    check_outlier(check, in, &known->against);
  return true;
}

bool price_check(struct db *db, uint32_t branch, int today, const struct price_new *in,
                 const struct price_against *against, struct check *check, struct err *err)
{
  struct known known;
  if (!look_up(db, branch, in, &known, err)) return false;
  if (comparable(&known)) known.against = *against;
  return check_all(db, branch, today, in, &known, check, err) && !check->bad;
}

static bool insert(struct tx *tx, const struct price_new *in, const char *unit, bool is_void, bool is_outlier,
                   struct written *out, struct err *err)
{
  struct written row;
  if (!number_next(tx, NUMBER_PRICE, row.no, err) || !tx_id(tx, SCOPE_BRANCH, &row.id, err)) return false;
  struct query q =
      query_open(tx->db,
                 "INSERT INTO price(branch, id, no, product, price_fen, unit, qty_milli, supplier, source,"
                 " observed_date, note, replaces, void, outlier, actor, at_ms)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, 0), nullif(?8, 0), ?9, ?10, ?11,"
                 " nullif(?12, 0), ?13, ?14, ?15, ?16)",
                 err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, row.id);
  query_text(&q, 3, row.no);
  query_int(&q, 4, in->product);
  query_int(&q, 5, in->price_fen);
  query_text(&q, 6, unit);
  query_int(&q, 7, in->qty_milli);
  query_int(&q, 8, in->supplier);
  query_text(&q, 9, in->source);
  query_int(&q, 10, in->observed_date);
  query_text(&q, 11, in->note ? in->note : "");
  query_int(&q, 12, in->replaces);
  query_int(&q, 13, is_void);
  query_int(&q, 14, is_outlier);
  query_text(&q, 15, tx->actor);
  query_int(&q, 16, tx->now_ms);
  if (!query_run(&q)) return false;
  *out = row;
  return true;
}

/* Two colleagues with one receipt: the same price of the same product, day, source and supplier. */
static bool refuse_repeat(struct tx *tx, const struct price_new *in, struct err *err)
{
  struct price_same same;
  bool found;
  if (!in->ask_repeat || in->replaces) return true;
  if (!price_find_same(tx->db, tx->author, in, &found, &same, err)) return false;
  if (!found || same.price_fen != in->price_fen) return true;
  return err_rule(err, ERR_CONFLICT, "", "repeated", "this price is recorded already, as %s", same.no);
}

bool price_add(struct tx *tx, const struct price_new *in, struct written *out, struct faults *faults,
               struct err *err)
{
  struct known known;
  struct check check = {.faults = faults, .err = err};
  int today = in->today ? in->today : date_of_ms(tx->now_ms);
  if (!look(tx->db, tx->author, today, in, &known, err)) return false;
  if (!check_all(tx->db, tx->author, today, in, &known, &check, err) || check.bad) return false;
  if (!refuse_repeat(tx, in, err)) return false;
  form_subject(tx, known.listed.name);
  bool is_outlier = price_outlier(in->price_fen, &known.against);
  return insert(tx, in, known.unit, false, is_outlier, out, err);
}

/* Whatever stands is looked at, also what does not count before a person of the province took it. */
bool price_find_same(struct db *db, uint32_t branch, const struct price_new *in, bool *found,
                     struct price_same *out, struct err *err)
{
  *out = (struct price_same){.price_fen = 0};
  struct query q =
      query_open(db,
                 "SELECT no, actor, price_fen, at_ms, id FROM standing_price WHERE product = ?1"
                 " AND branch = ?2 AND observed_date = ?3 AND source = ?4 AND supplier IS nullif(?5, 0)"
                 " AND unit = (SELECT unit FROM product WHERE id = ?1)"
                 " ORDER BY price_fen = ?6 DESC, id DESC LIMIT 1",
                 err);
  query_int(&q, 1, in->product);
  query_int(&q, 2, branch);
  query_int(&q, 3, in->observed_date);
  query_text(&q, 4, in->source);
  query_int(&q, 5, in->supplier);
  query_int(&q, 6, in->price_fen);
  *found = query_row(&q);
  if (*found) {
    strncat(out->no, column_text(&q, 0), sizeof out->no - 1);
    strncat(out->actor, column_text(&q, 1), sizeof out->actor - 1);
    out->price_fen = column_int(&q, 2);
    out->at_ms = column_int(&q, 3);
    out->id = column_int(&q, 4);
  }
  return query_close(&q);
}

/* The void row repeats what it takes back, so that the journal tells it without looking further. */
static bool read_void(struct tx *tx, int64_t id, struct price_new *copy, char unit[40], char source[16],
                      struct err *err)
{
  struct query q =
      query_open(tx->db,
                 "SELECT product, price_fen, qty_milli, supplier, source, observed_date, unit FROM price"
                 " WHERE branch = ?1 AND id = ?2",
                 err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, id);
  bool found = query_row(&q);
  if (found) {
    copy->product = column_int(&q, 0);
    copy->price_fen = column_int(&q, 1);
    copy->qty_milli = column_int(&q, 2);
    copy->supplier = column_int(&q, 3);
    source[0] = unit[0] = '\0';
    strncat(source, column_text(&q, 4), 15);
    copy->observed_date = (int)column_int(&q, 5);
    strncat(unit, column_text(&q, 6), 39);
  }
  if (!query_close(&q)) return false;
  return found || err_rule(err, ERR_MISSING, "id", "unknown_price", "this branch has no price %" PRId64, id);
}

bool price_void(struct tx *tx, int64_t id, const char *reason, struct written *out, struct err *err)
{
  struct price_new copy = {.replaces = id, .note = reason};
  struct check check = {.err = err};
  struct known known;
  char unit[40], source[16];
  form_text(&check, "reason", reason, 1, 400);
  if (check.bad || !read_void(tx, id, &copy, unit, source, err)) return false;
  copy.source = source;
  if (!check_replaces(&check, tx->db, tx->author, copy.product, id, err) || check.bad) return false;
  if (!listed_look(tx->db, copy.product, &known.listed, err)) return false;
  form_subject(tx, known.listed.name);
  return insert(tx, &copy, unit, true, false, out, err);
}
