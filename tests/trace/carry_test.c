/* A branch without any line: a stick up, a stick down, and it is as if there had been one. */
#include "sync/beyond.h"
#include "sync/carry.h"
#include "sync/carry_history.h"
#include "sync/leaves.h"
#include "sync/proof.h"
#include "sync/restored.h"
#include "sync/standing.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "sync/tlog.h"
#include "sync/verify.h"
#include "tests/sim/liar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int64_t START_MS = 1795316000000;

static struct province p;

static struct site *branch(void)
{
  return &p.members[0].site;
}

static void begin(void)
{
  struct err err = ERR_INIT;
  province_open(&p, 2, START_MS);
  site_product(&p.hub, 1, "radish", START_MS);
  site_decide(&p.hub, branch()->code, "accepted", START_MS);
  must(store_sign_log(p.hub.store, START_MS, &err), &err, "store_sign_log");
  site_prices(branch(), 3, START_MS);
  must(store_sign_head(branch()->store, START_MS, &err), &err, "store_sign_head");
}

/* As sunlit-node export does. */
static bool challenge_make_at(const char *path, struct err *err)
{
  struct db *db = NULL;
  bool ok = db_open(&db, path, DB_WRITE, err) && challenge_make(db, err);
  db_close(db);
  return ok;
}

static struct buf export_of(struct site *site, bool all)
{
  uint8_t secret[SECRET_SIZE];
  const struct carry_wanted what = {
      .province = PROVINCE, .branch = site->code, .all = all, .secret = secret, .now_ms = START_MS};
  struct buf out = BUF_INIT;
  struct head through;
  struct err err = ERR_INIT;
  must(store_sign_head(site->store, START_MS, &err), &err, "store_sign_head");
  site_secret(site->code, site->epoch, secret);
  must(challenge_make_at(site->path, &err), &err, "challenge_make");
  must(carry_export(site->db, &what, &out, &through, NULL, &err), &err, "carry_export");
  return out;
}

static bool take(const struct buf *file, struct buf *receipt, struct err *err)
{
  struct carry_facts facts;
  return carry_take(p.hub.store, p.hub.db, file->data, file->size, START_MS + 5000, receipt, &facts, err);
}

static bool receive(struct site *site, const struct buf *receipt, struct err *err)
{
  struct carry_facts facts;
  return carry_receive(site->store, site->db, receipt->data, receipt->size, START_MS + 9000, &facts, err);
}

static void a_stick_up_and_a_stick_down_is_an_exchange(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf receipt = BUF_INIT;
  begin();
  struct buf file = export_of(branch(), false);
  must(take(&file, &receipt, &err), &err, "take");
  assert_int_equal(site_head(&p.hub, branch()->code, 0).seq, 3);
  assert_int_equal(site_count(branch(), "SELECT count(*) FROM sync_receipt"), 0);
  must(receive(branch(), &receipt, &err), &err, "receive");
  assert_int_equal(site_count(branch(), "SELECT max(seq) FROM sync_receipt"), 3);
  assert_int_equal(site_count(branch(), "SELECT sum(count) FROM sync_leaf_run"), 3);
  /* What the province had for the branch came along. */
  assert_int_equal(site_count(branch(), "SELECT count(*) FROM product"), 1);
  assert_int_equal(site_count(branch(), "SELECT count(*) FROM decision"), 1);
  assert_true(site_verifies(branch()));
  assert_true(site_verifies(&p.hub));
  buf_wipe(&file);
  buf_wipe(&receipt);
  province_close(&p);
}

/* So that whoever carries it is told that not all of it is in the file. */
static void what_is_not_signed_yet_stays_and_is_counted(void **state)
{
  (void)state;
  struct buf file = BUF_INIT;
  struct head through;
  struct err err = ERR_INIT;
  uint64_t left = 9;
  begin();
  const struct carry_wanted what = {.province = PROVINCE, .branch = branch()->code, .now_ms = START_MS};
  must(challenge_make_at(branch()->path, &err), &err, "challenge_make");
  must(carry_export(branch()->db, &what, &file, &through, &left, &err), &err, "carry_export");
  assert_int_equal(left, 0);
  site_prices(branch(), 2, START_MS);
  buf_clear(&file);
  must(carry_export(branch()->db, &what, &file, &through, &left, &err), &err, "carry_export");
  assert_int_equal(through.seq, 3);
  assert_int_equal(left, 2);
  buf_wipe(&file);
  province_close(&p);
}

/* One file an entry, which needs nothing else but the log's key: for whoever asks the branch. */
static void each_proved_entry_has_a_file_that_proves_it(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf receipt = BUF_INIT, proof = BUF_INIT, leaf = BUF_INIT;
  struct proof_file parsed;
  struct note_key log;
  struct key hub;
  struct checkpoint checkpoint;
  char origin[TLOG_ORIGIN_SIZE];
  begin();
  struct buf file = export_of(branch(), false);
  must(take(&file, &receipt, &err), &err, "take");
  must(receive(branch(), &receipt, &err), &err, "receive");
  must(key_get(branch()->db, PROVINCE, 1, &hub, &err), &err, "key_get");
  tlog_origin(origin, PROVINCE);
  must(note_key_init(&log, origin, NOTE_KEY_ED25519, hub.public_key, &err), &err, "note_key_init");
  site_prices(branch(), 1, START_MS);
  for (uint64_t seq = 1; seq <= 3; seq++) {
    buf_clear(&proof);
    buf_clear(&leaf);
    must(leaves_proof(branch()->db, (struct stream){branch()->code, 0}, seq, &proof, &err), &err, "a proof");
    must(proof_decode(&parsed, (const char *)proof.data, proof.size, &err) &&
             proof_leaf(&parsed, &leaf, &err) &&
             proof_verify(&parsed, leaf.data, leaf.size, &log, &checkpoint, &err),
         &err, "its proof");
    assert_int_equal(parsed.index, 1 + seq); /* behind two of the province's own */
  }
  buf_clear(&proof);
  assert_false(leaves_proof(branch()->db, (struct stream){branch()->code, 0}, 4, &proof, &err));
  assert_string_equal(err.rule, "not_received");
  buf_wipe(&file);
  buf_wipe(&receipt);
  buf_wipe(&proof);
  buf_wipe(&leaf);
  province_close(&p);
}

static void twice_is_harmless_and_a_line_goes_on_from_there(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf receipt = BUF_INIT, again = BUF_INIT;
  begin();
  struct buf file = export_of(branch(), false);
  must(take(&file, &receipt, &err), &err, "take");
  must(take(&file, &again, &err), &err, "take again");
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_entry"), 5);
  must(receive(branch(), &receipt, &err), &err, "receive");
  must(receive(branch(), &receipt, &err), &err, "receive again");
  must(receive(branch(), &again, &err), &err, "receive the other");
  assert_int_equal(site_count(branch(), "SELECT count(*) FROM sync_leaf_run"), 1);
  site_price(branch(), 4, 400, START_MS);
  province_connect(&p, &p.members[0]);
  province_settle(&p);
  assert_int_equal(site_head(&p.hub, branch()->code, 0).seq, 4);
  assert_int_equal(site_count(branch(), "SELECT max(seq) FROM sync_receipt"), 4);
  /* A receipt from before is no news, and does no harm. */
  must(receive(branch(), &receipt, &err), &err, "receive an old one");
  assert_int_equal(site_count(branch(), "SELECT count(*) FROM sync_evidence"), 0);
  buf_wipe(&file);
  buf_wipe(&receipt);
  buf_wipe(&again);
  province_close(&p);
}

static void a_changed_or_cut_file_is_refused_and_changes_nothing(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf receipt = BUF_INIT;
  begin();
  struct buf file = export_of(branch(), false);
  for (size_t cut = 0; cut < file.size; cut++) {
    const struct buf part = {.data = file.data, .size = cut};
    err_clear(&err);
    assert_false(take(&part, &receipt, &err));
    assert_string_equal(err.rule, cut < 16 ? "not_carried" : "carry");
  }
  /* Behind the head and STANDING, which only say where the branch stands, every byte counts. */
  const size_t standing = 61 + FRAME_HEAD_SIZE, batches = standing + STANDING_SIZE;
  for (size_t i = 57; i < file.size; i++) {
    if (i >= standing && i < batches) continue;
    file.data[i] ^= 4;
    assert_false(take(&file, &receipt, NULL));
    file.data[i] ^= 4;
  }
  assert_int_equal(site_head(&p.hub, branch()->code, 0).seq, 0);
  buf_clear(&receipt);
  must(take(&file, &receipt, &err), &err, "take");
  /* Whatever is made of STANDING, the receipt brings more or less, and nothing false. */
  for (size_t i = standing; i < batches; i++) {
    struct buf other = BUF_INIT;
    file.data[i] ^= 4;
    if (take(&file, &other, NULL)) must(receive(&p.members[0].site, &other, &err), &err, "receive");
    file.data[i] ^= 4;
    buf_wipe(&other);
  }
  assert_true(site_verifies(branch()));
  /* For another branch, it is refused there; of another branch, its batches are. */
  err_clear(&err);
  assert_false(receive(&p.members[1].site, &receipt, &err));
  assert_string_equal(err.rule, "carry_other_branch");
  /* The branch holds a checkpoint, so the next receipt has a proof to be damaged: refused, whoever did it,
   * and never held against the province, which signed no such thing. */
  must(receive(branch(), &receipt, &err), &err, "receive");
  site_prices(branch(), 2, START_MS);
  buf_wipe(&file);
  buf_wipe(&receipt);
  file = export_of(branch(), false);
  must(take(&file, &receipt, &err), &err, "take");
  for (size_t i = 57; i < receipt.size; i++) {
    receipt.data[i] ^= 1;
    assert_false(receive(branch(), &receipt, NULL) &&
                 site_count(branch(), "SELECT max(seq) FROM sync_receipt") != 5);
    receipt.data[i] ^= 1;
    assert_int_equal(site_count(branch(), "SELECT count(*) FROM sync_evidence"), 0);
  }
  must(receive(branch(), &receipt, &err), &err, "receive");
  assert_int_equal(site_count(branch(), "SELECT max(seq) FROM sync_receipt"), 5);
  assert_true(site_verifies(branch()));
  buf_wipe(&file);
  buf_wipe(&receipt);
  province_close(&p);
}

/* Who carries the stick of one branch may not bring another's entries as that branch's. */
static void a_file_speaks_for_the_branch_it_names_alone(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf receipt = BUF_INIT;
  begin();
  struct buf file = export_of(branch(), false);
  struct buf renamed = BUF_INIT;
  struct carry_reader reader;
  must(carry_open(&reader, file.data, file.size, &err), &err, "carry_open");
  reader.head.branch = p.members[1].site.code;
  carry_begin(&renamed, &reader.head);
  put_bytes(&renamed, reader.items.p, reader_left(&reader.items));
  must(carry_end(&renamed, reader.head.count, &err), &err, "carry_end");
  assert_false(take(&renamed, &receipt, &err));
  /* Its cosignature would be refused before that, had it any. */
  assert_string_equal(err.rule, "wrong_stream");
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 0);
  buf_wipe(&file);
  buf_wipe(&renamed);
  buf_wipe(&receipt);
  province_close(&p);
}

static const uint8_t *leaves_of(const struct buf *receipt)
{
  struct carry_reader reader;
  struct frame item;
  assert_true(carry_open(&reader, receipt->data, receipt->size, NULL));
  while (carry_next(&reader, &item))
    if (item.type == FRAME_LEAVES) return item.body;
  fail_msg("the receipt has no LEAVES");
  return NULL;
}

static void refused_by(bool taken, struct err *err, const char *rule, const char *by_name)
{
  assert_false(taken);
  assert_string_equal(err->rule, rule);
  if (!strstr(err->text, by_name)) fail_msg("%s: %s", rule, err->text);
  err_clear(err);
}

/* Whoever brings the wrong file to a door is told what it is and where it belongs; nothing is taken. */
static void each_kind_of_file_is_named_at_a_door_that_is_not_its_own(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf receipt = BUF_INIT, none = BUF_INIT, history = BUF_INIT;
  char own[40], other[40];
  begin();
  struct site *neighbour = &p.members[1].site;
  (void)snprintf(own, sizeof own, "branch %u", branch()->code);
  (void)snprintf(other, sizeof other, "branch %u", neighbour->code);
  struct buf file = export_of(branch(), false), foreign = export_of(neighbour, false);
  must(carry_history(branch()->db, PROVINCE, branch()->code, &history, &err), &err, "carry_history");
  /* At the branch: the file that goes out, before and after the province has it; another's; the history. */
  refused_by(receive(branch(), &file, &err), &err, "carry_entries", own);
  must(take(&file, &receipt, &err), &err, "take");
  refused_by(receive(branch(), &file, &err), &err, "carry_entries", "on its way out");
  refused_by(receive(branch(), &foreign, &err), &err, "carry_other_branch", "the outgoing file of branch");
  refused_by(receive(branch(), &foreign, &err), &err, "carry_other_branch", other);
  refused_by(receive(neighbour, &receipt, &err), &err, "carry_other_branch", "the receipt of branch");
  refused_by(receive(branch(), &history, &err), &err, "carry_history", own);
  assert_int_equal(site_count(branch(), "SELECT count(*) FROM sync_receipt"), 0);
  /* At the province: its own receipt, and a history, which only a rebuilding takes. */
  refused_by(take(&receipt, &none, &err), &err, "carry_receipt", own);
  refused_by(take(&history, &none, &err), &err, "carry_history", "rebuild --from-branches");
  assert_int_equal(none.size, 0);
  must(receive(branch(), &receipt, &err), &err, "receive");
  buf_wipe(&file);
  buf_wipe(&foreign);
  buf_wipe(&history);
  buf_wipe(&receipt);
  buf_wipe(&none);
  province_close(&p);
}

/* A damaged file and an old one ask for different things of whoever brought it. */
static void a_receipt_that_does_not_fit_says_what_is_wrong_with_it(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf receipt = BUF_INIT, note = BUF_INIT;
  struct tlog_state tree;
  enum witness_verdict verdict = WITNESS_UNSIGNED;
  begin();
  struct buf file = export_of(branch(), false);
  must(take(&file, &receipt, &err), &err, "take");
  size_t received_at = (size_t)(leaves_of(&receipt) - receipt.data) + 35;
  receipt.data[received_at] ^= 1;
  assert_false(receive(branch(), &receipt, &err));
  assert_string_equal(err.rule, "carry_other_records");
  receipt.data[received_at] ^= 1;
  err_clear(&err);
  /* The branch has seen a newer log meanwhile, which that receipt's proofs do not lead to. */
  site_product(&p.hub, 2, "carp", START_MS);
  must(store_sign_log(p.hub.store, START_MS, &err), &err, "store_sign_log");
  must(tlog_checkpoint(p.hub.db, &note, &tree, &err), &err, "tlog_checkpoint");
  static struct checkpoint_message newer;
  struct tlog_reader reader;
  struct merkle_source source = tlog_source(&reader, p.hub.db, tree.size);
  newer = (struct checkpoint_message){.old_size = tree.size - 1, .note = {note.data, note.size}};
  must(merkle_prove_consistency(&source, tree.size - 1, tree.size, &newer.proof, &err), &err, "a proof");
  must(store_witness(branch()->store, &newer, START_MS, &verdict, &err, &err), &err, "store_witness");
  assert_int_equal(verdict, WITNESS_TAKEN);
  assert_false(receive(branch(), &receipt, &err));
  assert_string_equal(err.rule, "carry_stale");
  assert_string_equal(err.field, "file");
  assert_non_null(strstr(err.text, "export again"));
  assert_int_equal(site_count(branch(), "SELECT count(*) FROM sync_receipt"), 0);
  buf_wipe(&file);
  buf_wipe(&receipt);
  buf_wipe(&note);
  province_close(&p);
}

static void a_province_that_denies_what_it_proved_gets_all_of_it_again(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf receipt = BUF_INIT;
  begin();
  liar_remember(&p);
  struct buf file = export_of(branch(), false);
  assert_true(take(&file, &receipt, &err) && receive(branch(), &receipt, &err));
  site_prices(branch(), 2, START_MS);
  liar_repent(&p);            /* the province is what it was before */
  for (int i = 0; i < 9; i++) /* and has grown since, */
    site_product(&p.hub, 2 + i, "carp", START_MS);
  must(store_sign_log(p.hub.store, START_MS, &err), &err, "store_sign_log");
  struct db *db = NULL; /* and others have witnessed that, so that it is the log */
  must(db_open(&db, p.hub.path, DB_WRITE, &err), &err, "db_open");
  must(db_exec(db, "INSERT INTO sync_cosigner VALUES('330122.sunlit/witness', x'00000000', 10, 1)", &err),
       &err, "witnessed");
  db_close(db);
  buf_wipe(&file);
  buf_wipe(&receipt);
  file = export_of(branch(), false);
  assert_false(take(&file, &receipt, &err));
  assert_string_equal(err.rule, "gap");
  buf_wipe(&file);
  buf_wipe(&receipt);
  err_clear(&err);
  file = export_of(branch(), true);
  assert_true(take(&file, &receipt, &err));
  assert_int_equal(site_head(&p.hub, branch()->code, 0).seq, 5);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 5);
  buf_wipe(&file);
  buf_wipe(&receipt);
  province_close(&p);
}

/* Up and down once, by stick. */
static void carry_once(struct buf *receipt)
{
  struct err err = ERR_INIT;
  struct buf file = export_of(branch(), false);
  buf_clear(receipt);
  must(take(&file, receipt, &err), &err, "take");
  must(receive(branch(), receipt, &err), &err, "receive");
  buf_wipe(&file);
}

static void a_branch_without_a_line_is_a_witness_all_the_same(void **state)
{
  (void)state;
  struct buf receipt = BUF_INIT;
  begin();
  carry_once(&receipt); /* the first file has nothing to cosign; the receipt brings a checkpoint */
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_cosigner"), 0);
  int64_t held = site_count(branch(), "SELECT size FROM sync_witness");
  assert_true(held > 0);
  site_prices(branch(), 1, START_MS);
  carry_once(&receipt);
  assert_int_equal(site_count(&p.hub, "SELECT size FROM sync_cosigner"), held);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_cosignature"), 1);
  buf_wipe(&receipt);
  province_close(&p);
}

static void what_was_proved_is_proved_again_by_verify(void **state)
{
  (void)state;
  static const struct {
    const char *sql, *found;
  } lies[] = {
      {"UPDATE sync_leaf_run SET received_ms = received_ms + 1", "as this branch wrote them"},
      {"UPDATE sync_leaf_run SET first_pos = first_pos + 1", "as this branch wrote them"},
      {"UPDATE sync_leaf_run SET proof = zeroblob(length(proof))", "as this branch wrote them"},
      {"DELETE FROM sync_checkpoint", "is not here"},
      {"UPDATE sync_checkpoint SET root = zeroblob(32)", "another size or root"},
      {"UPDATE sync_witness SET note = substr(note, 1, length(note) - 20) || 'AAAAAAAA' || substr(note, -12)",
       "the checkpoint of"},
  };
  struct buf receipt = BUF_INIT;
  struct err err = ERR_INIT;
  char honest[200];
  begin();
  carry_once(&receipt);
  (void)snprintf(honest, sizeof honest, "%s/honest", p.folder);
  site_backup(branch(), honest);
  for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
    struct verify_report report;
    struct db *db = NULL;
    site_restore(branch(), honest, START_MS);
    must(db_open(&db, branch()->path, DB_WRITE, &err) && db_exec(db, lies[i].sql, &err), &err, lies[i].sql);
    db_close(db);
    must(store_verify(branch()->path, &report, &err), &err, "store_verify");
    put_u8(&report.text, 0);
    if (report.faults == 0 || !strstr((const char *)report.text.data, lies[i].found))
      fail_msg("%s -> %s", lies[i].sql, (const char *)report.text.data);
    assert_int_equal(report.proofs, 1);
    buf_wipe(&report.text);
  }
  buf_wipe(&receipt);
  province_close(&p);
}

static bool may_write(struct site *site)
{
  return store_writable(site->store, NULL);
}

static void a_restored_branch_without_a_line_goes_on_by_a_receipt(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf old = BUF_INIT, receipt = BUF_INIT;
  struct db *db = NULL;
  char copy[200];
  begin();
  carry_once(&old);
  (void)snprintf(copy, sizeof copy, "%s/backup", p.folder);
  site_backup(branch(), copy);
  must(db_open(&db, copy, DB_WRITE, &err) && restored_mark(db, START_MS, &err), &err, "restored_mark");
  db_close(db);
  /* What the backup does not know. */
  site_prices(branch(), 4, START_MS);
  carry_once(&old);
  site_restore(branch(), copy, START_MS);
  assert_int_equal(site_head(branch(), branch()->code, 0).seq, 3);
  assert_false(may_write(branch()));
  /* A receipt that lay about says nothing of what came after it was written. */
  err_clear(&err);
  (void)receive(branch(), &old, &err);
  assert_false(may_write(branch()));
  struct buf file = export_of(branch(), false);
  must(take(&file, &receipt, &err), &err, "take");
  must(receive(branch(), &receipt, &err), &err, "receive");
  assert_int_equal(site_head(branch(), branch()->code, 0).seq, 7);
  assert_int_equal(site_count(branch(), "SELECT count(*) FROM price"), 7);
  assert_int_equal(site_count(branch(), "SELECT max(seq) FROM sync_receipt"), 7);
  assert_true(may_write(branch()));
  site_prices(branch(), 1, START_MS);
  carry_once(&old);
  assert_int_equal(site_head(&p.hub, branch()->code, 0).seq, 8);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_fork"), 0);
  assert_true(site_verifies(branch()) && site_verifies(&p.hub));
  /* Restored from the same backup once more, that receipt is an old one too. */
  site_restore(branch(), copy, START_MS);
  (void)receive(branch(), &receipt, NULL);
  assert_false(may_write(branch()));
  buf_wipe(&file);
  buf_wipe(&old);
  buf_wipe(&receipt);
  province_close(&p);
}

/* Five entries over the line, two more on a stick; then the disk goes back to the five, and one more is
 * written and received.  The stick comes late. */
static struct buf a_late_stick(void)
{
  char old[200];
  begin();
  (void)snprintf(old, sizeof old, "%s/old.copy", p.folder);
  site_prices(branch(), 2, START_MS);
  province_connect(&p, &p.members[0]);
  province_settle(&p);
  province_hang_up(&p, &p.members[0]);
  site_backup(branch(), old);
  site_price(branch(), 61, 610, START_MS + 1);
  site_price(branch(), 62, 620, START_MS + 2);
  struct buf file = export_of(branch(), true);
  site_restore(branch(), old, START_MS);
  site_price(branch(), 70, 700, START_MS + 3);
  p.mono_ms += 60000;
  province_connect(&p, &p.members[0]);
  province_settle(&p);
  province_hang_up(&p, &p.members[0]);
  assert_int_equal(site_head(&p.hub, branch()->code, 0).seq, 6);
  return file;
}

static void a_stick_of_an_older_disk_that_comes_late_freezes_nothing(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct carry_facts facts;
  struct buf receipt = BUF_INIT;
  struct buf file = a_late_stick();
  for (int twice = 0; twice < 2; twice++) {
    buf_clear(&receipt);
    must(carry_take(p.hub.store, p.hub.db, file.data, file.size, START_MS + 5000, &receipt, &facts, &err),
         &err, "carry_take");
    assert_int_equal(facts.late_from, 6);
    assert_int_equal(facts.late_to, 7);
    assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_aside WHERE state = 'kept'"), 2);
  }
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_fork"), 0);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_stream WHERE frozen_ms <> 0"), 0);
  /* The branch goes on, */
  site_price(branch(), 71, 710, START_MS + 4);
  p.mono_ms += 60000;
  province_connect(&p, &p.members[0]);
  province_settle(&p);
  assert_int_equal(site_head(&p.hub, branch()->code, 0).seq, 7);
  province_hang_up(&p, &p.members[0]);
  /* and takes its own file back, once. */
  for (int twice = 0; twice < 2; twice++) {
    bool back =
        carry_receive(branch()->store, branch()->db, file.data, file.size, START_MS + 9000, &facts, &err);
    assert_int_equal(back, !twice); /* with nothing to give back it is a file on its way out */
    if (twice) assert_string_equal(err.rule, "carry_entries");
    assert_int_equal(facts.returned, twice ? 0 : 2);
    /* Without waiting for a line, which this branch may not have. */
    assert_int_equal(site_count(branch(), "SELECT count(*) FROM sync_aside WHERE state = 'waiting'"), 0);
    assert_int_equal(site_head(branch(), branch()->code, 0).seq, 9);
    p.mono_ms += 60000;
    province_connect(&p, &p.members[0]);
    province_settle(&p);
    province_hang_up(&p, &p.members[0]);
  }
  assert_int_equal(site_head(&p.hub, branch()->code, 0).seq, 9);
  assert_int_equal(
      site_count(&p.hub, "SELECT count(DISTINCT product) FROM price WHERE product IN (61, 62, 70, 71)"), 4);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 9);
  assert_true(site_verifies(&p.hub));
  assert_true(site_verifies(branch()));
  buf_wipe(&receipt);
  buf_wipe(&file);
  province_close(&p);
}

static void what_was_lost_comes_back_from_an_own_export_when_all_else_is_received(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char old[200];
  struct buf file = a_late_stick();
  site_price(branch(), 71, 710, START_MS + 4); /* not received yet */
  assert_false(receive(branch(), &file, &err));
  assert_string_equal(err.rule, "unreceived");
  err_clear(&err);
  assert_int_equal(site_count(branch(), "SELECT count(*) FROM sync_aside"), 0);
  buf_wipe(&file);
  province_close(&p);
  /* What follows on what is here comes back as it was, received or not. */
  begin();
  (void)snprintf(old, sizeof old, "%s/old.copy", p.folder);
  site_backup(branch(), old);
  site_price(branch(), 61, 610, START_MS + 1);
  struct head head = site_head(branch(), branch()->code, 0);
  file = export_of(branch(), false);
  site_restore(branch(), old, START_MS);
  must(receive(branch(), &file, &err), &err, "receive");
  assert_memory_equal(site_head(branch(), branch()->code, 0).hash, head.hash, HASH_SIZE);
  /* And once more: all of it is here. */
  assert_false(receive(branch(), &file, &err));
  assert_string_equal(err.rule, "carry_entries");
  assert_memory_equal(site_head(branch(), branch()->code, 0).hash, head.hash, HASH_SIZE);
  assert_int_equal(site_count(branch(), "SELECT count(*) FROM sync_aside"), 0);
  assert_true(site_verifies(branch()));
  buf_wipe(&file);
  province_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_province_that_denies_what_it_proved_gets_all_of_it_again),
      cmocka_unit_test(a_stick_up_and_a_stick_down_is_an_exchange),
      cmocka_unit_test(a_file_speaks_for_the_branch_it_names_alone),
      cmocka_unit_test(each_kind_of_file_is_named_at_a_door_that_is_not_its_own),
      cmocka_unit_test(a_receipt_that_does_not_fit_says_what_is_wrong_with_it),
      cmocka_unit_test(what_is_not_signed_yet_stays_and_is_counted),
      cmocka_unit_test(each_proved_entry_has_a_file_that_proves_it),
      cmocka_unit_test(a_stick_of_an_older_disk_that_comes_late_freezes_nothing),
      cmocka_unit_test(what_was_lost_comes_back_from_an_own_export_when_all_else_is_received),
      cmocka_unit_test(twice_is_harmless_and_a_line_goes_on_from_there),
      cmocka_unit_test(a_branch_without_a_line_is_a_witness_all_the_same),
      cmocka_unit_test(what_was_proved_is_proved_again_by_verify),
      cmocka_unit_test(a_restored_branch_without_a_line_goes_on_by_a_receipt),
      cmocka_unit_test(a_changed_or_cut_file_is_refused_and_changes_nothing),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
