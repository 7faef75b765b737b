/* A checkpoint has its quorum when the note that is served says so to whoever judges it by its keys: neither
 * a name that two keys have, nor a key of before, stands for another. */
#include "core/base/clock.h"
#include "hub/audit_index.h"
#include "hub/hub.h"
#include "rig.h"
#include "sync/meeting.h"
#include "sync/store_log.h"

#include <stdio.h>
#include <string.h>

enum { WITNESSES = 3 };

static struct hub hub;
static struct db *db;
static struct note_key keys[WITNESSES]; /* the first two are of one name */
static uint8_t secrets[WITNESSES][SECRET_SIZE];
static struct checkpoint signed_now;

static void must(bool ok, const struct err *err)
{
  if (!ok) fail_msg("%s", err->text);
}

static bool setting(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return db_exec(tx->db, "UPDATE catalogue SET rev = rev + 1", err);
}

static void sign_log(void)
{
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT;
  struct note note;
  size_t lines = 0;
  int64_t size = 0;
  const struct act act = {.actor = "system", .role = "system", .action = "test", .now_ms = clock_wall_ms()};
  must(store_commit(hub.app.store, &act, setting, NULL, NULL, &err), &err);
  must(store_sign_head(hub.app.store, clock_wall_ms(), &err), &err);
  must(store_sign_log(hub.app.store, clock_wall_ms(), &err), &err);
  must(db_int(db, "SELECT max(size) FROM sync_checkpoint", 0, &size, &err), &err);
  must(meeting_note(db, (uint64_t)size, &bytes, &lines, &err), &err);
  must(note_open(&note, (const char *)bytes.data, bytes.size, &err) &&
           checkpoint_decode(&signed_now, note.text, note.text_size, &err),
       &err);
  buf_wipe(&bytes);
}

static int setup(void **state)
{
  (void)state;
  static const char *const names[WITNESSES] = {"same.example/w", "same.example/w", "other.example/w"};
  static const char *const words[WITNESSES] = {"witness a ", "\nwitness b ", "\nwitness c "};
  struct err err = ERR_INIT;
  struct buf policy = BUF_INIT;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_seed(&hub.app);
  for (int i = 0; i < WITNESSES; i++) {
    uint8_t public_key[PUBLIC_SIZE];
    sign_pair(public_key, secrets[i]);
    must(note_key_init(&keys[i], names[i], NOTE_KEY_COSIGNATURE, public_key, &err), &err);
    put_text(&policy, words[i]);
    note_key_encode(&policy, &keys[i]);
  }
  put_text(&policy, "\ngroup two 2 a b c\nquorum two\n");
  must(policy_open(&hub.quorum.policy, (const char *)policy.data, policy.size, &err), &err);
  buf_wipe(&policy);
  must(readers_take(hub.app.readers, &db, &err), &err);
  sign_log();
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  readers_give(hub.app.readers, db);
  quorum_close(&hub.quorum);
  rig_site_close(&hub.app);
  return 0;
}

static void cosign(int witness)
{
  struct err err = ERR_INIT;
  struct buf text = BUF_INIT, line = BUF_INIT;
  checkpoint_encode(&text, &signed_now);
  note_cosign(&line, (const char *)text.data, text.size, &keys[witness], secrets[witness], 1780000000);
  const struct cosignature came = {
      .size = signed_now.size, .line = line.data, .line_size = line.size, .heard_ms = 1, .outside = true};
  must(store_cosignature_outside(hub.app.store, &keys[witness], &came, &err), &err);
  buf_wipe(&text);
  buf_wipe(&line);
}

static uint64_t quorum_at(void)
{
  struct err err = ERR_INIT;
  uint64_t size = 0;
  size_t lines = 0;
  bool waits = false;
  must(quorum_meet(&hub, db, clock_wall_ms(), &waits, &err), &err);
  must(quorum_size(db, &size, &lines, &err), &err);
  return size;
}

static void one_line_is_one_witness_whatever_its_name(void **state)
{
  (void)state;
  cosign(0);
  assert_int_equal(quorum_at(), 0);
  cosign(2);
  assert_int_equal(quorum_at(), signed_now.size);
}

static void two_keys_of_one_name_count_once(void **state)
{
  (void)state;
  cosign(0);
  cosign(1);
  assert_int_equal(quorum_at(), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {
      T(one_line_is_one_witness_whatever_its_name),
      T(two_keys_of_one_name_count_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
