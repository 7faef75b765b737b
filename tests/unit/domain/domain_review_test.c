#include "fixture.h"

#include "core/domain/catalogue.h"
#include "core/domain/proposal.h"
#include "core/domain/proposal_talk.h"
#include "core/domain/review.h"

static struct fixture f;
static int64_t persimmon;

static int setup(void **state)
{
  (void)state;
  fixture_open(&f);
  load_seed(&f);
  persimmon = product_named(&f, "淳安无核柿");
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

static json_t *object(const char *text)
{
  json_t *value = json_parse(text, strlen(text), NULL);
  assert_non_null(value);
  return value;
}

static bool propose(const char *kind, const char *target_kind, int64_t target, int64_t rev, const char *patch,
                    struct written *out, struct faults *faults, struct err *err)
{
  json_t *fields = patch ? object(patch) : NULL;
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  bool ok = proposal_add(&tx,
                         &(struct proposal_new){.kind = kind,
                                                .target_kind = target_kind,
                                                .target = target,
                                                .base_rev = rev,
                                                .patch = fields,
                                                .reason = "三批到货都带预冷单"},
                         out, faults, err);
  json_decref(fields);
  if (ok)
    commit(&f);
  else
    back(&f);
  return ok;
}

static bool decide(int64_t proposal, int64_t rev, const char *fields, const char *reason, struct err *err)
{
  json_t *words = object(fields);
  struct tx tx = begin_as(&f, HUB, "curator");
  const struct verdict in = {CHUNAN, proposal, words, NULL, rev, said_of(&f, proposal), reason};
  bool ok = review_decide(&tx, &in, NULL, NULL, err);
  json_decref(words);
  if (ok)
    commit(&f);
  else
    back(&f);
  return ok;
}

static int64_t change(const char *text)
{
  struct err err = ERR_INIT;
  int64_t rev = 0;
  json_t *item = NULL, *fields = object(text);
  assert_ok(item_values(f.db, ITEM_PRODUCT, persimmon, &item, &rev, &err), &err);
  struct tx tx = begin_as(&f, HUB, "curator");
  assert_ok(item_change(&tx, ITEM_PRODUCT, persimmon, rev, fields, &rev, NULL, &err), &err);
  commit(&f);
  json_decref(item);
  json_decref(fields);
  return rev;
}

#define THREE                                                                                                \
  "{\"storage\":\"chilled\",\"storage_note_zh\":\"单层摆放\","                                           \
  "\"seasons\":[{\"kind\":\"open\",\"start_md\":1001,\"end_md\":1231}]}"

struct seen {
  char text[1200];
  char verdict[16];
  char no[NUMBER_SIZE];
  char name[100];
  int64_t created;
};

static void see(void *ctx, const struct proposal_row *row)
{
  struct seen *seen = ctx;
  snprintf(seen->text, sizeof seen->text, "%s", row->base);
  snprintf(seen->verdict, sizeof seen->verdict, "%s", row->verdict);
  snprintf(seen->no, sizeof seen->no, "%s", row->no);
  snprintf(seen->name, sizeof seen->name, "%s", row->target_name);
  seen->created = row->created;
}

static void a_proposal_keeps_what_the_branch_saw(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  struct seen seen;
  assert_ok(propose("correction", NULL, persimmon, 1, THREE, &out, NULL, &err), &err);
  assert_string_equal(out.no, "TY330127-202611-0001");
  assert_ok(proposal_get(f.db, CHUNAN, out.id, see, &seen, &err), &err);
  assert_non_null(strstr(seen.text, "\"storage\":\"ambient\""));
  assert_non_null(strstr(seen.text, "\"start_md\":1001,\"end_md\":1130"));
  assert_string_equal(seen.name, "淳安无核柿");
  assert_string_equal(seen.verdict, "");
}

static void what_cannot_be_proposed_is_refused_by_field(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  static const struct {
    const char *kind, *target_kind, *patch, *rule;
  } cases[] = {
      {"correction", NULL, "{\"status\":\"delisted\"}", "province_only"},
      {"correction", NULL, "{\"confirmed\":true}", "province_only"},
      {"correction", NULL, "{\"storage\":\"ambient\"}", "unchanged"},
      {"correction", NULL, "{\"storage\":\"hot\"}", "one_of"},
      {"correction", NULL, "{}", "required"},
      {"correction", NULL, NULL, "required"},
      {"correction", "channel", "{\"way\":\"direct\"}", "one_of"},
      {"correction", NULL, "{\"seasons\":[{\"kind\":\"open\",\"start_md\":1001,\"end_md\":1130}]}",
       "unchanged"},
      {"whim", NULL, "{}", "one_of"},
      {"new_product", NULL, "{\"name_zh\":\"威坪辣椒酱\"}", "required"},
      {"new_product", "supplier", "{}", "one_of"},
      {"new_supplier", NULL, "{\"uscc\":\"91330100716105852A\",\"name\":\"甲\",\"division\":330127}",
       "check_digit"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_refused(
        propose(cases[i].kind, cases[i].target_kind, persimmon, 1, cases[i].patch, &out, NULL, &err), &err,
        cases[i].rule);
  assert_refused(propose("correction", NULL, persimmon, 2, THREE, &out, NULL, &err), &err, "stale");
  assert_refused(propose("correction", NULL, 5, 1, THREE, &out, NULL, &err), &err, "unknown_product");
  assert_int_equal(number_of(&f, "SELECT count(*) FROM proposal /* scan: meant */"), 0);
}

static void what_is_accepted_by_field_becomes_one_revision_with_its_decision(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  struct seen seen;
  assert_ok(propose("correction", NULL, persimmon, 1, THREE, &out, NULL, &err), &err);
  assert_ok(decide(out.id, 1,
                   "{\"storage\":\"accepted\",\"storage_note_zh\":\"accepted\",\"seasons\":\"rejected\"}",
                   "晚采果 12 月不是主要上市期", &err),
            &err);
  assert_ok(proposal_get(f.db, CHUNAN, out.id, see, &seen, &err), &err);
  assert_string_equal(seen.verdict, "partly");
  json_t *item = NULL;
  int64_t rev = 0;
  assert_ok(item_values(f.db, ITEM_PRODUCT, persimmon, &item, &rev, &err), &err);
  assert_int_equal(rev, 2);
  assert_string_equal(json_string_value(json_object_get(item, "storage")), "chilled");
  json_t *window = json_array_get(json_object_get(item, "seasons"), 0);
  assert_int_equal(json_integer_value(json_object_get(window, "end_md")), 1130);
  json_decref(item);
  assert_refused(
      decide(out.id, 2,
             "{\"storage\":\"rejected\",\"storage_note_zh\":\"rejected\",\"seasons\":\"rejected\"}", "again",
             &err),
      &err, "decided");
}

static void a_decision_speaks_of_every_field_and_of_no_other(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  assert_ok(propose("correction", NULL, persimmon, 1, THREE, &out, NULL, &err), &err);
  assert_refused(decide(out.id, 1, "{\"storage\":\"accepted\"}", "r", &err), &err, "required");
  assert_refused(decide(out.id, 1,
                        "{\"storage\":\"maybe\",\"storage_note_zh\":\"accepted\",\"seasons\":\"accepted\"}",
                        "", &err),
                 &err, "one_of");
  assert_refused(decide(out.id, 1,
                        "{\"storage\":\"accepted\",\"storage_note_zh\":\"accepted\",\"seasons\":\"accepted\","
                        "\"unit\":\"accepted\"}",
                        "", &err),
                 &err, "unknown_field");
  assert_refused(
      decide(out.id, 1,
             "{\"storage\":\"rejected\",\"storage_note_zh\":\"accepted\",\"seasons\":\"accepted\"}", "",
             &err),
      &err, "required");
  assert_refused(decide(99, 1, "{}", "", &err), &err, "unknown_proposal");
  assert_refused(decide(out.id, 1, "[]", "", &err), &err, "type");
  assert_int_equal(number_of(&f, "SELECT count(*) FROM decision /* scan: meant */"), 0);
}

struct sides {
  int fields, stale, same;
  bool any_stale;
  int64_t now_rev;
  char changed[80];
};

static void see_head(void *ctx, const struct review *review)
{
  struct sides *sides = ctx;
  sides->any_stale = review->stale;
  sides->now_rev = review->now_rev;
}

static void see_field(void *ctx, const struct review_field *field)
{
  struct sides *sides = ctx;
  sides->fields++;
  sides->stale += field->stale;
  sides->same += field->same;
  if (field->changed_rev)
    snprintf(sides->changed, sizeof sides->changed, "%s %lld %s", field->field, (long long)field->changed_rev,
             field->changed_by);
}

static void a_stale_base_is_shown_with_who_changed_it_and_never_overwritten(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  struct sides sides = {0};
  assert_ok(propose("correction", NULL, persimmon, 1, THREE, &out, NULL, &err), &err);
  change("{\"seasons\":[{\"kind\":\"open\",\"start_md\":901,\"end_md\":1130}]}");
  assert_ok(review_get(f.db, CHUNAN, out.id, see_head, see_field, &sides, &err), &err);
  assert_int_equal(sides.fields, 3);
  assert_int_equal(sides.stale, 1);
  assert_true(sides.any_stale);
  assert_int_equal(sides.now_rev, 2);
  assert_string_equal(sides.changed, "seasons 2 curator");
  static const char all[] =
      "{\"storage\":\"accepted\",\"storage_note_zh\":\"accepted\",\"seasons\":\"accepted\"}";
  assert_refused(decide(out.id, 1, all, "", &err), &err, "stale");
  assert_refused(
      decide(out.id, 1,
             "{\"storage\":\"rejected\",\"storage_note_zh\":\"rejected\",\"seasons\":\"rejected\"}", "unseen",
             &err),
      &err, "stale");
  assert_ok(decide(out.id, 2, all, "", &err), &err);
}

static void a_change_that_was_made_meanwhile_is_the_same_not_stale(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  struct sides sides = {0};
  assert_ok(propose("correction", NULL, persimmon, 1, THREE, &out, NULL, &err), &err);
  int64_t rev = change("{\"storage\":\"chilled\"}");
  assert_ok(review_get(f.db, CHUNAN, out.id, see_head, see_field, &sides, &err), &err);
  assert_int_equal(sides.stale, 0);
  assert_int_equal(sides.same, 1);
  assert_false(sides.any_stale);
  assert_ok(decide(out.id, rev,
                   "{\"storage\":\"rejected\",\"storage_note_zh\":\"rejected\",\"seasons\":\"rejected\"}",
                   "已改", &err),
            &err);
  json_t *item = NULL;
  assert_ok(item_values(f.db, ITEM_PRODUCT, persimmon, &item, &rev, &err), &err);
  assert_int_equal(rev, 2);
  json_decref(item);
}

static void a_new_product_that_is_accepted_is_confirmed_and_named_in_the_decision(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  struct seen seen;
  assert_ok(
      propose("new_product", NULL, 0, 0,
              "{\"name_zh\":\"威坪辣椒酱\",\"group\":\"processed\",\"origin_code\":330127,\"unit\":\"jar\","
              "\"storage\":\"ambient\",\"seasons\":[{\"kind\":\"open\",\"start_md\":101,\"end_md\":1231}]}",
              &out, NULL, &err),
      &err);
  assert_ok(decide(out.id, 0,
                   "{\"name_zh\":\"accepted\",\"group\":\"accepted\",\"origin_code\":\"accepted\",\"unit\":"
                   "\"accepted\","
                   "\"storage\":\"accepted\",\"seasons\":\"accepted\"}",
                   NULL, &err),
            &err);
  assert_ok(proposal_get(f.db, CHUNAN, out.id, see, &seen, &err), &err);
  assert_string_equal(seen.verdict, "accepted");
  assert_int_equal(seen.created, product_named(&f, "威坪辣椒酱"));
  assert_int_equal(number_of(&f, "SELECT confirmed_by FROM product WHERE name_zh = '威坪辣椒酱'"), HUB);
  assert_refused(
      propose("new_product", NULL, 0, 0,
              "{\"name_zh\":\"威坪辣椒酱\",\"group\":\"processed\",\"origin_code\":330127,\"unit\":\"jar\","
              "\"storage\":\"ambient\",\"seasons\":[{\"kind\":\"open\",\"start_md\":101,\"end_md\":1231}]}",
              &out, NULL, &err),
      &err, "exists");
}

static void a_delisting_takes_its_reason_into_the_catalogue(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  assert_ok(propose("delisting", NULL, persimmon, 1, NULL, &out, NULL, &err), &err);
  assert_ok(decide(out.id, 1, "{\"status\":\"accepted\"}", NULL, &err), &err);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM product WHERE status = 'delisted' AND status_reason ="
                                 " '三批到货都带预冷单' /* scan: meant */"),
                   1);
  struct catalogue *catalogue = NULL;
  assert_ok(catalogue_open(&catalogue, f.db, CHUNAN, 20261124, &err), &err);
  assert_null(catalogue_get(catalogue, persimmon));
  catalogue_close(catalogue);
  assert_refused(propose("delisting", NULL, persimmon, 2, NULL, &out, NULL, &err), &err, "unchanged");
}

static void a_row_a_branch_forged_is_refused_when_it_is_decided(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  assert_ok(propose("correction", NULL, persimmon, 1, THREE, &out, NULL, &err), &err);
  assert_ok(db_exec(f.db, "UPDATE proposal SET patch = '{\"confirmed\":true}'", &err), &err);
  assert_refused(decide(out.id, 1, "{\"confirmed\":\"accepted\"}", "", &err), &err, "province_only");
  assert_ok(db_exec(f.db, "UPDATE proposal SET patch = '{\"origin_code\":1}'", &err), &err);
  assert_refused(decide(out.id, 1, "{\"origin_code\":\"accepted\"}", "", &err), &err, "unknown_division");
  assert_ok(db_exec(f.db, "UPDATE proposal SET patch = '{\"a\":'", &err), &err);
  assert_refused(decide(out.id, 1, "{\"a\":\"accepted\"}", "", &err), &err, "json");
  assert_refused(decide(out.id, 1, "{}", "", &err), &err, "required");
  assert_ok(db_exec(f.db, "UPDATE proposal SET kind = 'delisting', patch = '{\"status\":\"active\"}'", &err),
            &err);
  assert_refused(decide(out.id, 1, "{\"status\":\"accepted\"}", "", &err), &err, "json");
  assert_int_equal(number_of(&f, "SELECT count(*) FROM revision /* scan: meant */"), 0);
}

static void count_rows(void *ctx, const struct proposal_row *row)
{
  (void)row;
  ++*(int *)ctx;
}

static void note_review(void *ctx, const struct review *review)
{
  *(struct review *)ctx = *review;
}

static void pass_field(void *ctx, const struct review_field *field)
{
  (void)ctx;
  (void)field;
}

/* Whatever its branch signed: it stands in the queue, can be looked at, and can be turned down. */
static void what_cannot_be_read_stands_in_the_queue_and_can_be_turned_down(void **state)
{
  (void)state;
  static const char *const forged[] = {
      "patch = 'not json'",
      "patch = 'not json', target = 0, kind = 'new_product'",
      "patch = '[1]'",
      "patch = '{\"a\":1}'",
      "patch = '{}'",
      "base = '7'",
      "patch = '{\"name_zh\":1,\"name_zh\":2}'",
      "patch = '{\"name_zh\":\"\\u0000\"}'",
      "target = 77777",
      "target_kind = 'supplier'",
      "kind = 'new_supplier'",
      "kind = 'delisting'",
      "at_ms = -9223372036854775808",
      "at_ms = 9223372036854775807",
  };
  for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
    struct err err = ERR_INIT;
    struct written out, honest;
    struct review review = {0};
    int64_t total = 0;
    char sql[200];
    assert_ok(propose("correction", NULL, persimmon, 1, THREE, &out, NULL, &err), &err);
    snprintf(sql, sizeof sql, "UPDATE proposal SET %s WHERE id = %lld", forged[i], (long long)out.id);
    assert_ok(db_exec(f.db, sql, &err), &err);
    assert_ok(propose("correction", NULL, persimmon, 1, "{\"unit\":\"box\"}", &honest, NULL, &err), &err);
    struct proposal_filter open = {.state = PROPOSAL_OPEN};
    int rows = 0;
    assert_ok(proposal_list(f.db, &open, count_rows, &rows, &total, &err), &err);
    assert_int_equal(rows, 2);
    assert_int_equal(total, 2);
    assert_ok(review_get(f.db, CHUNAN, out.id, note_review, pass_field, &review, &err), &err);
    bool readable = strncmp(forged[i], "at_ms", 5) == 0;
    assert_int_equal(review.readable, readable);
    const char *no = "{\"storage\":\"rejected\",\"storage_note_zh\":\"rejected\",\"seasons\":\"rejected\"}";
    assert_ok(decide(out.id, readable, readable ? no : "{}", "看不懂", &err), &err);
    assert_ok(decide(honest.id, 1, "{\"unit\":\"rejected\"}", "不改", &err), &err);
    struct proposal_filter decided = {.state = PROPOSAL_DECIDED};
    rows = 0;
    assert_ok(proposal_list(f.db, &decided, count_rows, &rows, &total, &err), &err);
    assert_int_equal(rows, 2 * (i + 1));
    assert_int_equal(total, 2 * (i + 1));
  }
}

static void the_queue_is_oldest_first_and_a_branch_sees_its_newest_first(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written a, b;
  struct seen seen;
  int64_t total;
  assert_ok(propose("correction", NULL, persimmon, 1, "{\"unit\":\"box\"}", &a, NULL, &err), &err);
  assert_ok(propose("correction", NULL, persimmon, 1, THREE, &b, NULL, &err), &err);
  struct bookmark second;
  struct proposal_filter queue = {.state = PROPOSAL_OPEN, .page = {.limit = 1, .next = &second}};
  assert_ok(proposal_list(f.db, &queue, see, &seen, &total, &err), &err);
  assert_string_equal(seen.no, a.no);
  queue.page.after = second;
  assert_ok(proposal_list(f.db, &queue, see, &seen, &total, &err), &err);
  assert_false(second.set);
  assert_int_equal(total, 2);
  assert_string_equal(seen.no, b.no);
  struct proposal_filter own = {.branch = CHUNAN, .page = {.limit = 1, .next = &second}};
  assert_ok(proposal_list(f.db, &own, see, &seen, &total, &err), &err);
  assert_string_equal(seen.no, b.no);
  own.page.after = second;
  assert_ok(proposal_list(f.db, &own, see, &seen, &total, &err), &err);
  assert_string_equal(seen.no, a.no);
  for (uint32_t branch = 0; branch <= CHUNAN; branch += CHUNAN) { /* the other way round, if one asks */
    const char *const no[] = {NULL, branch ? "" : b.no, a.no};
    for (int order = branch ? PROPOSALS_OLDEST : PROPOSALS_NEWEST; order <= PROPOSALS_OLDEST; order++) {
      struct proposal_filter asked = {.branch = branch,
                                      .state = PROPOSAL_OPEN,
                                      .order = (enum proposal_order)order,
                                      .page = {.limit = 1, .next = &second}};
      assert_ok(proposal_list(f.db, &asked, see, &seen, &total, &err), &err);
      assert_string_equal(seen.no, no[order]);
      asked.page.after = second;
      assert_ok(proposal_list(f.db, &asked, see, &seen, &total, &err), &err);
      assert_string_equal(seen.no, order == PROPOSALS_OLDEST ? b.no : a.no);
      assert_false(second.set);
    }
  }
  struct proposal_filter later = {.branch = CHUNAN, .from_ms = f.now_ms};
  assert_ok(proposal_list(f.db, &later, see, &seen, &total, &err), &err);
  assert_int_equal(total, 1);
  assert_string_equal(seen.no, b.no);
  struct proposal_filter before = {.branch = CHUNAN, .to_ms = f.now_ms};
  assert_ok(proposal_list(f.db, &before, see, &seen, &total, &err), &err);
  assert_int_equal(total, 1);
  assert_string_equal(seen.no, a.no);
  assert_ok(decide(a.id, 1, "{\"unit\":\"accepted\"}", NULL, &err), &err);
  assert_ok(proposal_list(f.db, &(struct proposal_filter){.state = PROPOSAL_OPEN}, see, &seen, &total, &err),
            &err);
  assert_int_equal(total, 1);
  assert_ok(
      proposal_list(f.db, &(struct proposal_filter){.state = PROPOSAL_DECIDED}, see, &seen, &total, &err),
      &err);
  assert_int_equal(total, 1);
  assert_string_equal(seen.verdict, "accepted");
}

static bool say(uint32_t as, int64_t proposal, const char *kind, const char *text, struct err *err)
{
  struct tx tx = begin_as(&f, as, "p1");
  bool ok = *kind == 'q'   ? proposal_ask(&tx, CHUNAN, proposal, text, err)
            : *kind == 'a' ? proposal_answer(&tx, proposal, question_of(&f, proposal), text, err)
                           : proposal_withdraw(&tx, proposal, text, err);
  if (ok)
    commit(&f);
  else
    back(&f);
  return ok;
}

static int64_t in_state(enum proposal_state state)
{
  struct err err = ERR_INIT;
  struct seen seen;
  int64_t total = 0;
  assert_ok(proposal_list(f.db, &(struct proposal_filter){.state = state}, see, &seen, &total, &err), &err);
  return total;
}
static int64_t in_queue(void)
{
  return in_state(PROPOSAL_OPEN);
}

static void hear(void *ctx, const struct proposal_said *said)
{
  char *line = ctx;
  size_t n = strlen(line);
  snprintf(line + n, 200 - n, "%s:%s;", said->kind, said->text);
}

static void a_question_sends_the_proposal_to_its_branch_and_the_answer_back(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  char line[200] = "";
  assert_ok(propose("correction", NULL, persimmon, 1, THREE, &out, NULL, &err), &err);
  assert_refused(say(CHUNAN, out.id, "a", "没有人问", &err), &err, "nothing_asked");
  assert_refused(say(HUB, out.id, "q", "", &err), &err, "required");
  assert_ok(say(HUB, out.id, "q", "几月的批次？", &err), &err);
  assert_int_equal(in_queue(), 0);
  assert_int_equal(in_state(PROPOSAL_ASKED), 1);
  assert_int_equal(in_state(PROPOSAL_DECIDED), 0);
  assert_refused(say(HUB, out.id, "q", "再问一句", &err), &err, "asked_already");
  assert_ok(say(CHUNAN, out.id, "a", "十月和十一月", &err), &err);
  assert_int_equal(in_queue(), 1);
  assert_ok(proposal_talk(f.db, CHUNAN, out.id, hear, line, &err), &err);
  assert_string_equal(line, "question:几月的批次？;answer:十月和十一月;");
  assert_ok(decide(out.id, 1,
                   "{\"storage\":\"accepted\",\"storage_note_zh\":\"accepted\",\"seasons\":"
                   "\"accepted\"}",
                   "", &err),
            &err);
  assert_refused(say(HUB, out.id, "q", "晚了", &err), &err, "decided");
  assert_refused(say(CHUNAN, out.id, "w", "晚了", &err), &err, "decided");
}

static void a_withdrawn_proposal_leaves_the_queue_and_is_not_decided(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  assert_ok(propose("correction", NULL, persimmon, 1, THREE, &out, NULL, &err), &err);
  assert_ok(say(CHUNAN, out.id, "w", "写错了产品", &err), &err);
  assert_int_equal(in_queue(), 0);
  assert_int_equal(in_state(PROPOSAL_DECIDED), 1); /* nothing waits for anybody */
  assert_int_equal(in_state(PROPOSAL_REPLIED), 0);
  assert_refused(decide(out.id, 1,
                        "{\"storage\":\"accepted\",\"storage_note_zh\":\"accepted\",\"seasons\":"
                        "\"accepted\"}",
                        "", &err),
                 &err, "withdrawn");
  assert_refused(say(CHUNAN, out.id, "w", "再来一次", &err), &err, "withdrawn");
}

/* It cannot be brought back, so it is whoever made it that ends it, or who keeps the branch's ledger. */
static void nobody_withdraws_the_proposal_of_another_without_the_right(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  assert_ok(propose("correction", NULL, persimmon, 1, THREE, &out, NULL, &err), &err);
  struct tx tx = begin_as(&f, CHUNAN, "clerk");
  tx.role = "staff";
  assert_refused(proposal_withdraw(&tx, out.id, "不是我的", &err), &err, "not_yours");
  back(&f);
  assert_int_equal(in_queue(), 1);
  tx = begin_as(&f, CHUNAN, "officer");
  tx.role = "staff";
  assert_ok(proposal_withdraw(&tx, out.id, "写错了产品", &err), &err);
  commit(&f);
  assert_ok(propose("correction", NULL, persimmon, 1, THREE, &out, NULL, &err), &err);
  tx = begin_as(&f, CHUNAN, "keeper");
  tx.role = "officer";
  assert_ok(proposal_withdraw(&tx, out.id, "他已离职", &err), &err);
  commit(&f);
  assert_int_equal(in_queue(), 0);
}

static void see_mend(void *ctx, const struct proposal_mend *mend)
{
  snprintf(ctx, 200, "%s %s %s", mend->field, mend->before, mend->after);
}

static void a_value_that_was_mended_is_taken_and_both_are_kept(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  char line[200] = "";
  json_t *item = NULL;
  int64_t rev = 0;
  assert_ok(propose("correction", NULL, persimmon, 1, THREE, &out, NULL, &err), &err);
  json_t *fields =
      object("{\"storage\":\"accepted\",\"storage_note_zh\":\"accepted\",\"seasons\":\"rejected\"}");
  json_t *rejected = object("{\"seasons\":[]}"), *mends = object("{\"storage_note_zh\":\"单层放\"}");
  struct verdict in = {.branch = CHUNAN,
                       .proposal = out.id,
                       .fields = fields,
                       .mends = rejected,
                       .rev = 1,
                       .reason = "两年的价"};
  struct tx tx = begin_as(&f, HUB, "curator");
  assert_refused(review_decide(&tx, &in, NULL, NULL, &err), &err, "unknown_field");
  in.mends = mends;
  assert_ok(review_decide(&tx, &in, NULL, NULL, &err), &err);
  commit(&f);
  assert_ok(item_values(f.db, ITEM_PRODUCT, persimmon, &item, &rev, &err), &err);
  assert_string_equal(json_string_value(json_object_get(item, "storage_note_zh")), "单层放");
  assert_ok(proposal_mends(f.db, CHUNAN, out.id, see_mend, line, &err), &err);
  assert_string_equal(line, "storage_note_zh \"单层摆放\" \"单层放\"");
  json_decref(item);
  json_decref(fields);
  json_decref(rejected);
  json_decref(mends);
}

/* Choices, months, places and yes or no as well, by the rules of the form they came from. */
static void any_field_can_be_mended_and_a_bad_value_is_refused_by_name(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  struct faults faults = {0};
  json_t *item = NULL;
  struct seen seen;
  static const char patch[] = "{\"name_zh\":\"威坪辣椒酱\",\"group\":\"processed\",\"origin_code\":330127,"
                              "\"unit\":\"bottle\",\"storage\":\"ambient\",\"geo_indication\":false,"
                              "\"seasons\":[{\"kind\":\"open\",\"start_md\":101,\"end_md\":1231}]}";
  assert_ok(propose("new_product", NULL, 0, 0, patch, &out, NULL, &err), &err);
  json_t *fields = object("{\"name_zh\":\"accepted\",\"group\":\"accepted\",\"origin_code\":\"accepted\","
                          "\"unit\":\"accepted\",\"storage\":\"accepted\",\"geo_indication\":\"accepted\","
                          "\"seasons\":\"accepted\"}");
  json_t *bad =
      object("{\"storage\":\"hot\",\"origin_code\":999999,\"geo_indication\":\"yes\",\"seasons\":[]}");
  json_t *good = object("{\"storage\":\"chilled\",\"origin_code\":330182,\"geo_indication\":true,\"unit\":"
                        "\"jar\",\"seasons\":[{\"kind\":\"open\",\"start_md\":1101,\"end_md\":228}]}");
  struct verdict in = {.branch = CHUNAN, .proposal = out.id, .fields = fields, .mends = bad};
  struct tx tx = begin_as(&f, HUB, "curator");
  assert_false(review_decide(&tx, &in, NULL, &faults, &err));
  assert_int_equal(faults.total, 4);
  for (size_t i = 0; i < faults.count; i++)
    assert_non_null(json_object_get(bad, faults.list[i].err.field));
  err_clear(&err);
  in.mends = good;
  assert_ok(review_decide(&tx, &in, NULL, NULL, &err), &err);
  commit(&f);
  assert_ok(proposal_get(f.db, CHUNAN, out.id, see, &seen, &err), &err);
  assert_ok(item_values(f.db, ITEM_PRODUCT, seen.created, &item, NULL, &err), &err);
  const char *key;
  json_t *value;
  json_object_foreach(good, key, value) assert_true(json_equal(value, json_object_get(item, key)));
  assert_int_equal(number_of(&f, "SELECT count(*) FROM decision_mend /* scan: meant */"), 5);
  faults_wipe(&faults);
  json_decref(item);
  json_decref(fields);
  json_decref(bad);
  json_decref(good);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_proposal_keeps_what_the_branch_saw),
      TEST(what_cannot_be_proposed_is_refused_by_field),
      TEST(what_is_accepted_by_field_becomes_one_revision_with_its_decision),
      TEST(a_decision_speaks_of_every_field_and_of_no_other),
      TEST(a_stale_base_is_shown_with_who_changed_it_and_never_overwritten),
      TEST(a_change_that_was_made_meanwhile_is_the_same_not_stale),
      TEST(a_new_product_that_is_accepted_is_confirmed_and_named_in_the_decision),
      TEST(a_delisting_takes_its_reason_into_the_catalogue),
      TEST(a_row_a_branch_forged_is_refused_when_it_is_decided),
      TEST(what_cannot_be_read_stands_in_the_queue_and_can_be_turned_down),
      TEST(a_question_sends_the_proposal_to_its_branch_and_the_answer_back),
      TEST(a_withdrawn_proposal_leaves_the_queue_and_is_not_decided),
      TEST(nobody_withdraws_the_proposal_of_another_without_the_right),
      TEST(a_value_that_was_mended_is_taken_and_both_are_kept),
      TEST(any_field_can_be_mended_and_a_bad_value_is_refused_by_name),
      TEST(the_queue_is_oldest_first_and_a_branch_sees_its_newest_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
