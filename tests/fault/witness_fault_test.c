/* Every durable step of a witness, of the log that collects what witnesses say, and of its archive goes wrong
 * once in every way: what was said is remembered after the power is gone, what was not said may be asked
 * again, and a day's lines stand in the archive or where they came in, never in neither.
 * usage: witness_fault_test [full]     without it, every third step */
#include "fake_log.h"
#include "fault_vfs.h"
#include "forge.h"

#include "core/base/clock.h"
#include "sync/add_checkpoint.h"
#include "sync/archive.h"
#include "sync/store_keys.h"
#include "sync/store_log.h"
#include "sync/tlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WITNESSES = 7 };
#define DAY_MS (24LL * 3600 * 1000)

static int stride = 3;
static struct site site;
static struct fake_log log_of;

static void copy_to(const char *from, const char *to)
{
  char command[500];
  snprintf(command, sizeof command, "rm -f %s-wal %s-shm %s*.synced && cp %s %s", to, to, to, from, to);
  assert_int_equal(system(command), 0);
}

/* One try of something durable: opens, arms, tries, takes the power away if that was the fault, opens again.
 */
struct matrix {
  const char *what;
  bool (*attempt)(struct store *store); /* true: it said that it is done */
  bool (*sound)(bool done);             /* with `site` open again, before the second try */
  bool (*again)(void);                  /* the same call goes through now, to the same end */
};

static void run_matrix(const struct matrix *m)
{
  char template[200];
  int runs = 0;
  snprintf(template, sizeof template, "%s.template", site.path);
  copy_to(site.path, template);
  for (int kind = 0; kind < FAULT_KINDS; kind++) {
    bool hit = true;
    for (int step = 1 + (stride > 1 ? kind % stride : 0); hit; step += stride) {
      struct store *store = NULL;
      copy_to(template, site.path);
      assert_true(store_open(&store, &site.config, NULL));
      fault_arm((enum fault_kind)kind, step);
      bool done = m->attempt(store);
      store_close(store);
      fault_disarm(&hit);
      if (kind == FAULT_POWER && hit) fault_lose_unsynced(fixture_folder());
      site_reopen(&site);
      bool ok = m->sound(done) && m->again() && site_verifies(&site);
      if (!ok) fail_msg("%s, step %d %s, %s", m->what, step, fault_names[kind], done ? "done" : "not done");
      site_close(&site);
      runs++;
    }
  }
  print_message("%s: %d faults\n", m->what, runs);
}

/* ---- a node holds a checkpoint ---- */

static struct buf question; /* of the standard, from 5 to 20 */
static struct buf note;     /* the checkpoint of 20 */
static struct checkpoint_message message;
static struct policy *policy;

static uint64_t held(void)
{
  struct witness_held h;
  assert_true(witness_held(site.reader, log_of.key.name, &h, NULL));
  assert_string_equal(h.distrust, "");
  return h.size;
}

static bool offer(struct store *store)
{
  enum witness_verdict verdict = WITNESS_UNSIGNED;
  struct err why = ERR_INIT;
  return store_witness(store, &message, FIXTURE_NOW_MS, &verdict, &why, NULL) &&
         (verdict == WITNESS_TAKEN || verdict == WITNESS_HELD);
}

static bool held_when_said(bool done)
{
  return held() == 20 || (!done && held() == 5);
}

static bool held_again(void)
{
  return offer(site.store) && held() == 20 && site_int(&site, "SELECT count(*) FROM sync_evidence") == 0;
}

static bool ask(struct store *store)
{
  struct add_answer answer;
  bool ok = store_add_checkpoint(store, policy, (struct span){question.data, question.size}, FIXTURE_NOW_MS,
                                 &answer, NULL) &&
            answer.status == 200 && answer.body.size > 0;
  buf_wipe(&answer.body);
  return ok;
}

/* Asked again, a witness that holds it already names its size, and the log goes on from there. */
static bool asked_again(void)
{
  return (ask(site.store) || held() == 20) && held() == 20 &&
         site_int(&site, "SELECT count(*) FROM sync_evidence") == 0;
}

static void open_witness(void)
{
  struct key key = {.author = PROVINCE, .epoch = 1, .since_ms = 1};
  struct add_checkpoint q = {.old = 5};
  struct buf first, text = BUF_INIT;
  struct merkle_source source = fake_log_source(&log_of);
  enum witness_verdict verdict;
  struct err why = ERR_INIT;
  site_open(&site, "node", CHUNAN, 1);
  log_of = fake_log_make("330000.sunlit/log");
  site_key(PROVINCE, 1, key.public_key, log_of.secret);
  assert_true(note_key_init(&log_of.key, "330000.sunlit/log", NOTE_KEY_ED25519, key.public_key, NULL));
  assert_true(store_key_add(site.store, &key, NULL));
  first = fake_log_note(&log_of, 5);
  message = (struct checkpoint_message){.note = {first.data, first.size}};
  assert_true(store_witness(site.store, &message, FIXTURE_NOW_MS, &verdict, &why, NULL));
  note = fake_log_note(&log_of, 20);
  assert_true(merkle_prove_consistency(&source, 5, 20, &q.proof, NULL));
  message = (struct checkpoint_message){.old_size = 5, .proof = q.proof, .note = {note.data, note.size}};
  q.note = (const char *)note.data;
  q.note_size = note.size;
  add_checkpoint_encode(&question, &q);
  put_text(&text, "log ");
  note_key_encode(&text, &log_of.key);
  put_text(&text, "\nquorum none\n");
  assert_true(policy_open(&policy, (const char *)text.data, text.size, NULL));
  buf_wipe(&text);
  buf_wipe(&first);
  site_close(&site);
}

static void what_a_witness_has_said_it_remembers(void **state)
{
  (void)state;
  fixture_begin();
  fault_vfs_install();
  open_witness();
  run_matrix(&(struct matrix){"a checkpoint over the line", offer, held_when_said, held_again});
  fixture_end();
  fixture_begin();
  policy_close(policy);
  buf_clear(&question);
  buf_wipe(&note);
  open_witness();
  run_matrix(&(struct matrix){"add-checkpoint", ask, held_when_said, asked_again});
  policy_close(policy);
  buf_wipe(&question);
  buf_wipe(&note);
  fixture_end();
}

/* ---- the hub collects and archives ---- */

static struct note_key keys[WITNESSES];
static struct buf lines[WITNESSES];
static uint64_t signed_size;

static bool collect_one(struct store *store, int i)
{
  struct cosignature came = {.size = signed_size,
                             .line = lines[i].data,
                             .line_size = lines[i].size,
                             .heard_ms = FIXTURE_NOW_MS,
                             .outside = true};
  return store_cosignature_outside(store, &keys[i], &came, NULL);
}

static bool collect(struct store *store)
{
  return collect_one(store, 0);
}

/* The line and how far its key has come, both or neither. */
static bool collected_when_said(bool done)
{
  int64_t rows = site_int(&site, "SELECT count(*) FROM sync_cosignature");
  return rows == site_int(&site, "SELECT count(*) FROM sync_cosigner") && (rows == 1 || (rows == 0 && !done));
}

static bool collected_again(void)
{
  return collect(site.store) && collected_when_said(true);
}

static bool archive(struct store *store)
{
  int days = 0;
  return store_archive(store, FIXTURE_NOW_MS + DAY_MS, &days, NULL);
}

static bool archived_whole(bool done)
{
  int64_t kept = site_int(&site, "SELECT coalesce(sum(lines), 0) FROM sync_archive");
  int64_t left = site_int(&site, "SELECT count(*) FROM sync_cosignature");
  if (kept == 0) return left == WITNESSES && !done;
  return kept == WITNESSES && left == 0;
}

static bool archived_again(void)
{
  struct buf bytes = BUF_INIT;
  struct note opened;
  bool ok = archive(site.store) && archived_whole(true) &&
            archive_note(site.reader, date_of_ms(FIXTURE_NOW_MS), 0, &bytes, NULL) &&
            note_open(&opened, (const char *)bytes.data, bytes.size, NULL);
  for (int i = 0; ok && i < WITNESSES; i++)
    ok = note_verify(&opened, &keys[i], NULL, NULL);
  buf_wipe(&bytes);
  return ok;
}

/* A hub with a signed checkpoint and the lines of seven witnesses over it. */
static void open_log(void)
{
  struct tlog_state state;
  struct buf signed_note = BUF_INIT;
  struct note opened;
  site_open(&site, "hub", PROVINCE, 1);
  assert_true(site_commit(&site, 0, "INSERT INTO product VALUES(1, 'tea', 'kg', NULL, 1.0)", NULL, NULL));
  assert_true(store_sign_log(site.store, FIXTURE_NOW_MS, NULL));
  assert_true(tlog_checkpoint(site.reader, &signed_note, &state, NULL));
  assert_true(note_open(&opened, (const char *)signed_note.data, signed_note.size, NULL));
  signed_size = state.size;
  for (int i = 0; i < WITNESSES; i++) {
    char name[40];
    uint8_t public_key[PUBLIC_SIZE], secret[SECRET_SIZE];
    site_key((uint32_t)(500000 + i), 1, public_key, secret);
    snprintf(name, sizeof name, "w%d.example", i);
    assert_true(note_key_init(&keys[i], name, NOTE_KEY_COSIGNATURE, public_key, NULL));
    buf_wipe(&lines[i]);
    note_cosign(&lines[i], opened.text, opened.text_size, &keys[i], secret, FIXTURE_NOW_MS / 1000);
  }
  buf_wipe(&signed_note);
}

static void a_cosignature_is_kept_with_its_meaning_or_not_at_all(void **state)
{
  (void)state;
  fixture_begin();
  fault_vfs_install();
  open_log();
  site_close(&site);
  run_matrix(&(struct matrix){"a cosignature", collect, collected_when_said, collected_again});
  fixture_end();
}

static void a_days_lines_are_in_the_archive_or_where_they_came_in(void **state)
{
  (void)state;
  fixture_begin();
  fault_vfs_install();
  open_log();
  for (int i = 0; i < WITNESSES; i++)
    assert_true(collect_one(site.store, i));
  /* The log has grown since: nothing of that day is served any more. */
  assert_true(site_commit(&site, 0, "INSERT INTO product VALUES(2, 'rice', 'kg', NULL, 1.0)", NULL, NULL));
  assert_true(store_sign_log(site.store, FIXTURE_NOW_MS, NULL));
  site_close(&site);
  run_matrix(&(struct matrix){"the archive", archive, archived_whole, archived_again});
  for (int i = 0; i < WITNESSES; i++)
    buf_wipe(&lines[i]);
  fixture_end();
}

static void a_full_disk_is_said_by_each_of_them(void **state)
{
  (void)state;
  struct err err = ERR_INIT, why = ERR_INIT;
  enum witness_verdict verdict = WITNESS_UNSIGNED;
  struct add_answer answer;
  bool hit = false;
  int days = 0;
  fixture_begin();
  fault_vfs_install();
  open_witness();
  site_reopen(&site);
  fault_arm(FAULT_FULL, 1);
  assert_false(store_witness(site.store, &message, FIXTURE_NOW_MS, &verdict, &why, &err));
  fault_disarm(&hit);
  assert_true(hit);
  assert_string_equal(err.rule, "disk_full");
  err_clear(&err);
  fault_arm(FAULT_FULL, 1);
  assert_false(store_add_checkpoint(site.store, policy, (struct span){question.data, question.size},
                                    FIXTURE_NOW_MS, &answer, &err));
  fault_disarm(&hit);
  assert_int_equal(answer.body.size, 0); /* nothing is cosigned that is not on the disk */
  assert_string_equal(err.rule, "disk_full");
  assert_true(ask(site.store));
  site_close(&site);
  fixture_end();
  fixture_begin();
  open_log();
  assert_true(collect(site.store));
  err_clear(&err);
  fault_arm(FAULT_FULL, 1);
  assert_false(store_archive(site.store, FIXTURE_NOW_MS + DAY_MS, &days, &err));
  fault_disarm(&hit);
  assert_string_equal(err.rule, "disk_full");
  assert_true(archive(site.store));
  site_close(&site);
  policy_close(policy);
  buf_wipe(&question);
  buf_wipe(&note);
  fixture_end();
}

int main(int argc, char **argv)
{
  if (argc > 1 && strcmp(argv[1], "full") == 0) stride = 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_a_witness_has_said_it_remembers),
      cmocka_unit_test(a_cosignature_is_kept_with_its_meaning_or_not_at_all),
      cmocka_unit_test(a_days_lines_are_in_the_archive_or_where_they_came_in),
      cmocka_unit_test(a_full_disk_is_said_by_each_of_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
