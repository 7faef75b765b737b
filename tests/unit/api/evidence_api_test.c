/* What a branch that caught its province shows and hands out. */
#include "node/api.h"
#include "node/node.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/refusal.h"
#include "sync/consistency.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <string.h>

static struct rig rig;
static struct node node;
static struct visitor staff, officer;
static struct note_key key;
static uint8_t secret[SECRET_SIZE];

static int open_rig(void **state)
{
  (void)state;
  uint8_t public_key[PUBLIC_SIZE];
  char origin[TLOG_ORIGIN_SIZE];
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_account(&node.app, "staff", "staff", "staff-password");
  rig_account(&node.app, "officer", "officer", "officer-password");
  rig_open(&rig, &node.app, node_routes, node_route_count);
  staff = rig_login(&rig, "staff", "staff-password");
  officer = rig_login(&rig, "officer", "officer-password");
  sign_pair(public_key, secret);
  tlog_origin(origin, PROVINCE_CODE);
  return note_key_init(&key, origin, NOTE_KEY_ED25519, public_key, NULL) ? 0 : -1;
}

static int close_rig(void **state)
{
  (void)state;
  rig_close(&rig);
  rig_site_close(&node.app);
  return 0;
}

static void put_note(struct buf *out, uint64_t size, uint8_t root)
{
  struct checkpoint checkpoint = {.size = size};
  struct buf text = BUF_INIT;
  snprintf(checkpoint.origin, sizeof checkpoint.origin, "%s", key.name);
  memset(checkpoint.root.bytes, root, HASH_SIZE);
  checkpoint_encode(&text, &checkpoint);
  put_bytes(out, text.data, text.size);
  put_text(out, "\n");
  note_sign(out, (const char *)text.data, text.size, &key, secret);
  buf_wipe(&text);
}

/* As the witness keeps it; the store lets nobody write there, so a connection of the test's own does. */
static void caught(const char *rule, const struct buf *held, const struct buf *offered, const void *proof,
                   size_t proof_size)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char path[DATA_PATH_MAX];
  assert_true(db_open(&db, data_dir_path(&node.app.dir, "store.db", path), DB_WRITE, &err));
  struct query q = query_open(db,
                              "INSERT INTO sync_evidence(origin, rule, detail, held, offered, proof, at_ms)"
                              " VALUES(?1, ?2, 'a sentence', ?3, ?4, ?5, 1)",
                              &err);
  query_text(&q, 1, key.name);
  query_text(&q, 2, rule);
  query_textn(&q, 3, (const char *)held->data, held->size);
  query_textn(&q, 4, (const char *)offered->data, offered->size);
  query_blob(&q, 5, proof, proof_size);
  if (!query_run(&q)) fail_msg("%s", err.text);
  q = query_open(db,
                 "INSERT OR REPLACE INTO sync_witness(origin, size, root, note, verified_ms, distrust)"
                 " VALUES(?1, 7, zeroblob(32), ?2, 1, ?3)",
                 &err);
  query_text(&q, 1, key.name);
  query_textn(&q, 2, (const char *)held->data, held->size);
  query_text(&q, 3, rule);
  if (!query_run(&q)) fail_msg("%s", err.text);
  db_close(db);
}

static void a_branch_without_a_quarrel_says_so(void **state)
{
  (void)state;
  struct reply r = rig_get(&rig, &staff, "/api/v1/sync/evidence");
  if (r.status != 200) fail_msg("%s", (char *)r.body);
  assert_true(json_is_null(at(&r, "distrust")));
  assert_int_equal(json_array_size(at(&r, "items")), 0);
  assert_int_equal(json_array_size(at(&r, "quarantine")), 0);
  reply_wipe(&r);
}

static void two_signed_checkpoints_are_handed_out_as_a_file_that_proves_the_lie(void **state)
{
  (void)state;
  struct buf held = BUF_INIT, offered = BUF_INIT;
  struct err err = ERR_INIT;
  struct consistency both;
  struct checkpoint older, newer;
  put_note(&held, 7, 0xaa);
  put_note(&offered, 4, 0xbb); /* shorter than what was held: the file has them in their order */
  caught("log_rewritten", &held, &offered, NULL, 0);
  struct reply r = rig_get(&rig, &staff, "/api/v1/sync/evidence");
  assert_string_equal(at_text(&r, "distrust"), "log_rewritten");
  assert_int_equal(at_int(&r, "held.size"), 7);
  assert_string_equal(at_text(&r, "items.0.rule"), "log_rewritten");
  reply_wipe(&r);
  refused_as(rig_get(&rig, &staff, "/api/v1/sync/evidence/1"), 403, "role");
  r = rig_get(&rig, &officer, "/api/v1/sync/evidence/1");
  assert_int_equal(r.status, 200);
  assert_true(consistency_decode(&both, (const char *)r.body, r.size, &err));
  assert_int_equal(both.newer_size, held.size);
  assert_memory_equal(both.newer, held.data, held.size);
  assert_false(consistency_verify(&both, &key, &older, &newer, &err));
  assert_string_equal(err.rule, "log_rewritten");
  reply_wipe(&r);
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM security_event WHERE kind = 'evidence'"), 1);
  buf_wipe(&held);
  buf_wipe(&offered);
}

static void what_was_said_without_a_checkpoint_is_handed_out_in_hex(void **state)
{
  (void)state;
  struct buf held = BUF_INIT, nothing = BUF_INIT;
  put_note(&held, 7, 0xaa);
  put_text(&nothing, "");
  caught("leaves_differ", &held, &nothing, "\x01\xfe", 2);
  struct reply r = rig_get(&rig, &officer, "/api/v1/sync/evidence/2");
  assert_int_equal(r.status, 200);
  assert_non_null(strstr((const char *)r.body, "leaves_differ: a sentence"));
  assert_non_null(strstr((const char *)r.body, "\nbytes\n01fe\n"));
  reply_wipe(&r);
  refused_as(rig_get(&rig, &officer, "/api/v1/sync/evidence/99"), 404, "not_found");
  buf_wipe(&held);
  buf_wipe(&nothing);
}

/* -- a refusal that nothing replaces -- */

static struct app hub;

static bool refuse_work(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return refusal_add(tx, COUNTY, "entry", id_of(1, 1, 0), "row_differs",
                     "{\"table\":\"price\",\"column\":\"\",\"text\":\"\",\"entries\":\"1-5, 9\",\"count\":6}",
                     err);
}

static void a_refused_entry_asks_for_a_person_until_one_says_what_was_done(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char path[80];
  const struct act act = {.actor = "system",
                          .role = "system",
                          .action = ACTION_ENTRY_REFUSE,
                          .lane = COUNTY,
                          .now_ms = clock_wall_ms()};
  rig_site(&hub, APP_HUB, PROVINCE_CODE, NULL);
  rig_carry(&hub, &node.app);
  if (!store_commit(hub.store, &act, refuse_work, NULL, NULL, &err)) fail_msg("%s", err.text);
  rig_carry(&hub, &node.app);
  struct reply r = rig_get(&rig, &officer, "/api/v1/sync");
  assert_string_equal(at_text(&r, "refused.0.subject_table"), "entry");
  assert_true(json_is_false(at(&r, "refused.0.handled")));
  assert_non_null(strstr(at_text(&r, "refused.0.which"), "第 1-5, 9 号，共 6 条"));
  snprintf(path, sizeof path, "/api/v1/sync/refusals/%lld/handled", (long long)at_int(&r, "refused.0.id"));
  reply_wipe(&r);
  refused_as(rig_post(&rig, &staff, path, "{\"note\":\"看过\"}"), 403, "role");
  refused_as(rig_post(&rig, &officer, path, "{\"note\":\"x\"}"), 400, "length");
  answered(rig_post(&rig, &officer, path, "{\"note\":\"已重新记录\"}"), 201);
  refused_as(rig_post(&rig, &officer, path, "{\"note\":\"再来一次\"}"), 409, "handled");
  refused_as(rig_post(&rig, &officer, "/api/v1/sync/refusals/7/handled", "{\"note\":\"没有\"}"), 404,
             "not_found");
  r = rig_get(&rig, &officer, "/api/v1/sync");
  assert_true(json_is_true(at(&r, "refused.0.handled")));
  reply_wipe(&r);
  r = rig_get(&rig, &officer, "/api/v1/status");
  assert_int_equal(at_int(&r, "refused"), 0);
  reply_wipe(&r);
  rig_carry(&hub, &node.app); /* and the province sees by whom and when */
  assert_int_equal(rig_count(&hub, "SELECT count(*) FROM security_event WHERE kind = 'handled'"), 1);
  rig_site_close(&hub);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_branch_without_a_quarrel_says_so),
      cmocka_unit_test(a_refused_entry_asks_for_a_person_until_one_says_what_was_done),
      cmocka_unit_test(two_signed_checkpoints_are_handed_out_as_a_file_that_proves_the_lie),
      cmocka_unit_test(what_was_said_without_a_checkpoint_is_handed_out_in_hex),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
