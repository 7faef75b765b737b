/* sunlit-verify - the auditor's program: no network, no database, no trust in the province.
 *
 * Each operand is recognised by what it is: a folder or URL laid out as tlog-tiles, an evidence bundle, a
 * tlog-proof file (with --leaf), a proof of consistency, a batch file, what is carried by hand.  It prints
 * what it proved, for whom and until when, and what it did not.  Exit 0: everything verified; 1: something
 * did not, with one line that says what and where; 2: usage.   */
#include "core/base/clock.h"
#include "core/base/crypto.h"
#include "core/base/limits.h"
#include "core/base/say.h"
#include "sync/batch.h"
#include "sync/carry.h"
#include "sync/consistency.h"
#include "sync/evidence.h"
#include "sync/proof.h"
#include "sync/tlog.h"
#include "verify/after_key.h"
#include "verify/audit_log.h"
#include "verify/carried.h"
#include "verify/notes.h"
#include "verify/options.h"
#include "verify/payloads.h"
#include "verify/source.h"
#include "verify/unpacked.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What every kind of file is verified with. */
struct auditor {
  struct options options;
  struct notes *notes;
  struct payloads *payloads; /* NULL: nothing is written out */
};

static const char usage[] =
    "usage: sunlit-verify [--log VKEY] [--keys FILE] [--policy FILE] [--leaf FILE] [--ca FILE] [--token "
    "FILE]\n"
    "                     FILE|FOLDER|URL ...\n"
    "       sunlit-verify payloads --stream AUTHOR/LANE --out FOLDER --keys FILE FILE ...\n"
    "\n"
    "Verifies, without the province's help, what the province or a branch handed over:\n"
    "  a log folder or URL (checkpoint, tile/...)   every entry, tile, chain, signature and the signed root\n"
    "  an evidence bundle (.tar, or unpacked)        every entry in it, from the author's signature to the "
    "checkpoint\n"
    "  a proof file (c2sp.org/tlog-proof@v1)         the leaf in it, or given with --leaf\n"
    "  a proof of consistency                        that a checkpoint you kept is the beginning of a newer "
    "one; with --log\n"
    "  a checkpoint, or notes of a day's archive     the log's signature and the cosignatures of known keys\n"
    "  a batch, or a file carried by hand            chain and signature, with the author's key from --keys\n"
    "payloads verifies files of entries and writes what they say as changesets of SQLite's session "
    "extension,\n"
    "one file an entry; 330127/0 is all that branch 330127 wrote, 330000/0 what the province wrote for "
    "everybody\n"
    "\n"
    "  --log VKEY     the log's verifier key that you keep; without it a bundle's own key is used, and it "
    "says so\n"
    "  --keys FILE    lines 'author CODE epoch N since MS revoked MS HEX', as in a bundle's keys.txt\n"
    "  --policy FILE  a c2sp.org/tlog-policy: the cosignatures a checkpoint must have\n"
    "  --leaf FILE    the leaf a proof file is about\n"
    "  --ca FILE      for URLs: the province's certificate authority, as its hub serves it under /ca.crt "
    "(PEM or DER)\n"
    "  --token FILE   for URLs: what the province's administrator got from sunlit-hub log-token for you\n"
    "  --help, --version\n";

static void say_time(const char *label, int64_t ms)
{
  char text[30];
  time_format(text, ms);
  say("  %s %s\n", label, text);
}

static void say_checkpoint(const struct checkpoint *checkpoint)
{
  struct buf root = BUF_INIT;
  base64_encode(&root, checkpoint->root.bytes, HASH_SIZE);
  say("  checkpoint of %s: %" PRIu64 " entries, root %.*s\n", checkpoint->origin, checkpoint->size,
      (int)root.size, (const char *)root.data);
  buf_wipe(&root);
}

/* The checkpoint that is served with its quorum beside the newest one.  A log without it is judged by its
 * newest alone; one whose quorum the policy does not see is as good as none. */
static bool read_witnessed(const struct auditor *auditor, const char *where, struct audit_beginning *out,
                           bool *found, struct err *err)
{
  struct buf bytes = BUF_INIT;
  struct err why = ERR_INIT;
  struct note note;
  struct checkpoint checkpoint;
  *found = false;
  if (!source_read(where, CHECKPOINT_WITNESSED, NOTE_SIZE_MAX, &bytes, &why)) {
    buf_wipe(&bytes);
    return why.kind == ERR_MISSING || err_set(err, why.kind, "%s", why.text);
  }
  bool ok = notes_weigh(auditor->notes, bytes.data, bytes.size, found, err) &&
            note_open(&note, (const char *)bytes.data, bytes.size, err) &&
            checkpoint_decode(&checkpoint, note.text, note.text_size, err);
  if (ok) *out = (struct audit_beginning){.size = checkpoint.size, .root = checkpoint.root};
  buf_wipe(&bytes);
  return ok || err_prefix(err, CHECKPOINT_WITNESSED);
}

/* With a policy: the newest checkpoint has its quorum, or the log begins with one that has. */
static bool judge_log(const struct auditor *auditor, const struct buf *newest, uint64_t size,
                      const struct audit_beginning *beginning, struct err *err)
{
  bool met = false;
  if (!notes_weigh(auditor->notes, newest->data, newest->size, &met, err)) return false;
  if (!auditor->options.policy) return true;
  if (met && policy_asks_nobody(auditor->options.policy))
    say("  not proved: that others than the province know of the log: the policy asks for no witness "
        "(quorum none)\n");
  else if (met)
    say("  proved: the policy's quorum has witnessed all %" PRIu64 " entries\n", size);
  else if (beginning)
    say("  proved: the policy's quorum has witnessed the first %" PRIu64 " entries\n"
        "  not proved: that others than the province know of the %" PRIu64 " entries after them\n",
        beginning->size, size - beginning->size);
  else
    return err_rule(err, ERR_DENIED, "policy", "quorum",
                    "the witnesses that the policy wants have not all cosigned");
  return true;
}

static void say_log(const char *where, const struct audit_result *result)
{
  say("%s: verified\n", where);
  say_checkpoint(&result->checkpoint);
  say("  proved: all %" PRIu64 " entries and every tile have the root of this checkpoint; %" PRIu64
      " streams without gap or fork; %" PRIu64 " signatures of authors\n",
      result->checkpoint.size, result->streams, result->signatures);
  if (result->checkpoint.size) say_time("until", result->last_received_ms);
  if (result->lost) {
    say("  lost: %" PRIu64 " entries have their place and hash, and nobody has what they said; the province "
        "says so in this log\n",
        result->lost);
    say_lines(result->lost_text.data, result->lost_text.size);
    if (result->by_log_alone)
      say("  held by the log alone: %" PRIu64 " entries before them, whose author's signature was lost\n",
          result->by_log_alone);
    if (result->lost_links)
      say("  not proved: that %" PRIu64 " entries behind them name what is lost\n", result->lost_links);
  }
  if (!result->checkpoint_signed) say("  not proved: that the province signed it (give --log)\n");
  if (result->unknown_keys)
    say("  not proved: %" PRIu64 " signatures of authors whose keys were not given (--keys)\n",
        result->unknown_keys);
  if (result->unsigned_tail)
    say("  not proved: who wrote %" PRIu64 " entries that no verified signature covers\n",
        result->unsigned_tail);
  say_lines(result->after_text.data, result->after_text.size);
}

static bool verify_log(const struct auditor *auditor, const char *where, struct err *err)
{
  struct audit_beginning beginning;
  struct audit_result result;
  struct buf newest = BUF_INIT;
  bool found = false;
  if (auditor->options.policy && !read_witnessed(auditor, where, &beginning, &found, err)) return false;
  struct audit_config config = {.where = where,
                                .log = options_log(&auditor->options),
                                .keys = auditor->options.keys,
                                .key_count = auditor->options.key_count,
                                .beginning = found ? &beginning : NULL,
                                .note = &newest};
  bool ok = audit_log(&config, &result, err);
  if (ok) say_log(where, &result);
  ok = ok && judge_log(auditor, &newest, result.checkpoint.size, found ? &beginning : NULL, err);
  buf_wipe(&newest);
  buf_wipe(&result.lost_text);
  buf_wipe(&result.after_text);
  return ok;
}

static void say_withheld(const struct evidence_fact *fact)
{
  char when[30];
  if (fact->act.pos < 0) return;
  time_format(when, fact->act.at_ms);
  say("    payload withheld by law under %s, at %s by %s, asked for by %s: entry %" PRId64
      " of this bundle\n",
      fact->act.rule, when, fact->act.actor, fact->act.asked_by, fact->act.pos);
}

/* The payload of each, or of how many and of which not. */
static void say_proved(const struct evidence_result *result)
{
  say("  proved: record, %schain, author's signature and place in the log of each entry in this bundle, "
      "%zu in all\n",
      result->absent ? "" : "payload, ", result->count);
  if (!result->absent) return;
  say("  proved: payload of %zu of them\n", result->count - result->absent);
  for (size_t i = 0; i < result->count; i++)
    if (result->facts[i].absent && result->facts[i].act.pos < 0)
      say("  not proved: what entry %" PRId64 " says: the bundle does not have its payload\n",
          result->facts[i].pos);
}

static const char *of_the_key(const struct evidence_fact *fact)
{
  if (after_key(fact->revoked_ms, fact->received_ms)) return ", AFTER its key had been revoked";
  return fact->revoked_ms ? ", the key was revoked later" : "";
}

static void say_after_keys(const struct evidence_result *result)
{
  struct buf lines = BUF_INIT;
  for (size_t i = 0; i < result->count; i++) {
    const struct evidence_fact *fact = &result->facts[i];
    if (after_key(fact->revoked_ms, fact->received_ms))
      after_key_line(&lines, fact->author, 1, (uint64_t)fact->pos, (uint64_t)fact->pos);
  }
  say_lines(lines.data, lines.size);
  buf_wipe(&lines);
}

/* What an auditor keeps decides: another key for an epoch they know is none of that branch's, and one they
 * know as revoked is.  *known: all of them are among theirs. */
static bool are_the_auditors_keys(const struct options *options, struct evidence_result *result, bool *known,
                                  struct err *err)
{
  *known = options->key_count > 0;
  for (size_t i = 0; i < result->count; i++) {
    struct evidence_fact *fact = &result->facts[i];
    bool there = false, same = false;
    for (size_t k = 0; k < options->key_count; k++) {
      const struct author_key *key = &options->keys[k];
      if (key->author != fact->author || key->epoch != fact->epoch) continue;
      there = true;
      if (memcmp(key->public_key, fact->key, PUBLIC_SIZE) != 0) continue;
      same = true;
      if (key->revoked_ms) fact->revoked_ms = key->revoked_ms;
    }
    if (there && !same)
      return err_rule(err, ERR_REFUTED, "keys", "other_key",
                      "entry %" PRId64
                      " is signed with another key of author %u, epoch %u than the keys that were given "
                      "have",
                      fact->pos, fact->author, fact->epoch);
    *known = *known && same;
  }
  return true;
}

static bool verify_bundle(const struct auditor *auditor, const char *where, const struct buf *bytes,
                          struct err *err)
{
  struct evidence_result *result = calloc(1, sizeof *result);
  if (!result) return err_set(err, ERR_IO, "out of memory");
  bool known = false;
  bool ok = evidence_verify(bytes->data, bytes->size, options_log(&auditor->options), result, err) &&
            are_the_auditors_keys(&auditor->options, result, &known, err) &&
            notes_judge(auditor->notes, result->note, result->note_size, err);
  if (ok) {
    say("%s: verified\n", where);
    say_checkpoint(&result->checkpoint);
    for (size_t i = 0; i < result->count; i++) {
      const struct evidence_fact *fact = &result->facts[i];
      char claimed[30];
      char received[30];
      time_format(claimed, fact->claimed_ms);
      time_format(received, fact->received_ms);
      say("  entry %" PRId64 ": written by %u (seq %" PRIu64 ", epoch %u), claimed %s, received %s%s\n",
          fact->pos, fact->author, fact->seq, fact->epoch, claimed, received, of_the_key(fact));
      say_withheld(fact);
    }
    say_proved(result);
    struct buf vkey = BUF_INIT;
    note_key_encode(&vkey, &result->log);
    if (!result->log_pinned)
      say("  not proved: that the log's key in the bundle is the province's: compare %.*s\n", (int)vkey.size,
          (const char *)vkey.data);
    say("  not proved: what report.txt and words.txt say, the words of whoever made the bundle: payload.bin "
        "has "
        "what was signed\n");
    if (known)
      say("  proved: that the keys are among those that were given\n");
    else
      say("  not proved: that keys.txt names the branches' true keys\n");
    say_after_keys(result);
    say("  not proved: that goods existed, or that clocks were right\n");
    if (result->strangers)
      say("  not part of it: %zu files that " EVIDENCE_SUMS " does not name\n", result->strangers);
    buf_wipe(&vkey);
  }
  free(result);
  return ok;
}

/* Which entry it is; nothing when the leaf is of another program. */
static void say_entry(const struct buf *bytes)
{
  struct leaf leaf;
  struct record record;
  char claimed[30];
  if (!leaf_decode(&leaf, bytes->data, bytes->size, NULL) ||
      !record_decode(&record, leaf.record, leaf.record_size, NULL))
    return;
  time_format(claimed, (int64_t)(record.hlc >> 16));
  say("  entry %" PRIu64 " of author %u, claimed %s\n", record.seq, record.stream.author, claimed);
}

static bool verify_proof(const struct auditor *auditor, const char *where, const struct buf *bytes,
                         struct err *err)
{
  struct proof_file proof;
  struct checkpoint checkpoint;
  struct buf brought = BUF_INIT;
  const struct buf *leaf = auditor->options.leaf.size ? &auditor->options.leaf : &brought;
  if (!proof_decode(&proof, (const char *)bytes->data, bytes->size, err)) return false;
  if (!auditor->options.log_given)
    return err_rule(err, ERR_INPUT, "log", "required", "a proof needs the log's key: --log VKEY");
  bool ok = (leaf != &brought || proof_leaf(&proof, &brought, err) ||
             err_prefix(err, "give it with --leaf FILE")) &&
            proof_verify(&proof, leaf->data, leaf->size, &auditor->options.log, &checkpoint, err);
  if (ok) say_entry(leaf);
  buf_wipe(&brought);
  if (!ok) return false;
  say("%s: verified\n", where);
  say_checkpoint(&checkpoint);
  say("  proved: the entry is number %" PRIu64 " of this log\n", proof.index);
  say("  not proved: who wrote it (its author's signature is not part of a proof file)\n");
  return notes_judge(auditor->notes, proof.note, proof.note_size, err);
}

static bool verify_consistency(const struct auditor *auditor, const char *where, const struct buf *bytes,
                               struct err *err)
{
  struct consistency both;
  struct checkpoint older, newer;
  if (!auditor->options.log_given)
    return err_rule(err, ERR_INPUT, "log", "required",
                    "a proof of consistency needs the log's key: --log VKEY");
  if (!consistency_decode(&both, (const char *)bytes->data, bytes->size, err) ||
      !consistency_verify(&both, &auditor->options.log, &older, &newer, err))
    return false;
  say("%s: verified\n", where);
  say_checkpoint(&older);
  say_checkpoint(&newer);
  say("  proved: the first %" PRIu64 " entries of the newer one are those of the older one, in their order: "
      "none was changed, taken out or put in\n",
      older.size);
  say("  not proved: anything about entries after the newer one, or what the entries say\n");
  return notes_judge(auditor->notes, both.newer, both.newer_size, err);
}

static struct carried_config carried_of(const struct auditor *auditor, const char *where)
{
  return (struct carried_config){.where = where,
                                 .log = options_log(&auditor->options),
                                 .keys = auditor->options.keys,
                                 .key_count = auditor->options.key_count,
                                 .take = auditor->payloads ? payloads_take : NULL,
                                 .ctx = auditor->payloads};
}

static bool verify_carried(const struct auditor *auditor, const char *where, const struct buf *bytes,
                           struct err *err)
{
  const struct carried_config config = carried_of(auditor, where);
  return carried_verify(&config, bytes->data, bytes->size, err);
}

static bool verify_batch(const struct auditor *auditor, const char *where, const struct buf *bytes,
                         struct err *err)
{
  struct batch *batch = NULL;
  if (!batch_open(&batch, bytes->data, bytes->size, err)) return false;
  const struct batch_head *head = &batch->head;
  const struct carried_config config = carried_of(auditor, where);
  const struct author_key *key = carried_key(&config, head->stream.author, head->epoch, err);
  bool ok = key && batch_verify(batch, key->public_key, err) &&
            (!config.take || config.take(config.ctx, batch, err));
  if (ok) {
    say("%s: verified\n", where);
    say("  proved: %u entries of author %u, lane %u, seq %" PRIu64 " to %" PRIu64
        ", chained and signed with epoch %u\n",
        head->count, head->stream.author, head->stream.lane, head->first_seq, batch_last_seq(head),
        head->epoch);
    carried_say_absent(batch);
    say_time("the last is of", (int64_t)(batch->entries[head->count - 1].hlc >> 16));
    say("  not proved: that the province has received them, or that seq %" PRIu64 " and before are whole\n",
        head->first_seq);
  }
  batch_close(batch);
  return ok;
}

static bool verify_folder(const struct auditor *auditor, const char *where, struct err *err)
{
  if (!unpacked_is(where)) return verify_log(auditor, where, err);
  struct buf bytes = BUF_INIT;
  bool ok = unpacked_pack(where, &bytes, err) && verify_bundle(auditor, where, &bytes, err);
  buf_wipe(&bytes);
  return ok || err_prefix(err, "%s", where);
}

static bool verify_file(const struct auditor *auditor, const char *where, const struct buf *bytes,
                        struct err *err)
{
  static const char proof_head[] = "c2sp.org/tlog-proof@v1\n";
  if (carry_is(bytes->data, bytes->size)) return verify_carried(auditor, where, bytes, err);
  bool bundle = bytes->size > 512 && memcmp(bytes->data + 257, "ustar", 5) == 0;
  bool proof = bytes->size > sizeof proof_head && memcmp(bytes->data, proof_head, sizeof proof_head - 1) == 0;
  bool other =
      bundle || proof || consistency_is(bytes->data, bytes->size) || notes_is(bytes->data, bytes->size);
  if (other && auditor->payloads)
    return err_rule(
        err, ERR_INPUT, "payloads", "payloads",
        "payloads are written out of files of entries (sunlit-node export --all, a receipt, a batch)");
  if (proof) return verify_proof(auditor, where, bytes, err);
  if (bundle) return verify_bundle(auditor, where, bytes, err);
  if (consistency_is(bytes->data, bytes->size)) return verify_consistency(auditor, where, bytes, err);
  if (other) return notes_verify(auditor->notes, where, bytes->data, bytes->size, err);
  return verify_batch(auditor, where, bytes, err);
}

static bool verify(const struct auditor *auditor, const char *where, struct err *err)
{
  enum source_kind kind;
  if (!source_kind(where, &kind, err)) return false;
  if (kind != SOURCE_FILE && auditor->payloads)
    return err_rule(err, ERR_INPUT, "payloads", "payloads",
                    "%s: the log has the hashes of payloads, not the payloads; give a file of entries "
                    "(sunlit-node export --all)",
                    where);
  if (kind == SOURCE_URL) return verify_log(auditor, where, err);
  if (kind == SOURCE_FOLDER) return verify_folder(auditor, where, err);
  struct buf bytes = BUF_INIT;
  bool ok =
      source_read(where, NULL, EVIDENCE_SIZE_MAX, &bytes, err) && verify_file(auditor, where, &bytes, err);
  buf_wipe(&bytes);
  return ok || err_prefix(err, "%s", where);
}

static int refuse(const struct err *err)
{
  say_wrong("sunlit-verify: NOT VERIFIED: %s\n", err->text);
  return 1;
}

static int misused(const char *what)
{
  say_wrong("sunlit-verify: %s\n", what);
  say_wrong_lines(usage, sizeof usage - 1);
  return 2;
}

/* Options up to the first operand: where that stands, or 0 with the exit code set. */
static int take_options(struct options *options, int argc, char **argv, int at, int *code)
{
  for (; at < argc && strncmp(argv[at], "--", 2) == 0; at += 2) {
    struct err err = ERR_INIT;
    bool ok = at + 1 < argc && options_take(options, argv[at], argv[at + 1], &err);
    if (ok) continue;
    *code = at + 1 == argc || strcmp(err.rule, "option") == 0 ? misused("unknown option or missing value")
                                                              : refuse(&err);
    return 0;
  }
  if (at == argc) *code = misused("nothing to verify");
  return at == argc ? 0 : at;
}

static int run(struct auditor *auditor, int argc, char **argv)
{
  struct err err = ERR_INIT;
  struct options *options = &auditor->options;
  int code = 0;
  bool payloads = argc > 1 && strcmp(argv[1], "payloads") == 0;
  if (argc == 2 && strcmp(argv[1], "--version") == 0) return say("sunlit-verify " SUNLIT_VERSION "\n"), 0;
  if (argc == 2 && strcmp(argv[1], "--help") == 0) return say_lines(usage, sizeof usage - 1), 0;
  if (!crypto_start(&err)) return refuse(&err);
  int at = take_options(options, argc, argv, payloads ? 2 : 1, &code);
  if (at == 0) return code;
  if (payloads != (options->out != NULL) || payloads != (options->stream.author != 0))
    return misused("payloads takes --stream and --out; nothing else does");
  struct payloads written = {.stream = options->stream, .folder = options->out};
  if (payloads) auditor->payloads = &written;
  const struct notes_config notes = {.log = options_log(options),
                                     .keys = options->keys,
                                     .key_count = options->key_count,
                                     .policy = options->policy};
  if (!notes_open(&auditor->notes, &notes, &err)) return refuse(&err);
  for (; at < argc; at++) {
    err_clear(&err);
    if (!verify(auditor, argv[at], &err)) code = refuse(&err);
  }
  err_clear(&err);
  if (payloads && code == 0 && !payloads_say(&written, &err)) code = refuse(&err);
  return notes_quorum(auditor->notes, &err) ? code : refuse(&err);
}

int main(int argc, char **argv)
{
  struct auditor auditor = {.notes = NULL};
  int code = run(&auditor, argc, argv);
  notes_close(auditor.notes);
  options_wipe(&auditor.options);
  return code;
}
