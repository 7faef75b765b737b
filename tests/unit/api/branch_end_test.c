/* Ending an invitation or an enrolment: what was looked at is ended, and nothing that has taken its place
 * since. */
#include "core/base/clock.h"
#include "core/domain/enrolment.h"
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/audit_reads.h"
#include "hub/hub.h"
#include "hub/revoke.h"
#include "net/cert.h"
#include "rig.h"
#include "sync/store_keys.h"

#include <stdio.h>
#include <string.h>

static struct rig rig;
static struct hub hub;
static struct visitor curator, auditor, admin;

/* What an invitation names. */
static void make_authority(void)
{
  struct err err = ERR_INIT;
  char certificate[DATA_PATH_MAX], key[DATA_PATH_MAX];
  data_dir_path(&hub.app.dir, "keys/ca.crt", certificate);
  data_dir_path(&hub.app.dir, "keys/ca.key", key);
  if (!tls_start(&err) || !cert_authority_make(certificate, key, "Sunlit test", &err))
    fail_msg("%s", err.text);
  snprintf(hub.address, sizeof hub.address, "hub.test:7443");
}

static int open_rig(void **state)
{
  (void)state;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_seed(&hub.app);
  make_authority();
  rig_account(&hub.app, "curator", "curator", "curator-password");
  rig_account(&hub.app, "auditor", "auditor", "auditor-password");
  rig_account(&hub.app, "admin", "admin", "admin-password");
  struct err err = ERR_INIT;
  assert_true(audit_reads_open(&hub.reads, &err));
  rig_open(&rig, &hub.app, hub_routes, hub_route_count);
  curator = rig_login(&rig, "curator", "curator-password");
  auditor = rig_login(&rig, "auditor", "auditor-password");
  admin = rig_login(&rig, "admin", "admin-password");
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

static void the_invitation_that_was_looked_at_is_withdrawn(void **state)
{
  (void)state;
  struct reply r;
  const char *withdrawal = "/api/v1/branches/330109/invite/withdrawal";
  char body[64], anew[96];
  r = rig_post(&rig, &admin, "/api/v1/invites", "{\"branch\":330109}");
  snprintf(body, sizeof body, "{\"expires_ms\":%lld}", (long long)at_int(&r, "expires_ms"));
  reply_wipe(&r);
  refused_as(rig_post(&rig, &curator, withdrawal, body), 403, "role");
  refused_as(rig_post(&rig, &admin, "/api/v1/branches/330100/invite/withdrawal", body), 400, "not_a_county");
  refused_as(rig_post(&rig, &admin, withdrawal, "{}"), 400, "required");
  refused_as(rig_post(&rig, &admin, withdrawal, "{\"expires_ms\":1}"), 409, "another_invite");
  r = rig_post(&rig, &admin, withdrawal, body);
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  assert_int_equal(at_int(&r, "code"), 330109);
  assert_string_equal(at_text(&r, "state"), "none");
  assert_true(json_is_null(at(&r, "invite_expires_ms")));
  reply_wipe(&r);
  refused_as(rig_post(&rig, &admin, withdrawal, body), 409, "no_invite");
  body[strlen(body) - 1] = '\0'; /* nor is that one replaced by whoever still looks at it */
  snprintf(anew, sizeof anew, "{\"branch\":330109,\"replaces_ms\"%s}", strchr(body, ':'));
  refused_as(rig_post(&rig, &admin, "/api/v1/invites", anew), 409, "another_invite");
  r = rig_get(&rig, &auditor, "/api/v1/audit/events?group=keys");
  assert_string_equal(at_text(&r, "items.0.kind"), "invite_withdrawn");
  assert_string_equal(at_text(&r, "items.0.kind_title"), "撤回邀请");
  assert_string_equal(at_text(&r, "items.0.detail_title"), "萧山区");
  assert_string_equal(at_text(&r, "items.0.actor"), "admin");
  reply_wipe(&r);
}

/* The line of the first is in somebody's hands already. */
static void an_invitation_ends_only_the_one_that_was_looked_at(void **state)
{
  (void)state;
  static const char path[] = "/api/v1/invites";
  char body[80];
  struct reply r = rig_post(&rig, &admin, path, "{\"branch\":330111}");
  long long first = (long long)at_int(&r, "expires_ms");
  assert_int_equal(r.status, 201);
  reply_wipe(&r);
  r = rig_post(&rig, &admin, path, "{\"branch\":330111,\"replaces_ms\":null}");
  assert_string_equal(at_text(&r, "error.field"), "replaces_ms");
  assert_int_equal(at_int(&r, "error.params.now"), first);
  refused_as(r, 409, "another_invite");
  snprintf(body, sizeof body, "{\"branch\":330111,\"replaces_ms\":%lld}", first + 1);
  refused_as(rig_post(&rig, &admin, path, body), 409, "another_invite");
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM invite WHERE branch = 330111"), 1);
  snprintf(body, sizeof body, "{\"branch\":330111,\"replaces_ms\":%lld}", first);
  r = rig_post(&rig, &admin, path, body);
  assert_int_equal(r.status, 201);
  reply_wipe(&r);
  /* One that was seen and is over by now stands in nobody's way. */
  answered(rig_post(&rig, &admin, path, "{\"branch\":330112,\"replaces_ms\":1}"), 201);
}

static bool certify(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return certificate_add(tx, "c0ffee", 330822, 2, tx->now_ms + 1000000, err) &&
         branch_contact_enrolled(tx, 330822, 2, err);
}

/* The machine of the first enrolment was looked at, and a new one is in by now. */
static void the_enrolment_that_was_looked_at_is_revoked(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  const char *revoke = "/api/v1/branches/330110/revoke";
  refused_as(rig_post(&rig, &admin, revoke, "{}"), 400, "required");
  refused_as(rig_post(&rig, &admin, revoke, "{\"reason\":\"换机\"}"), 400, "required");
  refused_as(rig_post(&rig, &admin, revoke, "{\"reason\":\"换机\",\"epoch\":1}"), 409, "not_enrolled");
  revoke = "/api/v1/branches/330822/revoke";
  assert_true(app_local(&hub.app, certify, NULL, &err));
  struct reply r = rig_post(&rig, &admin, revoke, "{\"reason\":\"失窃\",\"epoch\":1}");
  assert_int_equal(r.status, 409);
  assert_string_equal(at_text(&r, "error.rule"), "another_enrolment");
  assert_int_equal(at_int(&r, "error.params.seen"), 1);
  assert_int_equal(at_int(&r, "error.params.now"), 2);
  reply_wipe(&r);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM certificate WHERE revoked_ms <> 0"), 0);
  answered(rig_post(&rig, &admin, revoke, "{\"reason\":\"失窃\",\"epoch\":2}"), 201);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM certificate WHERE revoked_ms <> 0"), 1);
}

static bool certify_another(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return certificate_add(tx, "c0ffee01", 330825, 1, tx->now_ms + 1000000, err) &&
         branch_contact_enrolled(tx, 330825, 1, err);
}

static bool revoke_now(struct tx *tx, void *ctx, struct err *err)
{
  uint32_t epoch = 0;
  (void)ctx;
  return revoke_record(tx, 330825, "失窃", &epoch, err) && epoch == 1;
}

static int64_t revocations(void)
{
  return rig_count(&hub.app, "SELECT count(*) FROM security_event WHERE kind = 'revoke' AND detail LIKE"
                             " '330825 epoch 1 %'");
}

static int64_t keys_in_force(void)
{
  return rig_count(&hub.app, "SELECT count(*) FROM sync_key WHERE author = 330825 AND revoked_ms = 0");
}

static void the_steward_looks(void)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  assert_true(readers_take(hub.app.readers, &db, &err));
  if (!revoke_carry_out(&hub, db, &err)) fail_msg("%s", err.text);
  readers_give(hub.app.readers, db);
}

/* He does at any moment, also at the next start after a crash: a person's act is none of his. */
static void a_revocation_is_one_event_whenever_the_steward_looks(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  const struct key key = {.author = 330825, .epoch = 1, .since_ms = 1};
  const struct act act = {
      .actor = "admin", .role = "admin", .action = ACTION_SECURITY, .now_ms = clock_wall_ms()};
  assert_true(app_local(&hub.app, certify_another, NULL, &err));
  assert_true(store_key_add(hub.app.store, &key, &err));
  assert_true(app_commit(&hub.app, &act, revoke_now, NULL, NULL, &err));
  assert_int_equal(revocations(), 1);
  assert_int_equal(keys_in_force(), 1);
  the_steward_looks();
  assert_int_equal(keys_in_force(), 0);
  assert_int_equal(revocations(), 1);
}

static bool revoke_beside(struct tx *tx, void *ctx, struct err *err)
{
  int revoked = 0;
  (void)ctx;
  return certificate_revoke(tx, 330881, "by the command line", &revoked, err) && revoked == 1;
}

static bool certify_a_third(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return certificate_add(tx, "c0ffee02", 330881, 1, tx->now_ms + 1000000, err);
}

static void what_is_revoked_beside_the_hub_is_one_event(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  const struct key key = {.author = 330881, .epoch = 1, .since_ms = 1};
  assert_true(app_local(&hub.app, certify_a_third, NULL, &err));
  assert_true(store_key_add(hub.app.store, &key, &err));
  assert_true(app_local(&hub.app, revoke_beside, NULL, &err));
  the_steward_looks();
  the_steward_looks();
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM sync_key WHERE author = 330881 AND"
                                       " revoked_ms = 0"),
                   0);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM security_event WHERE kind = 'revoke' AND"
                                       " actor = 'system' AND detail = '330881 epoch 1 by the command line'"),
                   1);
}

static bool certify_a_fourth(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return certificate_add(tx, "c0ffee03", 330424, 1, tx->now_ms + 1000000, err);
}

static bool revoke_the_fourth(struct tx *tx, void *ctx, struct err *err)
{
  int revoked = 0;
  (void)ctx;
  return certificate_revoke(tx, 330424, "by the command line", &revoked, err);
}

static bool certify_anew(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return certificate_add(tx, "c0ffee04", 330424, 2, tx->now_ms + 1000000, err);
}

/* An invitation is quick, and the steward may have looked a moment before. */
static void who_is_enrolled_again_meanwhile_keeps_the_new_key(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  const struct key key = {.author = 330424, .epoch = 1, .since_ms = 1};
  struct enrolling anew = {.author = 330424, .public_key = {2}};
  assert_true(app_local(&hub.app, certify_a_fourth, NULL, &err));
  assert_true(store_key_add(hub.app.store, &key, &err));
  assert_true(app_local(&hub.app, revoke_the_fourth, NULL, &err));
  assert_true(readers_take(hub.app.readers, &db, &err));
  assert_true(db_exec(db, "BEGIN; SELECT count(*) FROM certificate", &err)); /* he sees what is now */
  assert_true(store_enrol(hub.app.store, &anew, clock_wall_ms(), certify_anew, NULL, &err));
  assert_true(revoke_carry_out(&hub, db, &err));
  assert_true(db_exec(db, "COMMIT", &err));
  readers_give(hub.app.readers, db);
  assert_int_equal(rig_count(&hub.app, "SELECT sum(epoch) FROM sync_key WHERE author = 330424 AND"
                                       " revoked_ms = 0"),
                   2);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM security_event WHERE kind = 'revoke' AND"
                                       " detail LIKE '330424 epoch 2 %'"),
                   0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_invitation_that_was_looked_at_is_withdrawn),
      cmocka_unit_test(an_invitation_ends_only_the_one_that_was_looked_at),
      cmocka_unit_test(the_enrolment_that_was_looked_at_is_revoked),
      cmocka_unit_test(a_revocation_is_one_event_whenever_the_steward_looks),
      cmocka_unit_test(what_is_revoked_beside_the_hub_is_one_event),
      cmocka_unit_test(who_is_enrolled_again_meanwhile_keeps_the_new_key),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
