/* Every statement that a site needs to read, to sign, to take or to carry goes wrong once: nobody is given
 * half of an answer, and nothing is half taken. */
#include "fault_statement.h"
#include "fixture.h"

#include "core/base/limits.h"
#include "sync/archive.h"
#include "sync/aside.h"
#include "sync/carry.h"
#include "sync/carry_history.h"
#include "sync/cosigner.h"
#include "sync/evidence.h"
#include "sync/keep.h"
#include "sync/keep_log.h"
#include "sync/leaves.h"
#include "sync/lost.h"
#include "sync/meeting.h"
#include "sync/mirror.h"
#include "sync/prefix.h"
#include "sync/prover.h"
#include "sync/restored.h"
#include "sync/standing.h"
#include "sync/store_keys.h"
#include "sync/store_log.h"
#include "sync/stranger.h"
#include "sync/tables.h"
#include "sync/tlog.h"
#include "sync/withholding.h"
#include "sync/witness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct site hub, node;
static const struct stream own = {CHUNAN, 0}, shared = {PROVINCE, 0};
static const struct moment now = {.mono_ms = 1000, .wall_ms = FIXTURE_NOW_MS};
static struct note_key log_of;
static char origin[TLOG_ORIGIN_SIZE];
static uint64_t size; /* of the log that the node holds */

static void grow(int from, int n)
{
  struct err err = ERR_INIT;
  for (int i = 0; i < n; i++)
    site_record_price(&node, from + i);
  site_pull(&hub, &node, own);
  assert_true(store_sign_log(hub.store, FIXTURE_NOW_MS, &err));
}

/* The checkpoint and the proof that it continues the one held; the node's own entries in it. */
static void tell(void)
{
  static struct checkpoint_message checkpoint;
  static struct leaves_message leaves;
  struct tlog_state tree;
  struct tlog_reader reader;
  struct buf note = BUF_INIT;
  struct err err = ERR_INIT, why = ERR_INIT;
  enum witness_verdict verdict = WITNESS_UNSIGNED;
  assert_true(tlog_checkpoint(hub.reader, &note, &tree, &err));
  struct merkle_source source = tlog_source(&reader, hub.reader, tree.size);
  checkpoint = (struct checkpoint_message){.old_size = size, .note = {note.data, note.size}};
  assert_true(merkle_prove_consistency(&source, size, tree.size, &checkpoint.proof, &err));
  assert_true(store_witness(node.store, &checkpoint, FIXTURE_NOW_MS, &verdict, &why, &err));
  assert_int_equal(verdict, WITNESS_TAKEN);
  size = tree.size;
  assert_true(leaves_find(hub.reader, own, 1, &leaves, &err) &&
              leaves_prove(hub.reader, size, &leaves, &err));
  assert_true(store_leaves(node.store, &leaves, &err));
  buf_wipe(&note);
}

static int setup(void **state)
{
  struct err err = ERR_INIT;
  (void)state;
  fault_statement_install();
  fixture_pair(&hub, &node);
  tlog_origin(origin, PROVINCE);
  assert_true(note_key_init(&log_of, origin, NOTE_KEY_ED25519, hub.public_key, &err));
  assert_true(site_commit(&hub, CHUNAN,
                          "INSERT INTO product VALUES(1, 'tea', 'kg', NULL, 1.0);"
                          "INSERT INTO decision VALUES(330127, (1 << 40) | (1 << 12), 'yes')",
                          NULL, &err));
  site_pull(&node, &hub, shared);
  site_pull(&node, &hub, (struct stream){PROVINCE, CHUNAN});
  grow(1, 3);
  tell();
  assert_true(store_meeting(hub.store, FIXTURE_NOW_MS, &err));
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  assert_true(site_verifies(&hub) && site_verifies(&node));
  fixture_pair_end(&hub, &node);
  return 0;
}

typedef bool work_fn(struct err *err);

static void each_step(const char *name, work_fn *work)
{
  for (int n = 1, hit = 1; hit; n++) {
    struct err err = ERR_INIT;
    fault_statement_arm(n);
    bool ok = work(&err);
    hit = fault_statement_disarm();
    if (ok == (bool)hit)
      fail_msg("%s: %s when statement %d went wrong (%s)", name, ok ? "goes on" : "fails", hit ? n : 0,
               err.text);
    if (hit && err.kind != ERR_IO)
      fail_msg("%s: statement %d went wrong, and what is told is %s: %s", name, n, err.rule, err.text);
    assert_true(n < 5000);
  }
}

#define STEP(name, call)                                                                                     \
  static bool name(struct err *err)                                                                          \
  {                                                                                                          \
    return call;                                                                                             \
  }

/* ---- reading ---- */

static struct head head;
static struct buf out;
static uint64_t number;
static int64_t ms;
static bool found;

static bool each_stream(void *ctx, struct stream stream)
{
  (void)ctx;
  (void)stream;
  return true;
}
static bool each_key(void *ctx, const struct key *key)
{
  (void)ctx;
  (void)key;
  return true;
}
static void each_act(void *ctx, const struct withholding *act)
{
  (void)ctx;
  (void)act;
}
static void each_aside(void *ctx, const struct aside_row *row)
{
  (void)ctx;
  (void)row;
}

static bool read_streams(struct err *err)
{
  bool lost = false;
  struct backlog backlog;
  struct batch_head batch;
  uint64_t at = 0;
  uint8_t hash[HASH_SIZE];
  int64_t pos = 0;
  buf_clear(&out);
  return stream_head(hub.reader, own, &head, err) && stream_find(hub.reader, own, 2, &pos, err) &&
         stream_frozen(hub.reader, own, &found, err) && stream_list(hub.reader, each_stream, NULL, err) &&
         store_batch_read(hub.reader, own, 0, NULL, &batch, &out, err) &&
         stream_backlog(node.reader, own, 1, &backlog, err) &&
         stream_acked(node.reader, own, &number, &ms, err) &&
         stream_received_ms(node.reader, own, 2, &ms, err) &&
         stream_cursor(hub.reader, CHUNAN, shared, &number, &ms, err) &&
         entry_signed_by(hub.reader, pos, &ms, err) && prefix_at(hub.reader, own, 2, &at, hash, &lost, err) &&
         prefix_made_ms(hub.reader, own, 2, &ms, err);
}
static bool compare_prefix(struct err *err)
{
  bool lost = false;
  enum prefix prefix;
  uint8_t hash[HASH_SIZE];
  uint64_t at = 0;
  return prefix_at(hub.reader, own, 2, &at, hash, &lost, err) &&
         prefix_compare(hub.reader, own, at, hash, &prefix, err);
}
static bool read_keys(struct err *err)
{
  struct key key;
  struct note_key witness;
  return key_get(hub.reader, CHUNAN, 1, &key, err) && key_in_force(hub.reader, CHUNAN, 1, &key, err) &&
         key_list(hub.reader, 0, each_key, NULL, err) && log_key(node.reader, PROVINCE, &witness, err) &&
         store_branch_witness(hub.reader, CHUNAN, &witness, err);
}
static bool read_log(struct err *err)
{
  struct tlog_state tree, published;
  struct merkle_hash root;
  const struct tile tile = {.width = 1};
  buf_clear(&out);
  return tlog_state(hub.reader, &tree, err) && tlog_checkpoint(hub.reader, &out, &tree, err) &&
         tlog_checkpoint_of(hub.reader, size, &out, &tree, err) &&
         tlog_published(hub.reader, &out, &published, err) &&
         tlog_root_at(hub.reader, tree.size, 2, &root, err) &&
         tlog_tile(hub.reader, &tile, tree.size, &out, err);
}
static bool prove_leaves(struct err *err)
{
  static struct leaves_message m;
  return leaves_find(hub.reader, own, 2, &m, err) && leaves_prove(hub.reader, size, &m, err);
}
static bool check_leaves(struct err *err)
{
  static struct leaves_message m;
  buf_clear(&out);
  int64_t until_pos = 0;
  return leaves_next(node.reader, 0, &m, &found, err) && leaves_check(node.reader, own, &m, 0, err) &&
         leaves_check(node.reader, own, &m, 1000, err) && leaves_proof(node.reader, own, 2, &out, err) &&
         leaves_former_next(node.reader, &until_pos, &m, &found, err);
}
static bool read_meeting(struct err *err)
{
  struct meeting meeting;
  struct tlog_state tree;
  size_t lines = 0;
  buf_clear(&out);
  return meeting_get(hub.reader, &meeting, err) && meeting_note(hub.reader, size, &out, &lines, err) &&
         quorum_note(hub.reader, &out, &tree, err) && quorum_size(hub.reader, &number, &lines, err);
}
static bool read_memory(struct err *err)
{
  static struct witness_held held;
  struct aside_counts asides;
  uint8_t challenge[CHALLENGE_SIZE];
  struct witnessed mark;
  return witness_held(node.reader, origin, &held, err) && aside_count(hub.reader, &asides, err) &&
         aside_list(hub.reader, 5, each_aside, NULL, err) && restored_state(hub.reader, &ms, err) &&
         challenge_get(hub.reader, challenge, &found, err) && stranger_any(hub.reader, &found, err) &&
         stranger_is_settled(hub.reader, CHUNAN, "4a", &found, err) &&
         lost_any(hub.reader, PROVINCE, &found, err) && log_went_back(hub.reader, PROVINCE, &found, err) &&
         witnessed_get(hub.reader, &mark, err) && witnessed_waits(hub.reader, 1, &ms, err) &&
         cosigner_size(hub.reader, &log_of, &number, &number, err);
}
static bool read_withheld(struct err *err)
{
  static struct withholding act;
  buf_clear(&out);
  return withholding_any(hub.reader, own, 1, 9, &found, err) &&
         withholding_get(hub.reader, own, 1, &act, &found, &out, err) &&
         withholding_list(hub.reader, 0, each_act, NULL, err) && withholding_allowed(hub.reader, 4, err);
}
static bool build_evidence(struct err *err)
{
  const struct evidence_config config = {
      .folder = "bundle", .report = "a price\n", .log = &log_of, .now_ms = FIXTURE_NOW_MS};
  const struct evidence_entry entry = {3, "a price\n"};
  buf_clear(&out);
  return evidence_build(hub.reader, &config, &entry, 1, &out, err);
}
static bool read_mirror(struct err *err)
{
  static const uint8_t key[BOX_KEY_SIZE] = {7};
  uint64_t to = size;
  buf_clear(&out);
  return mirror_of_log(hub.reader, 330122, key, 0, &to, &out, err) &&
         mirror_of_kept(node.reader, 0, &to, &out, err) && mirror_through(node.reader, &number, err);
}
static bool read_kept(struct err *err)
{
  const struct keep_log given = {.province = 330000, .branch = 330122, .key = {7}};
  uint64_t to = 0, at = 0, pos = 0, seq = 1;
  uint8_t id[KEEPERS_ID_SIZE];
  static struct keepers all;
  buf_clear(&out);
  return keep_log_next(hub.reader, &given, 0, size, &to, &out, err) &&
         keepers_read(&all, hub.reader, 330000, err) && keep_through(node.reader, &number, err) &&
         keep_keepers_id(node.reader, id, err) && keep_is_before(node.reader, 0, 1, 9, &found, err) &&
         keep_give_hashes(node.reader, &at, &out, err) && keep_give_leaves(node.reader, &pos, &out, err) &&
         keep_give_places(node.reader, &seq, &out, err);
}
static bool tell_a_branch(struct err *err)
{
  struct wire wire;
  struct prover p = {.stream = own, .next_seq = 1};
  wire_init(&wire, 0);
  bool ok = prover_tell(&p, hub.reader, &wire, now, err) && prover_fill(&p, hub.reader, &wire, now, err);
  wire_wipe(&wire);
  return ok;
}
static bool read_archive(struct err *err)
{
  buf_clear(&out);
  return archive_list(hub.reader, &out, err);
}
STEP(bring_history, (buf_clear(&out), carry_history(node.reader, PROVINCE, CHUNAN, &out, err)))

static bool read_tables(struct err *err)
{
  struct tables tables;
  bool ok = tables_load(&tables, hub.reader, err);
  if (ok) tables_close(&tables);
  return ok;
}
/* Whose faults are of the database, and not of what it holds. */
static bool verify(struct err *err)
{
  struct verify_report report;
  bool ok = store_verify(hub.path, &report, err) && report.faults == 0;
  buf_wipe(&report.text);
  return ok;
}

static void whoever_reads_is_told(void **state)
{
  (void)state;
  each_step("read_streams", read_streams);
  each_step("compare_prefix", compare_prefix);
  each_step("read_keys", read_keys);
  each_step("read_log", read_log);
  each_step("prove_leaves", prove_leaves);
  each_step("check_leaves", check_leaves);
  each_step("read_meeting", read_meeting);
  each_step("read_memory", read_memory);
  each_step("read_withheld", read_withheld);
  each_step("build_evidence", build_evidence);
  each_step("read_mirror", read_mirror);
  each_step("read_kept", read_kept);
  each_step("tell_a_branch", tell_a_branch);
  each_step("read_archive", read_archive);
  each_step("bring_history", bring_history);
  each_step("read_tables", read_tables);
  each_step("verify", verify);
}

/* ---- writing ---- */

static struct batch *batch;

static bool one_price(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return price_insert(tx, 50, err);
}
static bool record(struct err *err)
{
  const struct act act = {
      .actor = "officer", .role = "officer", .action = "price.record", .now_ms = FIXTURE_NOW_MS};
  return store_commit(node.store, &act, one_price, NULL, NULL, err);
}
STEP(sign, store_sign_head(node.store, FIXTURE_NOW_MS, err))
static bool apply(struct err *err)
{
  struct apply_result result;
  return store_apply(hub.store, &batch, 1, FIXTURE_NOW_MS, &result, err);
}
STEP(sign_log, store_sign_log(hub.store, FIXTURE_NOW_MS + 1000, err))
STEP(meet, store_meeting(hub.store, FIXTURE_NOW_MS + 1000, err))
static bool cosign(struct err *err)
{
  buf_clear(&out);
  return store_cosign(node.store, FIXTURE_NOW_MS, &number, &out, err);
}

static void what_fails_is_not_there(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  each_step("record", record);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 4);
  assert_true(stream_head(node.reader, own, &head, &err));
  assert_int_equal(head.seq, 4);
  each_step("sign", sign);
  assert_true(stream_head(hub.reader, own, &head, &err));
  batch = site_batch(&node, own, head.seq, 0);
  assert_non_null(batch);
  each_step("apply", apply);
  batch_close(batch);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 4);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_quarantine"), 0);
  each_step("sign_log", sign_log);
  each_step("meet", meet);
  each_step("cosign", cosign);
}

static bool act_upon_second(struct tx *tx, void *ctx, struct err *err)
{
  const struct withholding act = {
      .no = "", .rule = "pipl_47", .reason = "asked for", .request = 1, .asked_by = "curator", .asked_ms = 1};
  int64_t pos = -1;
  (void)ctx;
  return stream_find(tx->db, own, 2, &pos, err) && withholding_add(tx, pos, &act, err);
}
static bool withhold(struct err *err)
{
  const struct act act = {.actor = "chief", .role = "admin", .action = "withhold", .now_ms = FIXTURE_NOW_MS};
  return store_commit(hub.store, &act, act_upon_second, NULL, NULL, err);
}

/* And whoever looks afterwards whether it is gone is not told that it is because nobody could look. */
static void what_is_withheld_is_gone_or_still_there(void **state)
{
  (void)state;
  each_step("withhold", withhold);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM withholding"), 1);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_entry WHERE payload IS NULL"), 1);
  each_step("read_withheld", read_withheld);
  each_step("verify", verify);
  site_pull(&node, &hub, shared);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_entry WHERE payload IS NULL"), 1);
}

/* ---- by stick ---- */

static struct buf file, receipt;
static struct carry_facts facts;

static bool export(struct err *err)
{
  const struct carry_wanted what = {
      .province = PROVINCE, .branch = CHUNAN, .secret = node.config.secret, .now_ms = FIXTURE_NOW_MS};
  buf_clear(&file);
  return carry_export(node.reader, &what, &file, &head, &number, err);
}
static bool take(struct err *err)
{
  buf_clear(&receipt);
  return carry_take(hub.store, hub.reader, file.data, file.size, FIXTURE_NOW_MS, &receipt, &facts, err);
}
static bool receive(struct err *err)
{
  return carry_receive(node.store, node.reader, receipt.data, receipt.size, FIXTURE_NOW_MS, &facts, err);
}

static void what_is_carried_arrives_whole(void **state)
{
  (void)state;
  site_record_price(&node, 60);
  struct err err = ERR_INIT;
  assert_true(store_sign_head(node.store, FIXTURE_NOW_MS, &err));
  each_step("export", export);
  each_step("take", take);
  each_step("receive", receive);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 4); /* five, and one is withheld */
  assert_int_equal(site_int(&node, "SELECT max(seq) FROM sync_receipt"), 5);
  buf_wipe(&file);
  buf_wipe(&receipt);
  buf_wipe(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whoever_reads_is_told),
      cmocka_unit_test(what_fails_is_not_there),
      cmocka_unit_test(what_is_withheld_is_gone_or_still_there),
      cmocka_unit_test(what_is_carried_arrives_whole),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
