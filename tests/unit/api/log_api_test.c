/* The log as the province serves it: the tree for everybody, the entries for those who may read the trail. */
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/audit_reads.h"
#include "hub/hub.h"
#include "rig.h"

#include "core/base/clock.h"
#include "site/export_pace.h"
#include "site/site.h"
#include "sync/tile.h"

#include <stdio.h>
#include <string.h>

static struct rig rig;
static struct hub hub;
static struct visitor auditor;

static int open_rig(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_seed(&hub.app);
  rig_account(&hub.app, "auditor", "auditor", "auditor-password");
  assert_true(audit_reads_open(&hub.reads, &err));
  rig_open(&rig, &hub.app, hub_routes, hub_route_count);
  auditor = rig_login(&rig, "auditor", "auditor-password");
  if (!store_sign_log(hub.app.store, clock_wall_ms(), &err)) fail_msg("%s", err.text);
  return 0;
}

static int close_rig(void **state)
{
  (void)state;
  rig_close(&rig);
  audit_reads_close(hub.reads);
  rig_site_close(&hub.app);
  return 0;
}

struct token {
  const char *text;
  int64_t until_ms;
};

static bool add_token(struct tx *tx, void *ctx, struct err *err)
{
  const struct token *token = ctx;
  uint8_t hash[HASH_SIZE];
  sha256(hash, token->text, strlen(token->text));
  struct query q =
      query_open(tx->db, "INSERT OR REPLACE INTO log_reader VALUES('audit office', ?1, 1, ?2)", err);
  query_blob(&q, 1, hash, sizeof hash);
  query_int(&q, 2, token->until_ms);
  return query_run(&q);
}

static void give_token(const char *text, int64_t until_ms)
{
  struct token token = {text, until_ms};
  assert_true(app_local(&hub.app, add_token, &token, NULL));
}

static int log_status(const struct visitor *who, const char *path, const char *token)
{
  char header[160] = "";
  if (token) snprintf(header, sizeof header, "Authorization: Bearer %s\r\n", token);
  struct reply r = rig_send(&rig, who, "GET", path, header, "", 0);
  int status = r.status;
  assert_true(!strstr(path, "entries") || !strstr(r.head, "public"));
  reply_wipe(&r);
  return status;
}

/* docs/decisions/0101: a record names the account that made it. */
static void the_logs_tree_is_for_everybody_and_its_entries_are_not(void **state)
{
  (void)state;
  char entries[TILE_PATH_MAX + 8], hashes[TILE_PATH_MAX + 8], path[TILE_PATH_MAX];
  int64_t size = rig_count(&hub.app, "SELECT max(size) FROM sync_checkpoint");
  unsigned width = size >= TILE_WIDTH ? TILE_WIDTH : (unsigned)size;
  tile_path(path, &(struct tile){.level = TILE_ENTRIES, .width = width});
  snprintf(entries, sizeof entries, "/log/%s", path);
  tile_path(path, &(struct tile){.level = 0, .width = width});
  snprintf(hashes, sizeof hashes, "/log/%s", path);
  static const char *const open[] = {"/log/checkpoint", "/log/keys.txt", "/log/witnessed"};
  for (int i = 0; i < 3; i++)
    assert_int_equal(log_status(NULL, open[i], NULL), 200);
  assert_int_equal(log_status(NULL, hashes, NULL), 200);
  assert_int_equal(log_status(NULL, entries, NULL), 401);
  assert_int_equal(log_status(&auditor, entries, NULL), 200);
  give_token("0123456789abcdef", clock_wall_ms() + 60000);
  assert_int_equal(log_status(NULL, entries, "0123456789abcdef"), 200);
  assert_int_equal(log_status(NULL, entries, "0123456789abcdee"), 401);
  assert_int_equal(log_status(NULL, entries, ""), 401);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM security_event WHERE kind = 'read'"
                                       " AND actor = 'log-token audit office'"),
                   1);
  give_token("0123456789abcdef", clock_wall_ms() - 1);
  assert_int_equal(log_status(NULL, entries, "0123456789abcdef"), 401);
}

/* 256 entries of half a MiB: one bundle at a time. */
static void a_bundle_of_evidence_is_made_in_its_turn(void **state)
{
  (void)state;
  static const char path[] = "/api/v1/audit/evidence?pos=0";
  struct gate *gate = site_bundles(&hub.app);
  struct gate_place place;
  struct err err = ERR_INIT;
  gate->wait_ms = 0;
  assert_true(gate_enter(gate, &place, "somebody", "192.0.2.7", &err));
  refused_as(rig_get(&rig, &auditor, path), 503, "busy");
  gate_leave(gate, &place);
  answered(rig_get(&rig, &auditor, path), 200);
}

/* Each comparison is a signed entry for good. */
static void who_compares_checkpoints_without_end_waits(void **state)
{
  (void)state;
  int done = 0, status = 200;
  for (; status == 200 && done < 2 * EXPORTS_AT_A_TIME; done += status == 200) {
    struct reply r = rig_post(&rig, &auditor, "/api/v1/audit/checkpoint", "{\"note\":\"\"}");
    status = r.status;
    if (status != 200) assert_string_equal(at_text(&r, "error.rule"), "rate");
    reply_wipe(&r);
  }
  assert_int_equal(status, 429);
  assert_in_range(done, EXPORTS_AT_A_TIME / 2, EXPORTS_AT_A_TIME); /* what it took before is counted too */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_logs_tree_is_for_everybody_and_its_entries_are_not),
      cmocka_unit_test(a_bundle_of_evidence_is_made_in_its_turn),
      cmocka_unit_test(who_compares_checkpoints_without_end_waits),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
