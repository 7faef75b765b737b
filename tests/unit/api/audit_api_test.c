/* What a bank's auditor asks of the province: over the real web and the real store, with the signed entries
 * of two branches. */
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/audit_reads.h"
#include "hub/audit_tally.h"
#include "hub/hub.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/price.h"
#include "sync/consistency.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rig rig;
static struct hub hub;
static struct app branch, other;
static struct visitor curator, auditor;
static int64_t fish;

static bool price_work(struct tx *tx, void *ctx, struct err *err)
{
  struct price_new in = {
      .product = fish, .price_fen = 11800, .source = "settled", .observed_date = date_of_ms(clock_wall_ms())};
  struct written row;
  (void)ctx;
  return price_add(tx, &in, &row, NULL, err);
}

/* A price, at a moment of the branch's own clock. */
static void branch_records(struct app *who, int64_t at_ms)
{
  struct err err = ERR_INIT;
  struct act act = {.actor = "officer", .role = "officer", .action = ACTION_PRICE_ADD, .now_ms = at_ms};
  if (!store_commit(who->store, &act, price_work, NULL, NULL, &err)) fail_msg("%s", err.text);
}

static void index_follows(void)
{
  struct err err = ERR_INIT;
  struct db *db;
  bool more = true;
  assert_true(readers_take(hub.app.readers, &db, &err));
  while (more)
    assert_true(audit_index_follow(&hub.app, db, 7, &more, &err)); /* few at a time: sums go on */
  readers_give(hub.app.readers, db);
}

static int open_rig(void **state)
{
  (void)state;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_site(&branch, APP_NODE, COUNTY, NULL);
  rig_site(&other, APP_NODE, OTHER_COUNTY, NULL);
  rig_seed(&hub.app);
  rig_carry(&hub.app, &branch);
  rig_carry(&hub.app, &other);
  fish = rig_product(&branch, "舟山三疣梭子蟹");
  for (int i = 0; i < 4; i++)
    branch_records(&branch, clock_wall_ms());
  branch_records(&other, clock_wall_ms());
  rig_carry(&hub.app, &branch);
  rig_carry(&hub.app, &other);
  rig_account(&hub.app, "curator", "curator", "curator-password");
  rig_account(&hub.app, "auditor", "auditor", "auditor-password");
  struct err err = ERR_INIT;
  assert_true(audit_reads_open(&hub.reads, &err));
  rig_open(&rig, &hub.app, hub_routes, hub_route_count);
  curator = rig_login(&rig, "curator", "curator-password");
  auditor = rig_login(&rig, "auditor", "auditor-password");
  answered(rig_get(&rig, &auditor, "/api/v1/audit/branches"), 200); /* the first look has its entry */
  index_follows();
  return 0;
}

static int close_rig(void **state)
{
  (void)state;
  rig_close(&rig);
  audit_reads_close(hub.reads);
  rig_site_close(&hub.app);
  rig_site_close(&branch);
  rig_site_close(&other);
  return 0;
}

/* The answer's only item; wipes. */
static int64_t only_pos(struct reply r)
{
  if (r.status != 200) fail_msg("%s", (char *)r.body);
  assert_int_equal(at_int(&r, "total"), 1);
  int64_t pos = at_int(&r, "items.0.pos");
  reply_wipe(&r);
  return pos;
}

static void the_beginning_of_a_hash_finds_its_entry(void **state)
{
  (void)state;
  char path[200], hash[65];
  struct reply r = rig_get(&rig, &auditor, "/api/v1/audit?author=330182&action=price.add");
  int64_t pos = at_int(&r, "items.0.pos");
  reply_wipe(&r);
  snprintf(path, sizeof path, "/api/v1/audit/%lld", (long long)pos);
  r = rig_get(&rig, &auditor, path);
  snprintf(hash, sizeof hash, "%s", at_text(&r, "record_hash"));
  reply_wipe(&r);
  snprintf(path, sizeof path, "/api/v1/audit?q=%.8s", hash);
  assert_int_equal(only_pos(rig_get(&rig, &auditor, path)), pos);
  snprintf(path, sizeof path, "/api/v1/audit?q=%.4s+%.4s+%.4s", hash, hash + 4,
           hash + 8); /* as it is shown */
  assert_int_equal(only_pos(rig_get(&rig, &auditor, path)), pos);
  snprintf(path, sizeof path, "/api/v1/audit?q=%s", hash);
  assert_int_equal(only_pos(rig_get(&rig, &auditor, path)), pos);
  hash[40] = hash[40] == '0' ? '1' : '0'; /* behind what the index keeps */
  snprintf(path, sizeof path, "/api/v1/audit?q=%s", hash);
  r = rig_get(&rig, &auditor, path);
  assert_int_equal(at_int(&r, "total"), 0);
  reply_wipe(&r);
}

/* -- from a figure to its entries -- */

static void a_figure_leads_to_the_entries_it_is_made_of(void **state)
{
  (void)state;
  char path[160];
  index_follows();
  snprintf(path, sizeof path, "/api/v1/compare/%lld", (long long)fish);
  struct reply r = rig_get(&rig, &auditor, path);
  int64_t count = at_int(&r, "counties.0.count"), last_fen = at_int(&r, "counties.0.last_fen");
  long long county = at_int(&r, "counties.0.branch");
  reply_wipe(&r);
  snprintf(path, sizeof path, "/api/v1/audit/behind?of=price&product=%lld&branch=%lld", (long long)fish,
           county);
  r = rig_get(&rig, &auditor, path);
  if (r.status != 200) fail_msg("%s", (char *)r.body);
  assert_int_equal(at_int(&r, "total"), count);
  assert_int_equal(at_int(&r, "items.0.price_fen"), last_fen);
  int64_t pos = at_int(&r, "items.0.pos");
  snprintf(path, sizeof path, "/api/v1/audit/row/%lld/%lld", county, (long long)at_int(&r, "items.0.id"));
  reply_wipe(&r);
  r = rig_get(&rig, &auditor, path);
  assert_int_equal(at_int(&r, "pos"), pos);
  reply_wipe(&r);
  snprintf(path, sizeof path, "/api/v1/audit/%lld", (long long)pos);
  r = rig_get(&rig, &auditor, path);
  assert_int_equal(at_int(&r, "author"), county);
  assert_string_equal(at_text(&r, "action"), "price.add");
  reply_wipe(&r);
  refused_as(rig_get(&rig, &auditor, "/api/v1/audit/behind?of=price"), 400, "required");
  refused_as(rig_get(&rig, &auditor, "/api/v1/audit/behind?product=1"), 400, "required");
  refused_as(rig_get(&rig, &auditor, "/api/v1/audit/row/330127/9007199254740991"), 404, "not_found");
}

static void an_id_in_an_entry_has_its_name_and_keeps_its_number(void **state)
{
  (void)state;
  char path[160], id[24];
  size_t i;
  json_t *field;
  bool product = false, branch_named = false;
  struct reply r = rig_get(&rig, &auditor, "/api/v1/audit?author=330182&action=price.add&limit=1");
  snprintf(path, sizeof path, "/api/v1/audit/%lld", (long long)at_int(&r, "items.0.pos"));
  reply_wipe(&r);
  r = rig_get(&rig, &auditor, path);
  snprintf(id, sizeof id, "%lld", (long long)fish);
  assert_non_null(strstr(at_text(&r, "changes.0.key"), "建德市，JG330182-"));
  json_array_foreach(at(&r, "changes.0.fields"), i, field)
  {
    const char *name = json_string_value(json_object_get(field, "name"));
    const json_t *ref = json_object_get(field, "ref");
    if (strcmp(name, "product") == 0) {
      product = true;
      assert_string_equal(json_string_value(json_object_get(field, "after")), id);
      assert_string_equal(json_string_value(json_object_get(ref, "kind")), "product");
      assert_string_equal(json_string_value(json_object_get(ref, "after")), "舟山三疣梭子蟹");
    } else if (strcmp(name, "branch") == 0) {
      branch_named = true;
      assert_string_equal(json_string_value(json_object_get(ref, "after")), "建德市");
    } else if (strcmp(name, "price_fen") == 0) {
      assert_true(json_is_null(ref));
    }
  }
  assert_true(product && branch_named);
  reply_wipe(&r);
}

static void a_step_of_delay_is_never_far_from_the_delay(void **state)
{
  (void)state;
  for (int64_t ms = 1; ms < INT64_C(40) * 365 * 86400000; ms += 1 + ms / 7) {
    int64_t about = delay_of_step(delay_step(ms));
    if (llabs(about - ms) * 12 > ms) fail_msg("%lld is taken for %lld", (long long)ms, (long long)about);
    assert_int_equal(delay_of_step(delay_step(-ms)), -about);
    assert_true(delay_step(ms + 1) >= delay_step(ms));
  }
  assert_int_equal(delay_of_step(delay_step(0)), 0);
}

/* -- by branch -- */

static const json_t *author_of(const struct reply *r, int64_t code)
{
  size_t i;
  json_t *one;
  json_array_foreach(at(r, "items"), i, one)
  {
    if (json_integer_value(json_object_get(one, "author")) == code) return one;
  }
  fail_msg("no author %lld", (long long)code);
  return NULL;
}

static int64_t number(const json_t *author, const char *stream, const char *name)
{
  const json_t *of = *stream ? json_object_get(author, stream) : author;
  if (!json_is_integer(json_object_get(of, name))) fail_msg("%s.%s is no number", stream, name);
  return json_integer_value(json_object_get(of, name));
}

static const char *word(const json_t *author, const char *name)
{
  return json_string_value(json_object_get(author, name));
}

static bool heard_work(struct tx *tx, void *ctx, struct err *err)
{
  struct query q = query_open(
      tx->db,
      "INSERT OR REPLACE INTO branch_contact VALUES(?1, 1, 1, 0, ?2, ?2, 0, 0, 0, -700, '1', 1, 4, '')", err);
  query_int(&q, 1, COUNTY);
  query_int(&q, 2, tx->now_ms - *(int64_t *)ctx);
  return query_run(&q);
}

static void last_heard_ago(int64_t ms)
{
  struct err err = ERR_INIT;
  if (!store_local(hub.app.store, clock_wall_ms(), heard_work, &ms, &err)) fail_msg("%s", err.text);
}

static void each_branch_is_counted_and_its_silence_named(void **state)
{
  (void)state;
  last_heard_ago(60 * 1000);
  struct reply r = rig_get(&rig, &auditor, "/api/v1/audit/branches");
  if (r.status != 200) fail_msg("%s", (char *)r.body);
  assert_int_equal(at_int(&r, "total"), 91);
  assert_int_equal(at_int(&r, "lag"), 0);
  assert_int_equal(at_int(&r, "items.0.author"), PROVINCE_CODE);
  assert_true(json_is_true(at(&r, "items.0.own.whole")));
  const json_t *one = author_of(&r, COUNTY);
  assert_int_equal(number(one, "own", "seq"), 4);
  assert_int_equal(number(one, "own", "entries"), 4);
  assert_true(json_is_true(json_object_get(json_object_get(one, "own"), "whole")));
  assert_string_equal(word(one, "state"), "synced");
  assert_int_equal(number(one, "", "skew_ms"), -700);
  assert_true(number(one, "", "delay_max_ms") >= 0);
  const json_t *never = author_of(&r, 330109);
  assert_string_equal(word(never, "reason"), "never");
  assert_true(json_is_null(json_object_get(never, "skew_ms")));
  reply_wipe(&r);
  last_heard_ago(INT64_C(49) * 3600 * 1000);
  r = rig_get(&rig, &auditor, "/api/v1/audit/branches");
  assert_string_equal(word(author_of(&r, COUNTY), "reason"), "silent");
  assert_true(number(author_of(&r, COUNTY), "", "silent_ms") >= INT64_C(49) * 3600 * 1000);
  reply_wipe(&r);
  last_heard_ago(60 * 1000);
}

/* Records as a broken log would have them: 1, 2, 4, 4, the last claimed an hour before the one it follows and
 * all of them a day before they were "received". */
static bool broken_work(struct tx *tx, void *ctx, struct err *err)
{
  static const uint64_t seqs[] = {1, 2, 4, 4};
  struct audit_tally tally;
  audit_tally_init(&tally, tx->db);
  bool ok = true;
  int *odds = ctx;
  for (int i = 0; ok && i < 4; i++) {
    const struct record record = {.stream = {331081, 0},
                                  .seq = seqs[i],
                                  .hlc = (uint64_t)(tx->now_ms + (i == 3 ? -3600000 : i * 1000)) << 16};
    ok = audit_tally_add(&tally, 1000000 + i, &record, tx->now_ms + (i == 0 ? -5000 : 86400000), &odds[i],
                         err);
  }
  ok = ok && audit_tally_write(&tally, err);
  audit_tally_wipe(&tally);
  return ok;
}

static bool mended_work(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return db_exec(tx->db,
                 "DELETE FROM audit_stream WHERE author = 331081; DELETE FROM audit_delay WHERE author ="
                 " 331081; DELETE FROM audit_break WHERE author = 331081",
                 err);
}

static void a_number_that_is_missing_or_there_twice_is_named(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int odds[4] = {0};
  if (!store_local(hub.app.store, clock_wall_ms(), broken_work, odds, &err)) fail_msg("%s", err.text);
  assert_int_equal(odds[0], AUDIT_EARLY);
  assert_int_equal(odds[1], 0);
  assert_int_equal(odds[3], AUDIT_BACK);
  struct reply r = rig_get(&rig, &auditor, "/api/v1/audit/branches");
  const json_t *one = author_of(&r, 331081);
  assert_string_equal(word(one, "state"), "attention");
  assert_string_equal(word(one, "reason"), "gap");
  assert_int_equal(number(one, "own", "missing"), 1);
  assert_int_equal(number(one, "own", "repeats"), 1);
  assert_true(json_is_false(json_object_get(json_object_get(one, "own"), "whole")));
  const json_t *breaks = json_object_get(json_object_get(one, "own"), "breaks");
  assert_int_equal(json_array_size(breaks), 2);
  assert_int_equal(json_integer_value(json_object_get(json_array_get(breaks, 0), "expected")), 3);
  assert_int_equal(json_integer_value(json_object_get(json_array_get(breaks, 1), "seq")), 4);
  assert_int_equal(number(one, "", "early"), 1);
  assert_int_equal(number(one, "", "early_max_ms"), 5000);
  assert_int_equal(number(one, "", "back"), 1);
  int64_t median = number(one, "", "delay_median_ms");
  assert_true(median > 86400000 * 7 / 8 && median < 86400000 * 9 / 8);
  reply_wipe(&r);
  if (!store_local(hub.app.store, clock_wall_ms(), mended_work, NULL, &err)) fail_msg("%s", err.text);
}

static void a_clock_that_runs_ahead_is_found_by_its_entries(void **state)
{
  (void)state;
  branch_records(&other, clock_wall_ms() + 3600 * 1000);
  rig_carry(&hub.app, &other);
  index_follows();
  struct reply r = rig_get(&rig, &auditor, "/api/v1/audit/branches");
  assert_int_equal(number(author_of(&r, OTHER_COUNTY), "", "early"), 1);
  reply_wipe(&r);
  r = rig_get(&rig, &auditor, "/api/v1/audit?time=early&author=330182");
  assert_int_equal(at_int(&r, "total"), 1);
  assert_true(json_is_true(at(&r, "items.0.early")));
  reply_wipe(&r);
  r = rig_get(&rig, &auditor, "/api/v1/audit?time=back");
  assert_int_equal(at_int(&r, "total"), 0);
  reply_wipe(&r);
}

/* -- who reads -- */

/* The newest security event of a kind. */
static void newest_event(const char *kind, char detail[300], char actor[80], int64_t *count)
{
  struct err err = ERR_INIT;
  struct db *db;
  *detail = *actor = 0;
  assert_true(readers_take(hub.app.readers, &db, &err));
  struct query q = query_open(db,
                              "SELECT detail, actor, count FROM security_event WHERE branch = 330000 AND"
                              " kind = ?1 ORDER BY id DESC LIMIT 1",
                              &err);
  query_text(&q, 1, kind);
  if (query_row(&q)) {
    snprintf(detail, 300, "%s", column_text(&q, 0));
    snprintf(actor, 80, "%s", column_text(&q, 1));
    *count = column_int(&q, 2);
  }
  assert_true(query_close(&q));
  readers_give(hub.app.readers, db);
}

static int64_t events(const char *kind)
{
  char sql[120];
  snprintf(sql, sizeof sql, "SELECT count(*) FROM security_event WHERE kind = '%s' AND branch = 330000",
           kind);
  return rig_count(&hub.app, sql);
}

static void every_export_is_recorded_with_filter_rows_checkpoint_and_hash(void **state)
{
  (void)state;
  char detail[300], actor[80], sum[80], hex[17];
  uint8_t hash[HASH_SIZE];
  int64_t count = 0, before = events("export");
  struct err err = ERR_INIT;
  assert_true(store_sign_log(hub.app.store, clock_wall_ms(), &err));
  struct reply r = rig_get(&rig, &auditor, "/api/v1/audit.xlsx?author=330127&action=price.add");
  assert_int_equal(r.status, 200);
  sha256(hash, r.body, r.size);
  hex_encode(hex, hash, 8);
  snprintf(sum, sizeof sum, "sha256=%s", hex);
  newest_event("export", detail, actor, &count);
  assert_string_equal(actor, "auditor");
  assert_ptr_equal(strstr(detail, "/audit.xlsx?author=330127&action=price.add rows=4 log="), detail);
  assert_non_null(strstr(detail, sum));
  reply_wipe(&r);
  for (int i = 0; i < 12; i++) { /* more than a gate of refusals would let through */
    snprintf(detail, sizeof detail, "/api/v1/suppliers.xlsx?q=%d", i);
    answered(rig_get(&rig, &auditor, detail), 200);
  }
  answered(rig_get(&rig, &auditor, "/api/v1/audit/0/bytes"), 200);
  assert_int_equal(events("export") - before, 14);
  answered(rig_get(&rig, &auditor, "/api/v1/audit/evidence?pos=0,1"), 200);
  newest_event("evidence", detail, actor, &count);
  assert_non_null(strstr(detail, "/audit/evidence?pos=0,1 rows=2"));
  refused_as(rig_get(&rig, &auditor, "/api/v1/audit/evidence?pos=0;1"), 400, "list");
  refused_as(rig_get(&rig, &auditor, "/api/v1/audit/evidence"), 400, "required");
}

static void reading_is_recorded_once_and_then_counted(void **state)
{
  (void)state;
  char detail[300], actor[80], path[60];
  int64_t count = 0;
  struct err err = ERR_INIT;
  assert_true(audit_reads_flush(hub.reads, &hub.app, clock_wall_ms(), true, &err));
  int64_t before = events("read");
  answered(rig_get(&rig, &curator, "/api/v1/audit?author=330127"), 200);
  newest_event("read", detail, actor, &count);
  assert_int_equal(events("read"), before + 1);
  assert_string_equal(actor, "curator");
  assert_int_equal(count, 1);
  assert_non_null(strstr(detail, "/audit?author=330127 rows=4"));
  for (int i = 0; i < 30; i++) {
    snprintf(path, sizeof path, "/api/v1/audit/%d", 2 + i % 3);
    answered(rig_get(&rig, &curator, path), 200);
  }
  answered(rig_get(&rig, &curator, "/api/v1/audit?author=330182"), 200);
  refused_as(rig_get(&rig, &curator, "/api/v1/audit/999999"), 404, "not_found"); /* saw nothing */
  assert_int_equal(events("read"), before + 1);
  assert_true(audit_reads_flush(hub.reads, &hub.app, clock_wall_ms(), false, &err));
  assert_int_equal(events("read"), before + 1); /* the window is not over */
  assert_true(
      audit_reads_flush(hub.reads, &hub.app, clock_wall_ms() + AUDIT_READS_WINDOW_MS + 1, false, &err));
  newest_event("read", detail, actor, &count);
  assert_int_equal(events("read"), before + 2);
  assert_int_equal(count, 31);
  assert_string_equal(actor, "curator");
  assert_non_null(strstr(detail, "lists=1 rows=2 entries=30 pos=2..4"));
  assert_non_null(strstr(detail, "last /audit?author=330182"));
}

/* -- a checkpoint that was kept -- */

static void sign_the_log(void)
{
  struct err err = ERR_INIT;
  if (!store_sign_log(hub.app.store, clock_wall_ms(), &err)) fail_msg("%s", err.text);
}

/* The answer to a note as it would be pasted. */
static struct reply compared(const char *note, size_t size)
{
  json_t *body = json_pack("{s:s%}", "note", note, size);
  char *text = json_dumps(body, 0);
  struct reply r = rig_post(&rig, &auditor, "/api/v1/audit/checkpoint", text);
  if (r.status != 200) fail_msg("%s", (char *)r.body);
  free(text);
  json_decref(body);
  return r;
}

static void verdict_is(const char *note, const char *verdict)
{
  struct reply r = compared(note, strlen(note));
  assert_string_equal(at_text(&r, "verdict"), verdict);
  bool has_file = json_is_string(at(&r, "file")), has_fault = json_is_object(at(&r, "fault"));
  assert_true(has_file != has_fault);
  reply_wipe(&r);
}

static struct note_key log_key_of_hub(void)
{
  struct err err = ERR_INIT;
  struct note_key key;
  char origin[TLOG_ORIGIN_SIZE];
  tlog_origin(origin, PROVINCE_CODE);
  assert_true(note_key_init(&key, origin, NOTE_KEY_ED25519, hub.app.identity.secret + SEED_SIZE, &err));
  return key;
}

/* A checkpoint as only this hub could have signed it. */
static void forge(char out[600], const char *origin, uint64_t size, uint8_t root)
{
  struct checkpoint lie = {.size = size};
  struct buf text = BUF_INIT, note = BUF_INIT;
  struct note_key key = log_key_of_hub();
  snprintf(lie.origin, sizeof lie.origin, "%s", origin);
  memset(lie.root.bytes, root, HASH_SIZE);
  checkpoint_encode(&text, &lie);
  put_bytes(&note, text.data, text.size);
  put_text(&note, "\n");
  note_sign(&note, (const char *)text.data, text.size, &key, hub.app.identity.secret);
  snprintf(out, 600, "%.*s", (int)note.size, (const char *)note.data);
  buf_wipe(&text);
  buf_wipe(&note);
}

static void a_kept_checkpoint_is_proved_to_be_the_beginning_of_todays(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct consistency both;
  struct checkpoint older, newer;
  struct note_key key = log_key_of_hub();
  sign_the_log();
  struct reply kept = rig_get(&rig, NULL, "/log/checkpoint");
  assert_int_equal(kept.status, 200);
  struct reply r = compared((const char *)kept.body, kept.size);
  assert_string_equal(at_text(&r, "verdict"), "same");
  reply_wipe(&r);
  branch_records(&branch, clock_wall_ms());
  rig_carry(&hub.app, &branch);
  sign_the_log();
  r = compared((const char *)kept.body, kept.size);
  assert_string_equal(at_text(&r, "verdict"), "continues");
  const char *file = at_text(&r, "file");
  assert_true(consistency_decode(&both, file, strlen(file), &err));
  assert_true(consistency_verify(&both, &key, &older, &newer, &err));
  assert_int_equal(older.size, at_int(&r, "saved.size"));
  assert_int_equal(newer.size, at_int(&r, "checkpoint.size"));
  assert_true(older.size < newer.size);
  assert_int_equal(both.older_size, kept.size);
  assert_memory_equal(both.older, kept.body, kept.size); /* what was compared is in the file, byte for byte */
  reply_wipe(&r);
  reply_wipe(&kept);
}

static void what_is_no_beginning_of_our_log_has_its_own_word_each(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct consistency both;
  struct checkpoint older, newer;
  struct note_key key = log_key_of_hub();
  char note[600], broken[600];
  forge(note, key.name, 7, 0xaa);
  verdict_is(note, "forked");
  struct reply r = compared(note, strlen(note));
  const char *file = at_text(&r, "file");
  assert_true(consistency_decode(&both, file, strlen(file), &err));
  assert_false(consistency_verify(&both, &key, &older, &newer, &err)); /* evidence, and it says so */
  assert_string_equal(err.rule, "log_rewritten");
  reply_wipe(&r);
  forge(note, key.name, 1000000, 0xaa);
  verdict_is(note, "larger");
  forge(note, "340000.sunlit/log", 7, 0xaa);
  verdict_is(note, "foreign");
  forge(note, key.name, 7, 0xaa);
  snprintf(broken, sizeof broken, "%s", note);
  *strchr(broken, '7') = '8'; /* another size under the same signature */
  verdict_is(broken, "forged");
  snprintf(broken, sizeof broken, "%.*s\xe2\x80\x94 someone.else ZZZZZZZZ\n",
           (int)(strstr(note, "\n\n") - note + 2), note);
  verdict_is(broken, "unsigned");
  snprintf(broken, sizeof broken, "%.40s", note);
  verdict_is(broken, "damaged");
  snprintf(broken, sizeof broken, "%s", note);
  *strchr(broken, '\n') = '\r'; /* what a mailer makes of it */
  verdict_is(broken, "damaged");
  verdict_is("", "damaged");
  refused_as(rig_post(&rig, &auditor, "/api/v1/audit/checkpoint", "{}"), 400, "required");
  char detail[300], actor[80];
  int64_t count = 0;
  newest_event("compare", detail, actor, &count);
  assert_string_equal(actor, "auditor");
  assert_non_null(strstr(detail, "verdict=damaged"));
}

/* -- accounts, keys, quarantine -- */

static void roles_and_keys_have_their_own_view(void **state)
{
  (void)state;
  rig_account(&hub.app, "admin", "admin", "admin-password");
  struct visitor admin = rig_login(&rig, "admin", "admin-password");
  answered(rig_post(&rig, &admin, "/api/v1/accounts", "{\"name\":\"clerk\",\"role\":\"curator\"}"), 201);
  const char *auditor_now = rig_account_change(&hub.app, "clerk", "\"role\":\"auditor\"");
  answered(rig_change(&rig, &admin, "PATCH", "/api/v1/accounts/clerk", NULL, auditor_now), 200);
  struct reply r = rig_get(&rig, &auditor, "/api/v1/audit/events?group=accounts");
  if (r.status != 200) fail_msg("%s", (char *)r.body);
  assert_int_equal(at_int(&r, "total"), 2);
  assert_string_equal(at_text(&r, "items.0.kind"), "account_role");
  assert_string_equal(at_text(&r, "items.0.kind_title"), "改角色");
  assert_string_equal(at_text(&r, "items.0.actor"), "admin");
  assert_string_equal(at_text(&r, "items.0.detail"), "clerk auditor");
  assert_string_equal(at_text(&r, "items.0.detail_title"), "clerk，审计员");
  int64_t pos = at_int(&r, "items.0.pos");
  reply_wipe(&r);
  index_follows();
  char path[60];
  snprintf(path, sizeof path, "/api/v1/audit/%lld", (long long)pos);
  r = rig_get(&rig, &auditor, path);
  assert_string_equal(at_text(&r, "action"), "account.change");
  assert_string_equal(at_text(&r, "subject"), "clerk");
  /* its one row in words: which it is, where, and what is written beside it */
  assert_non_null(strstr(at_text(&r, "changes.0.key"), "省中心，内部编号 "));
  assert_string_equal(at_text(&r, "changes.0.fields.0.ref.after"), "省中心");
  assert_string_equal(at_text(&r, "changes.0.fields.4.title"), "说明");
  assert_string_equal(at_text(&r, "changes.0.fields.4.after"), "clerk，审计员");
  reply_wipe(&r);
  r = rig_get(&rig, &auditor, "/api/v1/audit/events?group=access&branch=330000&limit=1");
  assert_true(at_int(&r, "total") > 10);
  reply_wipe(&r);
  r = rig_get(&rig, &auditor, "/api/v1/audit/keys");
  assert_int_equal(at_int(&r, "total"), 3);
  assert_int_equal(at_int(&r, "items.0.author"), PROVINCE_CODE);
  assert_int_equal(strlen(at_text(&r, "items.0.public_hex")), 64);
  reply_wipe(&r);
  answered(rig_get(&rig, &auditor, "/api/v1/audit/events.xlsx"), 200);
  answered(rig_get(&rig, &auditor, "/api/v1/audit/keys.xlsx"), 200);
}

/* The store lets nobody write here: a connection of the test's own does. */
static void quarantine(int64_t refused, int64_t waiting)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char path[DATA_PATH_MAX];
  assert_true(db_open(&db, data_dir_path(&hub.app.dir, "store.db", path), DB_WRITE, &err));
  struct query q = query_open(db,
                              "INSERT INTO sync_quarantine VALUES(?1, 330127, 0, 1, 'row_differs', 'price "
                              "7', 'price', 7, 'refused', 1, '', 1),"
                              " (?2, 330127, 0, 2, 'schema_newer', 'schema 99', '', 0, 'waiting', 1, '', 2)",
                              &err);
  query_int(&q, 1, refused);
  query_int(&q, 2, waiting);
  if (!query_run(&q)) fail_msg("%s", err.text);
  db_close(db);
}

static void a_refused_entry_is_dealt_with_once_and_by_a_recorded_act(void **state)
{
  (void)state;
  int64_t pos[2];
  char path[80];
  struct reply r = rig_get(&rig, &auditor, "/api/v1/audit?author=330127&action=price.add");
  pos[0] = at_int(&r, "items.3.pos");
  pos[1] = at_int(&r, "items.2.pos");
  reply_wipe(&r);
  quarantine(pos[0], pos[1]);
  r = rig_get(&rig, &auditor, "/api/v1/audit/quarantine");
  if (r.status != 200) fail_msg("%s", (char *)r.body);
  assert_int_equal(at_int(&r, "total"), 2);
  assert_true(json_is_true(at(&r, "items.0.waits")));
  assert_true(at_int(&r, "items.0.behind") > 0);
  assert_string_equal(at_text(&r, "items.1.reason"), "row_differs");
  assert_string_equal(at_text(&r, "items.1.reason_title"), "要改的那一行和它看到的不一样");
  assert_true(json_is_null(at(&r, "items.1.handled")));
  reply_wipe(&r);
  snprintf(path, sizeof path, "/api/v1/audit/%lld/handled", (long long)pos[1]);
  refused_as(rig_post(&rig, &curator, path, "{\"note\":\"看过\"}"), 409, "waits");
  snprintf(path, sizeof path, "/api/v1/audit/%lld/handled", (long long)pos[0]);
  refused_as(rig_post(&rig, &auditor, path, "{\"note\":\"看过\"}"), 403, "role");
  refused_as(rig_post(&rig, &curator, path, "{}"), 400, "required");
  answered(rig_post(&rig, &curator, path, "{\"note\":\"支行已重新记录\"}"), 201);
  refused_as(rig_post(&rig, &curator, path, "{\"note\":\"再看一遍\"}"), 409, "handled"); /* not indexed */
  index_follows();
  refused_as(rig_post(&rig, &curator, path, "{\"note\":\"再看一遍\"}"), 409, "handled");
  r = rig_get(&rig, &auditor, "/api/v1/audit/quarantine");
  assert_string_equal(at_text(&r, "items.1.handled.actor"), "curator");
  int64_t act = at_int(&r, "items.1.handled.pos");
  reply_wipe(&r);
  snprintf(path, sizeof path, "/api/v1/audit/%lld", (long long)act);
  r = rig_get(&rig, &auditor, path);
  assert_string_equal(at_text(&r, "action"), "entry.handle");
  reply_wipe(&r);
  refused_as(rig_post(&rig, &curator, "/api/v1/audit/0/handled", "{\"note\":\"没有\"}"), 404, "not_found");
  answered(rig_get(&rig, &auditor, "/api/v1/audit/quarantine.xlsx"), 200);
  r = rig_get(&rig, &auditor, "/api/v1/audit/branches");
  assert_string_equal(word(author_of(&r, COUNTY), "reason"), "parked");
  assert_int_equal(number(author_of(&r, COUNTY), "", "quarantined"), 1);
  reply_wipe(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_beginning_of_a_hash_finds_its_entry),
      cmocka_unit_test(each_branch_is_counted_and_its_silence_named),
      cmocka_unit_test(a_number_that_is_missing_or_there_twice_is_named),
      cmocka_unit_test(a_clock_that_runs_ahead_is_found_by_its_entries),
      cmocka_unit_test(every_export_is_recorded_with_filter_rows_checkpoint_and_hash),
      cmocka_unit_test(reading_is_recorded_once_and_then_counted),
      cmocka_unit_test(a_kept_checkpoint_is_proved_to_be_the_beginning_of_todays),
      cmocka_unit_test(what_is_no_beginning_of_our_log_has_its_own_word_each),
      cmocka_unit_test(roles_and_keys_have_their_own_view),
      cmocka_unit_test(a_refused_entry_is_dealt_with_once_and_by_a_recorded_act),
      cmocka_unit_test(a_figure_leads_to_the_entries_it_is_made_of),
      cmocka_unit_test(an_id_in_an_entry_has_its_name_and_keeps_its_number),
      cmocka_unit_test(a_step_of_delay_is_never_far_from_the_delay),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
