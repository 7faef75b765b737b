#include "fixture.h"

#include "core/domain/catalogue.h"
#include "core/domain/evaluation.h"
#include "core/domain/form.h"
#include "core/domain/number.h"
#include "core/domain/price.h"
#include "core/domain/price_stat.h"
#include "core/domain/refusal.h"

static struct fixture f;
static int64_t fish;

static int setup(void **state)
{
  (void)state;
  fixture_open(&f);
  load_seed(&f);
  fish = product_named(&f, "舟山带鱼");
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

static struct price_new a_price(int64_t fen)
{
  return (struct price_new){
      .product = fish, .price_fen = fen, .source = "settled", .observed_date = 20261124};
}

static bool add(const struct price_new *in, struct written *out, struct faults *faults, struct err *err)
{
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  bool ok = price_add(&tx, in, out, faults, err);
  if (ok)
    commit(&f);
  else
    back(&f);
  return ok;
}

static int64_t stored(void)
{
  return number_of(&f, "SELECT count(*) FROM price /* scan: meant */");
}

static void set_median(int64_t fen)
{
  struct err err = ERR_INIT;
  char sql[300];
  snprintf(sql, sizeof sql,
           "INSERT OR REPLACE INTO product_score(product, count, branches, prefectures, median_fen, at_ms)"
           " VALUES(%lld, 0, 9, 3, %lld, 0)",
           (long long)fish, (long long)fen);
  assert_ok(db_exec(f.db, sql, &err), &err);
}

static void a_price_gets_the_number_of_its_branch_and_month(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  struct price_new in = a_price(11800);
  assert_ok(add(&in, &out, NULL, &err), &err);
  assert_string_equal(out.no, "JG330127-202611-0001");
  assert_int_equal(id_seq(out.id), f.seq);
  assert_ok(add(&in, &out, NULL, &err), &err);
  assert_string_equal(out.no, "JG330127-202611-0002");
  f.now_ms = date_start_ms(20261201);
  assert_ok(add(&in, &out, NULL, &err), &err);
  assert_string_equal(out.no, "JG330127-202612-0001");
  f.now_ms = date_start_ms(20261124); /* the clock was put right */
  assert_ok(add(&in, &out, NULL, &err), &err);
  assert_string_equal(out.no, "JG330127-202611-0003");
}

static void numbers_go_on_past_four_digits(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  struct price_new in = a_price(11800);
  assert_ok(add(&in, &out, NULL, &err), &err);
  assert_ok(db_exec(f.db, "UPDATE price SET no = 'JG330127-202611-9999'", &err), &err);
  assert_ok(add(&in, &out, NULL, &err), &err);
  assert_string_equal(out.no, "JG330127-202611-10000");
  assert_ok(add(&in, &out, NULL, &err), &err);
  assert_string_equal(out.no, "JG330127-202611-10001");
}

static void each_wrong_price_is_refused_by_its_rule_and_leaves_nothing(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  const struct price_new good = a_price(11800);
  struct {
    struct price_new in;
    const char *rule;
  } cases[12];
  size_t n = 0;
#define CASE(field, value, rule_)                                                                            \
  do {                                                                                                       \
    cases[n].in = good;                                                                                      \
    cases[n].in.field = (value);                                                                             \
    cases[n++].rule = (rule_);                                                                               \
  } while (0)
  CASE(price_fen, 0, "range");
  CASE(price_fen, -11800, "range");
  CASE(price_fen, PRICE_FEN_MAX + 1, "range");
  CASE(product, 17, "unknown_product");
  CASE(supplier, 17, "unknown_supplier");
  CASE(source, "rumour", "one_of");
  CASE(source, NULL, "required");
  CASE(observed_date, 20261125, "future");
  CASE(observed_date, 20251019, "too_old");
  CASE(observed_date, 20261131, "date");
  CASE(qty_milli, -1, "range");
  CASE(replaces, 17, "unknown_price");
#undef CASE
  for (size_t i = 0; i < n; i++)
    assert_refused(add(&cases[i].in, &out, NULL, &err), &err, cases[i].rule);
  assert_int_equal(stored(), 0);
  struct price_new oldest = good;
  oldest.observed_date = 20251020; /* 400 days */
  oldest.price_fen = PRICE_FEN_MAX;
  assert_ok(add(&oldest, &out, NULL, &err), &err);
}

static void a_form_with_three_faults_hears_of_all_three(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct faults faults = {0};
  struct written out;
  struct price_new in = {.product = fish, .price_fen = 0, .observed_date = 20270101};
  assert_false(add(&in, &out, &faults, &err));
  assert_int_equal(faults.count, 3);
  faults_wipe(&faults);
}

static void a_price_far_from_the_median_needs_a_confirmation_and_a_note(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  set_median(11200);
  struct price_new in = a_price(56000); /* exactly five times */
  assert_ok(add(&in, &out, NULL, &err), &err);
  in.price_fen = 56001;
  assert_refused(add(&in, &out, NULL, &err), &err, "outlier");
  in.price_fen = 2240; /* exactly a fifth */
  assert_ok(add(&in, &out, NULL, &err), &err);
  in.price_fen = 2239;
  err_clear(&err);
  assert_false(add(&in, &out, NULL, &err));
  assert_int_equal(err.kind, ERR_CONFLICT);
  assert_string_equal(err.field, "price_fen");
  assert_non_null(strstr(err.text, "22.39 yuan against the province's median of 112.00"));
  in.confirm_outlier = true;
  assert_refused(add(&in, &out, NULL, &err), &err, "required");
  in.note = " \u3000\n";
  assert_refused(add(&in, &out, NULL, &err), &err, "required");
  in.note = "清仓价，附照片";
  assert_ok(add(&in, &out, NULL, &err), &err);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM price WHERE outlier /* scan: meant */"), 1);
}

struct seen {
  int count;
  int64_t ids[8];
  int64_t fen[8];
  char last[64];
};

static void see(void *ctx, const struct price_row *row)
{
  struct seen *seen = ctx;
  seen->ids[seen->count % 8] = row->id;
  seen->fen[seen->count++ % 8] = row->price_fen;
  snprintf(seen->last, sizeof seen->last, "%s %s %s%s", row->product_name, row->unit, row->source,
           row->is_void       ? " void"
           : row->replaced_by ? " replaced"
                              : "");
}

static struct seen list(struct price_filter filter)
{
  struct seen seen = {0};
  struct err err = ERR_INIT;
  int64_t total = -1;
  assert_ok(price_list(f.db, &filter, see, &seen, &total, &err), &err);
  if (!filter.page.limit) assert_int_equal(total, seen.count);
  return seen;
}

static void a_correction_takes_the_place_of_the_row_it_names(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written first, second, third;
  struct price_new in = a_price(118000);
  int64_t fen;
  int date;
  assert_ok(add(&in, &first, NULL, &err), &err);
  in.price_fen = 11800;
  in.replaces = first.id;
  assert_ok(add(&in, &second, NULL, &err), &err);
  assert_refused(add(&in, &third, NULL, &err), &err, "replaced");
  assert_int_equal(list((struct price_filter){.branch = CHUNAN}).count, 2);
  struct seen counted = list((struct price_filter){.branch = CHUNAN, .product = fish, .counted_only = true});
  assert_int_equal(counted.count, 1);
  assert_int_equal(counted.ids[0], second.id);
  assert_ok(price_latest(f.db, CHUNAN, fish, 20261124, &fen, &date, &err), &err);
  assert_int_equal(fen, 11800);
  in.product = product_named(&f, "舟山银鲳");
  in.replaces = second.id;
  assert_refused(add(&in, &third, NULL, &err), &err, "other_product");
}

/* What an entry is about becomes a line of its record, whatever text a branch signed. */
static void any_text_can_be_the_subject_of_an_entry(void **state)
{
  (void)state;
  struct tx tx = {.subject = ""};
  form_subject(&tx, "JG330110-1\n\xe2\x80\xae\xff");
  assert_string_equal(tx.subject, "JG330110-1???");
  form_subject(&tx, "said already");
  assert_string_equal(tx.subject, "JG330110-1???");
}

/* A row that a wrong clock or a forger dated: it is there, and the newest it is not. */
static void a_day_that_has_not_come_is_not_the_newest(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written honest, older, later;
  struct price_new in = a_price(11800);
  int64_t fen;
  int date;
  assert_ok(add(&in, &honest, NULL, &err), &err);
  in.observed_date = 20261101;
  assert_ok(add(&in, &older, NULL, &err), &err);
  assert_ok(add(&in, &later, NULL, &err), &err);
  char sql[100];
  snprintf(sql, sizeof sql, "UPDATE price SET observed_date = 29991231 WHERE id = %lld", (long long)later.id);
  assert_ok(db_exec(f.db, sql, &err), &err);
  for (int product = 0; product < 2; product++) {
    struct price_filter filter = {.branch = CHUNAN, .product = product ? fish : 0, .today = 20261124};
    struct seen all = list(filter);
    assert_int_equal(all.count, 3);
    assert_int_equal(all.ids[0], honest.id);
    assert_int_equal(all.ids[1], older.id);
    assert_int_equal(all.ids[2], later.id);
    /* Page by page, each once, over the border as well. */
    struct bookmark next = {.set = true};
    int64_t ids[] = {honest.id, older.id, later.id};
    filter.page = (struct page){.limit = 1, .next = &next};
    for (int i = 0; i < 3; i++) {
      struct seen one = list(filter);
      assert_int_equal(one.count, 1);
      assert_int_equal(one.ids[0], ids[i]);
      assert_int_equal(next.set, i < 2);
      filter.page.after = next;
    }
  }
  assert_ok(price_latest(f.db, CHUNAN, fish, 20261124, &fen, &date, &err), &err);
  assert_int_equal(date, 20261124);
  assert_ok(price_latest(f.db, CHUNAN, fish, 29991231, &fen, &date, &err), &err);
  assert_int_equal(date, 29991231);
}

static void a_price_taken_back_leaves_none_in_its_place(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written first, gone;
  struct price_new in = a_price(11800);
  int64_t fen;
  int date;
  assert_ok(add(&in, &first, NULL, &err), &err);
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_refused(price_void(&tx, first.id, "", &gone, &err), &err, "required");
  assert_refused(price_void(&tx, 9, "记错", &gone, &err), &err, "unknown_price");
  assert_ok(price_void(&tx, first.id, "记错了产品", &gone, &err), &err);
  assert_refused(price_void(&tx, first.id, "again", &gone, &err), &err, "replaced");
  assert_refused(price_void(&tx, gone.id, "again", &gone, &err), &err, "replaced");
  commit(&f);
  assert_ok(price_latest(f.db, CHUNAN, fish, 20261124, &fen, &date, &err), &err);
  assert_int_equal(fen, 0);
  assert_int_equal(list((struct price_filter){.counted_only = true}).count, 0);
  struct seen one = {0};
  assert_ok(price_get(f.db, CHUNAN, first.id, see, &one, &err), &err);
  assert_string_equal(one.last, "舟山带鱼 kg settled replaced");
  assert_refused(price_get(f.db, HUB, first.id, see, &one, &err), &err, "unknown_price");
}

static void lists_are_filtered_paged_and_newest_first(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  int64_t supplier = add_supplier(&f, "91330100716105852F", "供应商甲");
  for (int day = 1; day <= 5; day++) {
    struct price_new in = a_price(10000 + day);
    in.observed_date = 20261100 + day;
    if (day == 3) in.source = "market";
    if (day == 4) in.supplier = supplier;
    assert_ok(add(&in, &out, NULL, &err), &err);
  }
  assert_int_equal(list((struct price_filter){.product = fish}).fen[0], 10005);
  assert_int_equal(list((struct price_filter){.product = fish, .page = {.limit = 1}}).fen[0], 10005);
  assert_int_equal(
      list((struct price_filter){.branch = CHUNAN, .from_date = 20261102, .to_date = 20261104}).count, 3);
  assert_int_equal(list((struct price_filter){.branch = CHUNAN, .source = "market"}).fen[0], 10003);
  assert_int_equal(list((struct price_filter){.supplier = supplier}).fen[0], 10004);
  assert_int_equal(list((struct price_filter){.branch = 330102}).count, 0);
}

struct tally {
  int64_t ids[64];
  int count;
};

static void tally_price(void *ctx, const struct price_row *row)
{
  struct tally *tally = ctx;
  assert_in_range(tally->count, 0, 63);
  tally->ids[tally->count++] = row->id;
}

static void tally_evaluation(void *ctx, const struct evaluation_row *row)
{
  struct tally *tally = ctx;
  assert_in_range(tally->count, 0, 63);
  tally->ids[tally->count++] = row->id;
}

static int times(const struct tally *tally, int64_t id)
{
  int n = 0;
  for (int i = 0; i < tally->count; i++)
    n += tally->ids[i] == id;
  return n;
}

/* Every second row is of the same day and the same price: the id decides. */
static struct written another(int i)
{
  struct err err = ERR_INIT;
  struct written out;
  struct price_new in = a_price(10000 + i / 2);
  in.observed_date = 20261101 + i / 2;
  assert_ok(add(&in, &out, NULL, &err), &err);
  return out;
}

static void rows_that_come_while_one_pages_show_none_twice_and_hide_none(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  for (enum price_order order = PRICE_NEWEST; order <= PRICE_BY_NAME; order++)
    for (int64_t product = 0; product <= fish; product += fish) {
      struct written first[9];
      struct tally tally = {.count = 0};
      struct bookmark next = {.set = false};
      struct price_filter filter = {.branch = CHUNAN, .product = product, .order = order};
      for (int i = 0; i < 9; i++)
        first[i] = another(i + 1);
      do {
        filter.page = (struct page){.limit = 2, .after = next, .next = &next};
        assert_ok(price_list(f.db, &filter, tally_price, &tally, NULL, &err), &err);
        another(0), another(30); /* above and below in every order */
      } while (next.set && tally.count < 50);
      for (int i = 0; i < 9; i++)
        assert_int_equal(times(&tally, first[i].id), 1);
      for (int i = 0; i < tally.count; i++)
        assert_int_equal(times(&tally, tally.ids[i]), 1);
      assert_ok(db_exec(f.db, "DELETE FROM price /* scan: meant */", &err), &err);
    }
}

static void ratings_that_come_while_one_pages_show_none_twice_and_hide_none(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct evaluation_new in = {.product = fish, .quality = 5, .price = 4, .delivery = 3};
  for (int way = 0; way < 12; way++) {
    struct tally tally = {.count = 0};
    struct bookmark next = {.set = false};
    struct written first[7];
    struct evaluation_filter filter = {.branch = way % 3 == 1 ? CHUNAN : 0,
                                       .product = way % 3 == 2 ? fish : 0,
                                       .order = (enum evaluation_order)(way / 3)};
    for (int i = 0; i < 7; i++) {
      struct tx tx = begin_as(&f, CHUNAN, "canteen");
      assert_ok(evaluation_add(&tx, &in, &first[i], NULL, &err), &err);
      commit(&f);
    }
    do {
      struct written out;
      filter.page = (struct page){.limit = 2, .after = next, .next = &next};
      assert_ok(evaluation_list(f.db, &filter, tally_evaluation, &tally, NULL, &err), &err);
      struct tx tx = begin_as(&f, 330102, "canteen");
      assert_ok(evaluation_add(&tx, &in, &out, NULL, &err), &err);
      commit(&f);
    } while (next.set && tally.count < 50);
    for (int i = 0; i < 7; i++)
      assert_int_equal(times(&tally, first[i].id), 1);
    for (int i = 0; i < tally.count; i++)
      assert_int_equal(times(&tally, tally.ids[i]), 1);
    assert_ok(db_exec(f.db, "DELETE FROM evaluation /* scan: meant */", &err), &err);
  }
}

static int found(struct record_find find)
{
  return list((struct price_filter){.branch = CHUNAN, .records_only = true, .find = find}).count;
}

static void records_are_found_by_words_and_by_what_became_of_them(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written plain, wrong, right, taken, gone;
  struct price_new in = a_price(11800);
  char mine[40];
  int64_t supplier = in.supplier = add_supplier(&f, "91330100716105852F", "供应商甲");
  assert_ok(add(&in, &plain, NULL, &err), &err);
  in.supplier = 0;
  in.note = "雨天";
  assert_ok(add(&in, &wrong, NULL, &err), &err);
  assert_ok(add(&in, &taken, NULL, &err), &err);
  in.replaces = wrong.id;
  assert_ok(add(&in, &right, NULL, &err), &err);
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(price_void(&tx, taken.id, "记错了", &gone, &err), &err);
  commit(&f);
  (void)supplier;
  assert_int_equal(found((struct record_find){.text = "供应商甲"}), 1);
  assert_int_equal(found((struct record_find){.text = "雨天"}), 3);
  assert_int_equal(found((struct record_find){.text = "带鱼"}), 4);
  assert_int_equal(found((struct record_find){.text = "officer"}), 4);
  assert_int_equal(found((struct record_find){.text = plain.no}), 1);
  assert_int_equal(found((struct record_find){.text = "没有"}), 0);
  snprintf(mine, sizeof mine, "[7,%lld]", (long long)fish);
  assert_int_equal(found((struct record_find){.text = "dai yu", .products = mine}), 4);
  assert_int_equal(found((struct record_find){.state = RECORD_REPLACED}), 1);
  assert_int_equal(found((struct record_find){.state = RECORD_VOID}), 1);
  assert_int_equal(found((struct record_find){.state = RECORD_REFUSED}), 0);
  assert_int_equal(found((struct record_find){.state = RECORD_WAITING, .acked = id_seq(wrong.id)}), 2);
  assert_int_equal(found((struct record_find){.state = RECORD_RECEIVED, .acked = id_seq(wrong.id)}), 2);
}

static void nobody_changes_the_rating_of_another_without_the_right(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written theirs, own, out;
  struct evaluation_new in = {.product = fish, .quality = 5, .price = 4, .delivery = 4};
  struct tx tx = begin_as(&f, CHUNAN, "keeper");
  assert_ok(evaluation_add(&tx, &in, &theirs, NULL, &err), &err);
  commit(&f);
  tx = begin_as(&f, CHUNAN, "clerk");
  tx.role = "staff";
  assert_ok(evaluation_add(&tx, &in, &own, NULL, &err), &err);
  in.replaces = theirs.id;
  assert_refused(evaluation_add(&tx, &in, &out, NULL, &err), &err, "not_yours");
  assert_refused(evaluation_void(&tx, theirs.id, "not mine", &out, &err), &err, "not_yours");
  in.replaces = own.id;
  assert_ok(evaluation_add(&tx, &in, &out, NULL, &err), &err); /* their own they correct */
  assert_ok(evaluation_void(&tx, out.id, "mistaken", &out, &err), &err);
  commit(&f);
  tx = begin_as(&f, CHUNAN, "other");
  tx.role = "officer";
  assert_ok(evaluation_void(&tx, theirs.id, "wrong county", &out, &err), &err);
  commit(&f);
}

static void an_evaluation_is_numbered_corrected_and_taken_back(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written first, second;
  struct evaluation_new in = {.product = fish, .quality = 5, .price = 4, .delivery = 4, .remark = "个体匀"};
  struct tx tx = begin_as(&f, CHUNAN, "canteen");
  assert_ok(evaluation_add(&tx, &in, &first, NULL, &err), &err);
  assert_string_equal(first.no, "PJ330127-202611-0001");
  assert_string_equal(tx.subject, "舟山带鱼");
  in.replaces = first.id;
  in.quality = 3;
  assert_ok(evaluation_add(&tx, &in, &second, NULL, &err), &err);
  assert_refused(evaluation_void(&tx, first.id, "twice", &first, &err), &err, "replaced");
  assert_ok(evaluation_void(&tx, second.id, "记错", &first, &err), &err);
  commit(&f);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM counted_evaluation /* scan: meant */"), 0);
  struct faults faults = {0};
  struct evaluation_new bad = {
      .product = 3, .supplier = 4, .quality = 0, .price = 6, .delivery = 5, .replaces = 5};
  tx = begin_as(&f, CHUNAN, "canteen");
  assert_false(evaluation_add(&tx, &bad, &first, &faults, &err));
  assert_int_equal(faults.count, 5);
  back(&f);
  faults_wipe(&faults);
}

struct judged {
  int count;
  char text[200];
};

static void see_evaluation(void *ctx, const struct evaluation_row *row)
{
  struct judged *judged = ctx;
  judged->count++;
  snprintf(judged->text, sizeof judged->text, "%s %s %s %s %d%d%d %d %d", row->branch_name, row->product_name,
           row->supplier_name, row->remark, row->quality, row->price, row->delivery, row->is_void,
           row->replaced_by != 0);
}

static struct judged judged_by(struct evaluation_filter filter)
{
  struct judged judged = {0};
  struct err err = ERR_INIT;
  int64_t total = -1;
  assert_ok(evaluation_list(f.db, &filter, see_evaluation, &judged, &total, &err), &err);
  if (!filter.page.limit) assert_int_equal(total, judged.count);
  return judged;
}

static void evaluations_are_listed_by_product_branch_and_supplier(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  int64_t supplier = add_supplier(&f, "91330100716105852F", "供应商甲");
  struct evaluation_new in = {.product = fish, .quality = 5, .price = 4, .delivery = 3, .remark = "好"};
  for (int i = 0; i < 3; i++) {
    struct tx tx = begin_as(&f, i == 1 ? 330102 : CHUNAN, "canteen");
    in.supplier = i == 2 ? supplier : 0;
    assert_ok(evaluation_add(&tx, &in, &out, NULL, &err), &err);
    commit(&f);
  }
  struct tx tx = begin_as(&f, CHUNAN, "canteen");
  assert_ok(evaluation_void(&tx, out.id, "记错", &out, &err), &err);
  commit(&f);
  assert_int_equal(judged_by((struct evaluation_filter){0}).count, 4);
  assert_int_equal(judged_by((struct evaluation_filter){.product = fish, .counted_only = true}).count, 2);
  assert_int_equal(judged_by((struct evaluation_filter){.product = fish, .branch = 330102}).count, 1);
  assert_int_equal(judged_by((struct evaluation_filter){.branch = CHUNAN, .supplier = supplier}).count, 2);
  assert_int_equal(judged_by((struct evaluation_filter){.product = 1}).count, 0);
  assert_string_equal(judged_by((struct evaluation_filter){.branch = CHUNAN, .page = {.limit = 1}}).text,
                      "淳安县 舟山带鱼 供应商甲 记错 543 1 0");
  struct bookmark second;
  judged_by((struct evaluation_filter){.product = fish, .page = {.limit = 1, .next = &second}});
  assert_true(second.set);
  assert_string_equal(
      judged_by((struct evaluation_filter){.product = fish, .page = {.limit = 1, .after = second}}).text,
      "淳安县 舟山带鱼 供应商甲 好 543 0 1");
}

static void a_sheet_is_checked_row_by_row_before_anything_is_written(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct faults faults = {0};
  struct price_new good = a_price(11800), bad = a_price(-1);
  bad.observed_date = 20270101;
  const struct price_against nothing = {0};
  struct check second = {.faults = &faults, .row = 2, .err = &err},
               third = {.faults = &faults, .row = 3, .err = &err};
  assert_ok(price_check(f.db, CHUNAN, 20261124, &good, &nothing, &second, &err), &err);
  assert_false(price_check(f.db, CHUNAN, 20261124, &bad, &nothing, &third, &err));
  assert_int_equal(faults.count, 2);
  assert_int_equal(faults.list[0].row, 3);
  assert_int_equal(stored(), 0);
  faults_wipe(&faults);
}

static void half_months_follow_each_other_over_new_year(void **state)
{
  (void)state;
  assert_int_equal(period_of_date(20261115), 20261101);
  assert_int_equal(period_of_date(20261116), 20261116);
  assert_int_equal(period_next(20261101), 20261116);
  assert_int_equal(period_next(20261216), 20270101);
  assert_int_equal(period_next(20260116), 20260201);
  int period = 20240101;
  for (int i = 1; i < 100; i++) {
    period = period_next(period);
    assert_int_equal(period_before(period, i), 20240101);
  }
}

struct series {
  int count;
  struct price_period last;
  int64_t own, median;
};

static void see_period(void *ctx, const struct price_period *row)
{
  struct series *series = ctx;
  if (series->count++) assert_int_equal(row->period, period_next(series->last.period));
  series->last = *row;
  series->own += row->own_fen;
  series->median += row->median_fen;
}

static void a_series_has_every_half_month_and_leaves_gaps_empty(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  struct series series = {0};
  static const int dates[] = {20260910, 20260920, 20260921, 20261124};
  for (int i = 0; i < 4; i++) {
    struct price_new in = a_price(1000 + i);
    in.observed_date = dates[i];
    assert_ok(add(&in, &out, NULL, &err), &err);
  }
  char sql[200];
  snprintf(sql, sizeof sql, "INSERT INTO price_stat VALUES(%lld, 20261116, 1100, 1000, 1200, 6, 9)",
           (long long)fish);
  assert_ok(db_exec(f.db, sql, &err), &err);
  assert_ok(price_periods(f.db, CHUNAN, fish, 20251201, 20261124, see_period, &series, &err), &err);
  assert_int_equal(series.count, 24);
  assert_int_equal(series.own, 1000 + 1002 + 1003);
  assert_int_equal(series.last.own_fen, 1003);
  assert_int_equal(series.last.median_fen, 1100);
  assert_int_equal(series.last.branches, 6);
  series = (struct series){0};
  assert_ok(price_periods(f.db, CHUNAN, 1, 20260101, 20260101, see_period, &series, &err), &err);
  assert_int_equal(series.count, 1);
}

static void the_catalogue_shows_the_branch_its_own_newest_price(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  struct catalogue *catalogue = NULL;
  struct price_new in = a_price(11800);
  assert_ok(add(&in, &out, NULL, &err), &err);
  assert_ok(catalogue_open(&catalogue, f.db, CHUNAN, 20261124, &err), &err);
  assert_int_equal(catalogue_get(catalogue, fish)->own_price_fen, 11800);
  assert_int_equal(catalogue_get(catalogue, fish)->own_price_date, 20261124);
  catalogue_close(catalogue);
  assert_ok(catalogue_open(&catalogue, f.db, 330102, 20261124, &err), &err);
  assert_int_equal(catalogue_get(catalogue, fish)->own_price_fen, 0);
  catalogue_close(catalogue);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_price_gets_the_number_of_its_branch_and_month),
      TEST(numbers_go_on_past_four_digits),
      TEST(each_wrong_price_is_refused_by_its_rule_and_leaves_nothing),
      TEST(a_form_with_three_faults_hears_of_all_three),
      TEST(a_price_far_from_the_median_needs_a_confirmation_and_a_note),
      TEST(a_correction_takes_the_place_of_the_row_it_names),
      TEST(any_text_can_be_the_subject_of_an_entry),
      TEST(a_day_that_has_not_come_is_not_the_newest),
      TEST(a_price_taken_back_leaves_none_in_its_place),
      TEST(lists_are_filtered_paged_and_newest_first),
      TEST(rows_that_come_while_one_pages_show_none_twice_and_hide_none),
      TEST(ratings_that_come_while_one_pages_show_none_twice_and_hide_none),
      TEST(records_are_found_by_words_and_by_what_became_of_them),
      TEST(nobody_changes_the_rating_of_another_without_the_right),
      TEST(an_evaluation_is_numbered_corrected_and_taken_back),
      TEST(evaluations_are_listed_by_product_branch_and_supplier),
      TEST(a_sheet_is_checked_row_by_row_before_anything_is_written),
      TEST(half_months_follow_each_other_over_new_year),
      TEST(a_series_has_every_half_month_and_leaves_gaps_empty),
      TEST(the_catalogue_shows_the_branch_its_own_newest_price),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
