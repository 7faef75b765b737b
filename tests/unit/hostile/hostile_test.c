/* One branch's key is in bad hands: nothing it signs stops the province, or anybody else. */
#include "hostile.h"

#include "core/base/clock.h"
#include "hub/board.h"

#include "core/base/clock.h"

#include <stdio.h>
#include <string.h>

static struct hostile h;

#define INT(v)                                                                                               \
  {                                                                                                          \
    1, v, NULL, 0                                                                                            \
  }
#define REAL(v)                                                                                              \
  {                                                                                                          \
    2, v, NULL, 0                                                                                            \
  }
#define TXT(v)                                                                                               \
  {                                                                                                          \
    3, 0, v, sizeof(v) - 1                                                                                   \
  }
#define BYTES(v)                                                                                             \
  {                                                                                                          \
    4, 0, v, sizeof(v) - 1                                                                                   \
  }
#define NIL                                                                                                  \
  {                                                                                                          \
    5, 0, NULL, 0                                                                                            \
  }

#define LONG40 "1234567890123456789012345678901234567890"
#define LONG400 LONG40 LONG40 LONG40 LONG40 LONG40 LONG40 LONG40 LONG40 LONG40 LONG40
#define LONG2000 LONG400 LONG400 LONG400 LONG400 LONG400

static const struct nasty {
  int table;
  const char *column;
  struct forged cell;
  const char *reason;
} nasty[] = {
    {T_PRICE, "no", TXT("JG330127-1\n"), "character"},
    {T_PRICE, "no", TXT("JG330127\xe2\x80\xae-1"), "character"},
    {T_PRICE, "no", TXT(""), "required"},
    {T_PRICE, "no", TXT(LONG40 "1"), "length"},
    {T_PRICE, "price_fen", TXT("700"), "type"},
    {T_PRICE, "price_fen", REAL(0x4085e00000000000), "type"},
    {T_PRICE, "price_fen", NIL, "required"},
    {T_PRICE, "price_fen", INT(0), "range"},
    {T_PRICE, "price_fen", INT(INT64_MIN), "range"},
    {T_PRICE, "price_fen", INT(INT64_MAX), "range"},
    {T_PRICE, "observed_date", INT(20261399), "date"},
    {T_PRICE, "observed_date", INT(20260230), "date"},
    {T_PRICE, "observed_date", INT(INT64_MAX), "date"},
    {T_PRICE, "observed_date", TXT("20261124"), "type"},
    {T_PRICE, "product", INT(99999), "unknown_row"},
    {T_PRICE, "product", INT(INT64_MIN), "unknown_row"},
    {T_PRICE, "supplier", INT(99999), "unknown_row"},
    {T_PRICE, "replaces", INT(INT64_MAX), "unknown_row"},
    {T_PRICE, "replaces", INT(-1), "unknown_row"},
    {T_PRICE, "replaces", INT(7), "unknown_row"},
    {T_PRICE, "at_ms", INT(INT64_MAX), "range"},
    {T_PRICE, "at_ms", INT(-1), "range"},
    {T_PRICE, "source", TXT("gift\n"), "one_of"},
    {T_PRICE, "unit", TXT("\xe2\x80\x8b"), "invisible_character"},
    {T_PRICE, "unit", BYTES("kg"), "type"},
    {T_PRICE, "note", TXT("a\x01z"), "control_character"},
    {T_PRICE, "note", TXT("a\xef\xbf\xbez"), "control_character"},
    {T_PRICE, "note", TXT("\xe2\x81\xa6txt"), "direction_character"},
    {T_PRICE, "note", TXT(LONG400 "1"), "length"},
    {T_PRICE, "void", INT(1), "constraint"},
    {T_PRICE, "actor",
     TXT("\xe2\x80\xae"
         "nimda"),
     "direction_character"},
    {T_PRICE, "actor", TXT(""), "required"},
    {T_PRICE, "branch", INT(HONEST), "scope"},
    {T_PRICE, "id", INT(1), "row_id"},
    {T_EVALUATION, "quality", INT(6), "range"},
    {T_EVALUATION, "remark", TXT("\xc2\x85"), "control_character"},
    {T_CONFIRMATION, "product", INT(0), "unknown_row"},
    {T_PROPOSAL, "patch", TXT("not json"), "json"},
    {T_PROPOSAL, "patch", TXT("[1]"), "json"},
    {T_PROPOSAL, "patch", TXT("{\"a\":1,\"a\":2}"), "json"},
    {T_PROPOSAL, "patch", TXT("{\"name_zh\":\"\\u0000\"}"), "json"},
    {T_PROPOSAL, "patch", TXT("{\"name_zh\":\"\\u202e\"}"), "direction_character"},
    {T_PROPOSAL, "patch", TXT("{\"na\\nme\":1}"), "control_character"},
    {T_PROPOSAL, "patch", TXT("{\"a\":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}"), "json_depth"},
    {T_PROPOSAL, "patch",
     TXT("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,"
         "\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1,\"q\":1,\"r\":1,\"s\":1,\"t\":1,\"u\":1}"),
     "count"},
    {T_PROPOSAL, "base", TXT("\"\""), "json"},
    {T_PROPOSAL, "target", INT(99999), "unknown_row"},
    {T_PROPOSAL, "target_kind", TXT("channel"), "one_of"},
    {T_PROPOSAL, "reason", TXT(LONG2000), "length"},
    {T_SECURITY, "count", INT(INT64_MAX), "range"},
    {T_SECURITY, "kind", TXT("a\nb"), "control_character"},
    {T_SECURITY, "peer", TXT("\xef\xbb\xbf"), "invisible_character"},
    {T_SECURITY, "at_ms", INT(INT64_MIN), "range"},
    {T_SAID, "kind", TXT("question"), "one_of"},
    {T_SAID, "text", TXT(""), "required"},
    {T_AGAIN, "record_hash", BYTES("short"), "length"},
    {T_REQUEST, "seq", INT(1), "scope"}, /* a record of another branch */
    {T_REQUEST, "author", INT(EVIL), "scope"},
    {T_ANSWER, "verdict", TXT("withheld"), "scope"},
};
enum { NASTY = sizeof nasty / sizeof *nasty };

static void send_nasty(struct buf *payload, const struct nasty *n, struct apply_result *result)
{
  buf_clear(payload);
  hostile_row(&h, payload, n->table, EVIL, hostile_column(n->table, n->column), &n->cell);
  *result = hostile_send(&h, EVIL, payload, NULL);
}

static void what_the_readers_could_not_bear_is_put_aside_with_its_reason(void **state)
{
  (void)state;
  struct buf payload = BUF_INIT;
  struct apply_result r;
  hostile_open(&h, true);
  for (size_t i = 0; i < NASTY; i++) {
    send_nasty(&payload, &nasty[i], &r);
    if (r.outcome != OUTCOME_TAKEN || strcmp(r.reason, nasty[i].reason) != 0)
      fail_msg("%zu: %s.%s: %s, not %s: %s", i, hostile_table(nasty[i].table), nasty[i].column, r.reason,
               nasty[i].reason, r.detail);
    assert_int_equal(r.quarantined, 1);
    assert_null(strstr(r.detail, "INSERT"));
    assert_null(strstr(r.detail, "SQLite"));
  }
  buf_wipe(&payload);
  hostile_chores(&h);
  /* Each was told to its branch, and can be decided on at the province. */
  assert_int_equal(hostile_int(&h, "SELECT sum(detail ->> '$.count') FROM refusal WHERE branch = 330127"),
                   NASTY);
  assert_int_equal(hostile_int(&h, "SELECT count(*) FROM sync_quarantine WHERE state = 'refused'"), NASTY);
  hostile_honest_gets_through(&h);
  hostile_look(&h, 5);
  hostile_verifies(&h);
  hostile_close(&h);
}

/* The same and worse, taken by a program from before there were rules: it stays readable, and is folded the
 * same. */
static void what_was_taken_before_there_were_rules_is_borne(void **state)
{
  (void)state;
  struct buf payload = BUF_INIT;
  struct apply_result r;
  uint32_t taken = 0;
  hostile_open(&h, false);
  for (size_t i = 0; i < NASTY; i++) {
    send_nasty(&payload, &nasty[i], &r);
    assert_int_equal(r.outcome, OUTCOME_TAKEN);
    taken += r.quarantined == 0;
  }
  assert_true(taken > NASTY / 2);
  static const struct nasty later[] = {
      {T_PRICE, "observed_date", INT(29991231), ""}, {T_EVALUATION, "at_ms", INT(INT64_MAX), ""},
      {T_EVALUATION, "at_ms", INT(INT64_MIN), ""},   {T_SECURITY, "at_ms", INT(INT64_MAX), ""},
      {T_SECURITY, "count", INT(INT64_MAX), ""},     {T_PROPOSAL, "at_ms", INT(INT64_MIN), ""},
      {T_CONFIRMATION, "at_ms", INT(INT64_MIN), ""}};
  for (size_t i = 0; i < sizeof later / sizeof *later; i++)
    send_nasty(&payload, &later[i], &r);
  buf_wipe(&payload);
  hostile_seal(&h);
  hostile_chores(&h);
  hostile_honest_gets_through(&h);
  hostile_look(&h, 60);
  hostile_saw_every_route();
  /* None of them is the newest, anywhere. */
  struct reply reply = rig_get(&h.rig, &h.people[0], "/api/v1/prices?limit=1");
  assert_int_not_equal(at_int(&reply, "items.0.branch"), EVIL);
  reply_wipe(&reply);
  /* No branch asks for a record to be withheld, or stands for one of the two persons. */
  reply = rig_get(&h.rig, &h.people[2], "/api/v1/withhold-requests?state=all");
  assert_int_equal(at_int(&reply, "total"), 0);
  reply_wipe(&reply);
  reply = rig_get(&h.rig, &h.people[0], "/api/v1/compare/77");
  char today[11];
  date_format(today, date_of_ms(clock_wall_ms()));
  for (size_t i = 0; i < json_array_size(at(&reply, "counties")); i++)
    assert_true(strcmp(json_string_value(json_object_get(json_array_get(at(&reply, "counties"), i), "date")),
                       today) <= 0);
  reply_wipe(&reply);
  hostile_verifies(&h);
  hostile_close(&h);
}

/* Changesets that only a forger writes. */
static void forged_changesets_are_put_aside(void **state)
{
  (void)state;
  struct buf payload = BUF_INIT, twice = BUF_INIT;
  struct apply_result r;
  hostile_open(&h, true);
  static const struct {
    uint8_t first, second;
    const char *reason;
  } flags[] = {{2, 1, "columns"}, {1, 1, "columns"}, {1, 0, "columns"}};
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
    buf_clear(&payload);
    hostile_row(&h, &payload, T_PRICE, EVIL, -1, NULL);
    payload.data[2] = flags[i].first;
    payload.data[3] = flags[i].second;
    r = hostile_send(&h, EVIL, &payload, NULL);
    assert_string_equal(r.reason, flags[i].reason);
  }
  hostile_row(&h, &twice, T_CONFIRMATION, EVIL, -1, NULL);
  hostile_row(&h, &twice, T_CONFIRMATION, EVIL, -1, NULL);
  r = hostile_send(&h, EVIL, &twice, NULL);
  assert_int_equal(r.quarantined, 1);
  assert_string_equal(r.reason, "changeset");
  /* A table's name of 64 bytes that ends in the middle of a character when it is cut. */
  char name[80] = "a";
  for (int i = 0; i < 21; i++)
    strcat(name, "茶");
  buf_clear(&payload);
  put_u8(&payload, 'T');
  put_u8(&payload, 1);
  put_u8(&payload, 1);
  put_bytes(&payload, name, strlen(name) + 1);
  put_u8(&payload, 18);
  put_u8(&payload, 0);
  put_u8(&payload, 1);
  put_u64(&payload, 5);
  r = hostile_send(&h, EVIL, &payload, NULL);
  assert_string_equal(r.reason, "unknown_table");
  buf_clear(&payload);
  r = hostile_send(&h, EVIL, &payload, NULL);
  assert_string_equal(r.reason, "changeset");
  hostile_chores(&h);
  hostile_honest_gets_through(&h);
  hostile_look(&h, 6);
  hostile_verifies(&h);
  buf_wipe(&payload);
  buf_wipe(&twice);
  hostile_close(&h);
}

/* What the record itself says: who, what, about what, when. */
static void records_may_say_anything(void **state)
{
  (void)state;
  static const struct labels labels[] = {
      {.actor = "\xe2\x80\xaeresu", .action = "price.add", .subject = "\xef\xbf\xbf"},
      {.actor = "", .action = "", .subject = ""},
      {.actor = "province", .action = "entry.handle", .subject = "1"},
      {.actor = "=HYPERLINK(\"x\")", .action = "<script>", .subject = "\"'%s%n\\"},
      {.actor = LONG40 LONG40 LONG40, .action = LONG40 LONG40 LONG40, .subject = LONG40 LONG40 LONG40},
      {.actor = "a", .action = "b", .subject = "c", .hlc = UINT64_MAX - 3},
  };
  struct buf payload = BUF_INIT;
  struct apply_result r;
  hostile_open(&h, true);
  const struct forged bad = INT(0);
  hostile_row(&h, &payload, T_PRICE, EVIL, hostile_column(T_PRICE, "price_fen"), &bad);
  r = hostile_send(&h, EVIL, &payload, NULL);
  assert_int_equal(r.quarantined, 1);
  for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
    buf_clear(&payload);
    hostile_row(&h, &payload, T_PRICE, EVIL, -1, NULL);
    r = hostile_send(&h, EVIL, &payload, &labels[i]);
    assert_int_equal(r.taken, 1);
    assert_int_equal(r.quarantined, 0);
  }
  /* The clock falls: no author packs that, and no batch brings it. */
  const struct labels fallen = {.actor = "a", .action = "b", .subject = "c", .hlc = 1};
  buf_clear(&payload);
  hostile_row(&h, &payload, T_PRICE, EVIL, -1, NULL);
  r = hostile_send(&h, EVIL, &payload, &fallen);
  assert_int_equal(r.outcome, OUTCOME_REFUSED);
  assert_string_equal(r.reason, "clock");
  /* Nor does it stand still. */
  struct labels still = labels[sizeof labels / sizeof *labels - 1];
  r = hostile_send(&h, EVIL, &payload, &still);
  assert_int_equal(r.outcome, OUTCOME_REFUSED);
  assert_string_equal(r.reason, "clock");
  hostile_chores(&h);
  /* Only the province deals with what is in its quarantine. */
  struct reply reply = rig_get(&h.rig, &h.people[1], "/api/v1/audit/quarantine");
  assert_int_equal(reply.status, 200);
  assert_true(json_is_null(at(&reply, "items.0.handled")));
  reply_wipe(&reply);
  hostile_honest_gets_through(&h);
  hostile_look(&h, 6);
  hostile_verifies(&h);
  buf_wipe(&payload);
  hostile_close(&h);
}

/* What waited for a newer program and is refused by it is told too, though others were refused meanwhile. */
static void what_waited_and_is_refused_is_told(void **state)
{
  (void)state;
  struct buf payload = BUF_INIT;
  struct err err = ERR_INIT;
  const struct forged bad = INT(0);
  const struct labels newer = {.actor = "a", .action = "b", .subject = "c", .newer = 1};
  hostile_open(&h, true);
  hostile_row(&h, &payload, T_PRICE, EVIL, hostile_column(T_PRICE, "price_fen"), &bad);
  assert_int_equal(hostile_send(&h, EVIL, &payload, &newer).parked, 1);
  buf_wipe(&payload);
  hostile_honest_gets_through(&h);
  assert_int_equal(hostile_int(&h, "SELECT count(*) FROM refusal WHERE branch = 330127"), 0);
  /* The upgrade: the same store opened by a program that knows that schema. */
  struct store *store = h.hub.app.store;
  struct store_config config = {.author = store_author(store), .province = store_province(store), .epoch = 1};
  uint8_t hash[SCHEMA_HASH_SIZE];
  char path[DATA_PATH_MAX];
  store_schema(store, &config.schema, hash);
  config.schema++;
  config.path = data_dir_path(&h.hub.app.dir, "store.db", path);
  config.now_ms = clock_wall_ms();
  memcpy(config.secret, h.hub.app.identity.secret, sizeof config.secret);
  store_close(store);
  assert_true(store_open(&h.hub.app.store, &config, &err));
  hostile_chores(&h);
  assert_int_equal(hostile_int(&h, "SELECT count(*) FROM refusal WHERE branch = 330127"), 1);
  hostile_close(&h);
}

static void send_price(uint32_t author, const char *column, int64_t value)
{
  struct buf payload = BUF_INIT;
  const struct forged cell = INT(value);
  hostile_row(&h, &payload, T_PRICE, author, hostile_column(T_PRICE, column), &cell);
  struct apply_result r = hostile_send(&h, author, &payload, NULL);
  if (r.taken != 1) fail_msg("%s %lld: %s", column, (long long)value, r.reason);
  buf_wipe(&payload);
}

/* What the price rule does with a price, and what the trail says that it did. */
static void the_price_rule_acts_and_the_trail_says_how(void **state)
{
  (void)state;
  hostile_open(&h, true);
  send_price(EVIL, "price_fen", 38500);
  hostile_chores(&h);
  assert_int_equal(hostile_int(&h, "SELECT count(*) FROM refusal WHERE rule = 'price_outlier'"), 1);
  assert_int_equal(hostile_int(&h, "SELECT count(*) FROM audit WHERE action = 'price.refuse'"), 1);
  assert_int_equal(hostile_int(&h, "SELECT count(*) FROM audit WHERE action = 'price.doubt'"), 0);
  send_price(EVIL, "outlier", 1);
  hostile_chores(&h);
  assert_int_equal(hostile_int(&h, "SELECT count(*) FROM price_doubt"), 1);
  assert_int_equal(hostile_int(&h, "SELECT count(*) FROM audit WHERE action = 'price.refuse'"), 1);
  assert_int_equal(hostile_int(&h, "SELECT count(*) FROM audit WHERE action = 'price.doubt'"), 1);
  hostile_verifies(&h);
  hostile_close(&h);
}

/* Whatever it is that the rows of one branch cannot get through, the others' are acted on. */
static void a_branch_that_cannot_be_acted_on_stands_in_nobodys_way(void **state)
{
  (void)state;
  hostile_open(&h, true);
  hostile_sql(&h, "CREATE TRIGGER obstacle BEFORE INSERT ON refusal WHEN NEW.branch = 330127"
                  " BEGIN SELECT RAISE(ABORT, 'an obstacle'); END");
  send_price(EVIL, "price_fen", 38500);
  send_price(BESIDE, "price_fen", 38500);
  hostile_chores(&h);
  assert_int_equal(hostile_int(&h, "SELECT count(*) FROM refusal WHERE branch = 330127"), 0);
  assert_int_equal(hostile_int(&h, "SELECT count(*) FROM refusal WHERE branch = 330182"), 1);
  assert_true(hostile_int(&h, "SELECT count(*) FROM product_score") > 0); /* and what comes behind is done */
  hostile_sql(&h, "DROP TRIGGER obstacle");
  send_price(HONEST, "price_fen", 3850); /* the next evaluation */
  hostile_chores(&h);
  assert_int_equal(hostile_int(&h, "SELECT count(*) FROM refusal WHERE branch = 330127"), 1);
  hostile_verifies(&h);
  hostile_close(&h);
}

/* The same of confirmations: they are published together, and the scores behind them all the same. */
static void confirmations_that_cannot_be_published_stand_before_no_score(void **state)
{
  (void)state;
  struct buf payload = BUF_INIT;
  hostile_open(&h, true);
  hostile_sql(&h, "CREATE TRIGGER obstacle BEFORE UPDATE ON product"
                  " BEGIN SELECT RAISE(ABORT, 'an obstacle'); END");
  hostile_row(&h, &payload, T_CONFIRMATION, EVIL, -1, NULL);
  assert_int_equal(hostile_send(&h, EVIL, &payload, NULL).quarantined, 0);
  buf_wipe(&payload);
  hostile_chores(&h);
  assert_int_equal(hostile_int(&h, "SELECT confirmed FROM product WHERE id = 77"), 0);
  assert_true(hostile_int(&h, "SELECT count(*) FROM product_score") > 0);
  hostile_close(&h);
}

/* A refusal that cannot be told, and one whose words a former program cut inside a character. */
static void a_refusal_that_cannot_be_told_stands_before_no_other(void **state)
{
  (void)state;
  hostile_open(&h, true);
  hostile_sql(&h, "CREATE TRIGGER obstacle BEFORE INSERT ON refusal WHEN NEW.rule = 'date'"
                  " BEGIN SELECT RAISE(ABORT, 'an obstacle'); END");
  send_price(EVIL, "observed_date", 20261399);
  send_price(EVIL, "price_fen", 0);
  hostile_sql(&h, "UPDATE sync_quarantine SET table_name = CAST(x'7072e88c' AS TEXT) WHERE reason = 'range'");
  hostile_chores(&h);
  assert_int_equal(hostile_int(&h, "SELECT count(*) FROM refusal WHERE branch = 330127 AND rule = 'date'"),
                   0);
  assert_int_equal(hostile_int(&h, "SELECT count(*) FROM refusal WHERE branch = 330127 AND rule = 'range'"),
                   1);
  hostile_honest_gets_through(&h);
  hostile_close(&h);
}

static bool write_sql(struct tx *tx, void *ctx, struct err *err)
{
  return db_exec(tx->db, ctx, err);
}

/* The same rules at the author's own door: nothing is signed that another would have to put aside. */
static void an_author_signs_nothing_that_breaks_a_rule(void **state)
{
  (void)state;
  static const struct {
    const char *sql, *field, *rule;
  } cases[] = {
      {"UPDATE product SET name_zh = '鱼' || char(8238) WHERE id = 77", "name_zh", "direction_character"},
      {"UPDATE product SET aliases = '大' || char(10) || '头' WHERE id = 77", "aliases", "control_character"},
      {"UPDATE supplier SET licence_until_date = 20260230 WHERE id = 88", "licence_until_date", "date"},
      {"INSERT INTO season VALUES(79, 5, 'open', 101, 1231)", "product", "unknown_row"},
      {"UPDATE catalogue SET at_ms = -1", "at_ms", "range"},
  };
  hostile_open(&h, true);
  int64_t entries = hostile_int(&h, "SELECT count(*) FROM sync_entry");
  const struct act act = {.actor = "curator", .role = "curator", .action = "a", .now_ms = clock_wall_ms()};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct err err = ERR_INIT;
    char sql[200];
    snprintf(sql, sizeof sql, "%s", cases[i].sql);
    assert_false(store_commit(h.hub.app.store, &act, write_sql, sql, NULL, &err));
    assert_int_equal(err.kind, ERR_INPUT);
    assert_string_equal(err.field, cases[i].field);
    assert_string_equal(err.rule, cases[i].rule);
  }
  assert_int_equal(hostile_int(&h, "SELECT count(*) FROM sync_entry"), entries);
  hostile_close(&h);
}

/* A table to come declares its columns, too. */
static int64_t newest_seq(uint32_t author)
{
  char sql[100];
  snprintf(sql, sizeof sql, "SELECT max(seq) FROM audit WHERE author = %u AND lane = 0", author);
  return hostile_int(&h, sql);
}

static struct apply_result send_with(int table, uint32_t author, int column, const struct forged *cell)
{
  struct buf payload = BUF_INIT;
  hostile_row(&h, &payload, table, author, column, cell);
  struct apply_result result = hostile_send(&h, author, &payload, NULL);
  buf_wipe(&payload);
  hostile_chores(&h);
  return result;
}

/* Its rows are in no table: those that have the keys it names are another branch's, and stay. */
static void what_was_refused_is_withheld_alone(void **state)
{
  (void)state;
  const struct forged of_honest = {.kind = 1, .n = HONEST};
  struct forged first = {.kind = 1};
  char path[100], body[60];
  hostile_open(&h, true);
  send_with(T_PRICE, HONEST, -1, NULL);
  first.n = hostile_int(&h, "SELECT max(id) FROM price WHERE branch = 330122");
  send_with(T_PRICE, HONEST, hostile_column(T_PRICE, "replaces"), &first);
  const int64_t prices = hostile_int(&h, "SELECT count(*) FROM price");
  while (newest_seq(EVIL) + 1 < newest_seq(HONEST))
    send_with(T_CONFIRMATION, EVIL, -1, NULL);
  assert_int_equal(send_with(T_PRICE, EVIL, hostile_column(T_PRICE, "branch"), &of_honest).quarantined, 1);
  snprintf(path, sizeof path, "/api/v1/audit/%lld/withholding",
           (long long)hostile_int(&h, "SELECT max(pos) FROM audit WHERE author = 330127"));
  struct reply r = rig_post(&h.rig, &h.people[0], path, "{\"rule\":\"court\",\"reason\":\"判决\"}");
  assert_int_equal(json_array_size(at(&r, "with")), 0);
  snprintf(body, sizeof body, "{\"request\":%lld,\"with\":[]}", (long long)at_int(&r, "requests.0.id"));
  reply_wipe(&r);
  strncat(path, "/carry-out", sizeof path - strlen(path) - 1);
  r = rig_post(&h.rig, &h.people[2], path, body);
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  reply_wipe(&r);
  assert_int_equal(hostile_int(&h, "SELECT count(*) FROM price"), prices);
  assert_int_equal(hostile_int(&h, "SELECT count(*) FROM withholding WHERE author = 330122 OR no <> ''"), 0);
  hostile_close(&h);
}

/* A greeting comes again, a loss comes once. */
static void a_line_lost_while_nothing_can_be_written_is_noted_afterwards(void **state)
{
  (void)state;
  static const char connected[] = "SELECT connected FROM branch_contact WHERE branch = 330122";
  const struct hello hello = {.branch = HONEST, .epoch = 1, .program = "1.0.0"};
  struct err err = ERR_INIT;
  hostile_open(&h, true);
  board_heard(h.hub.board, &hello, clock_wall_ms());
  assert_true(board_flush(h.hub.board, &h.hub.app, &err));
  assert_int_equal(hostile_int(&h, connected), 1);
  hostile_sql(&h,
              "CREATE TRIGGER full BEFORE UPDATE ON branch_contact BEGIN SELECT RAISE(ABORT, 'full'); END");
  board_lost(h.hub.board, HONEST);
  assert_false(board_flush(h.hub.board, &h.hub.app, &err));
  hostile_sql(&h, "DROP TRIGGER full");
  err_clear(&err);
  assert_true(board_flush(h.hub.board, &h.hub.app, &err));
  assert_int_equal(hostile_int(&h, connected), 0);
  hostile_close(&h);
}

static void every_column_of_a_replicated_table_has_a_rule(void **state)
{
  (void)state;
  hostile_open(&h, false);
  assert_true(hostile_int(&h, "SELECT count(*) FROM column_rule") > 150);
  assert_int_equal(
      hostile_int(&h,
                  "SELECT count(*) FROM table_scope s, pragma_table_info(s.name) c WHERE NOT EXISTS(SELECT 1"
                  " FROM column_rule r WHERE r.table_name = s.name AND r.column_name = c.name)"),
      0);
  hostile_close(&h);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_the_readers_could_not_bear_is_put_aside_with_its_reason),
      cmocka_unit_test(what_was_taken_before_there_were_rules_is_borne),
      cmocka_unit_test(forged_changesets_are_put_aside),
      cmocka_unit_test(records_may_say_anything),
      cmocka_unit_test(the_price_rule_acts_and_the_trail_says_how),
      cmocka_unit_test(a_branch_that_cannot_be_acted_on_stands_in_nobodys_way),
      cmocka_unit_test(confirmations_that_cannot_be_published_stand_before_no_score),
      cmocka_unit_test(a_refusal_that_cannot_be_told_stands_before_no_other),
      cmocka_unit_test(what_waited_and_is_refused_is_told),
      cmocka_unit_test(an_author_signs_nothing_that_breaks_a_rule),
      cmocka_unit_test(what_was_refused_is_withheld_alone),
      cmocka_unit_test(a_line_lost_while_nothing_can_be_written_is_noted_afterwards),
      cmocka_unit_test(every_column_of_a_replicated_table_has_a_rule),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
