/* sunlit-verify - the auditor's program: no network, no database, no trust in the province.
 *
 * Each operand is recognised by what it is: a folder or URL laid out as tlog-tiles, an evidence bundle, a
 * tlog-proof file (with --leaf), a proof of consistency, a batch file, what is carried by hand.  It prints
 * what it proved, for whom and until when, and what it did not.  Exit 0: everything verified; 1: something
 * did not, with one line that says what and where; 2: usage.   */
#include "core/base/clock.h"
#include "core/base/crypto.h"
#include "core/base/limits.h"
#include "sync/batch.h"
#include "sync/carry.h"
#include "sync/consistency.h"
#include "sync/evidence.h"
#include "sync/policy.h"
#include "sync/proof.h"
#include "sync/tlog.h"
#include "verify/audit_log.h"
#include "verify/carried.h"
#include "verify/notes.h"
#include "verify/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 16384, KEYS_FILE_MAX = 4 * 1024 * 1024 };

struct options {
  struct note_key log;
  bool log_given;
  struct author_key *keys;
  size_t key_count;
  struct policy *policy;
  struct buf leaf;
  struct notes *notes;
};

static const char usage[] =
    "usage: sunlit-verify [--log VKEY] [--keys FILE] [--policy FILE] [--leaf FILE] FILE|FOLDER|URL ...\n"
    "\n"
    "Verifies, without the province's help, what the province or a branch handed over:\n"
    "  a log folder or URL (checkpoint, tile/...)   every entry, tile, chain, signature and the signed root\n"
    "  an evidence bundle (.tar)                     every entry in it, from the author's signature to the "
    "checkpoint\n"
    "  a proof file (c2sp.org/tlog-proof@v1)         the leaf in it, or given with --leaf\n"
    "  a proof of consistency                        that a checkpoint you kept is the beginning of a newer "
    "one; with --log\n"
    "  a checkpoint, or notes of a day's archive     the log's signature and the cosignatures of known keys\n"
    "  a batch, or a file carried by hand            chain and signature, with the author's key from --keys\n"
    "\n"
    "  --log VKEY     the log's verifier key that you keep; without it a bundle's own key is used, and it "
    "says so\n"
    "  --keys FILE    lines 'author CODE epoch N since MS revoked MS HEX', as in a bundle's keys.txt\n"
    "  --policy FILE  a c2sp.org/tlog-policy: the cosignatures a checkpoint must have\n"
    "  --leaf FILE    the leaf a proof file is about\n"
    "  --help, --version\n";

static void say_time(const char *label, int64_t ms)
{
  char text[30];
  time_format(text, ms);
  printf("  %s %s\n", label, text);
}

static void say_checkpoint(const struct checkpoint *checkpoint)
{
  struct buf root = BUF_INIT;
  base64_encode(&root, checkpoint->root.bytes, HASH_SIZE);
  printf("  checkpoint of %s: %" PRIu64 " entries, root %.*s\n", checkpoint->origin, checkpoint->size,
         (int)root.size, (const char *)root.data);
  buf_wipe(&root);
}

static bool judge(const struct options *options, const void *bytes, size_t size, struct err *err)
{
  if (!options->policy) return true;
  struct note note;
  struct policy_result result;
  if (!note_open(&note, bytes, size, err)) return false;
  policy_judge(options->policy, &note, &result);
  printf("  witnesses: %zu of the %zu that the policy names\n", result.witnesses,
         policy_witnesses(options->policy));
  return result.met || err_rule(err, ERR_DENIED, "policy", "quorum",
                                "the witnesses that the policy wants have not all cosigned");
}

static bool verify_folder(const struct options *options, const char *where, struct err *err)
{
  struct audit_config config = {.where = where,
                                .log = options->log_given ? &options->log : NULL,
                                .keys = options->keys,
                                .key_count = options->key_count};
  struct audit_result result;
  if (!audit_log(&config, &result, err)) return false;
  printf("%s: verified\n", where);
  say_checkpoint(&result.checkpoint);
  printf("  proved: all %" PRIu64 " entries and every tile have the root of this checkpoint; %" PRIu64
         " streams without gap or fork; %" PRIu64 " signatures of authors\n",
         result.checkpoint.size, result.streams, result.signatures);
  if (result.checkpoint.size) say_time("until", result.last_received_ms);
  if (!result.checkpoint_signed) printf("  not proved: that the province signed it (give --log)\n");
  if (result.unknown_keys)
    printf("  not proved: %" PRIu64 " signatures of authors whose keys were not given (--keys)\n",
           result.unknown_keys);
  if (result.unsigned_tail)
    printf("  not proved: who wrote %" PRIu64 " entries that no verified signature covers\n",
           result.unsigned_tail);
  struct buf note = BUF_INIT;
  bool ok = !options->policy || (source_read(where, "checkpoint", NOTE_SIZE_MAX, &note, err) &&
                                 judge(options, note.data, note.size, err));
  buf_wipe(&note);
  return ok;
}

static void say_withheld(const struct evidence_fact *fact)
{
  char when[30];
  if (!fact->withheld) return;
  if (fact->act.pos < 0) {
    printf("    payload withheld; the bundle does not have the act that says why\n");
    return;
  }
  time_format(when, fact->act.at_ms);
  printf("    payload withheld by law under %s, at %s by %s, asked for by %s: entry %" PRId64
         " of this bundle\n",
         fact->act.rule, when, fact->act.actor, fact->act.asked_by, fact->act.pos);
}

static bool verify_bundle(const struct options *options, const char *where, const struct buf *bytes,
                          struct err *err)
{
  struct evidence_result *result = calloc(1, sizeof *result);
  if (!result) return err_set(err, ERR_IO, "out of memory");
  bool ok = evidence_verify(bytes->data, bytes->size, options->log_given ? &options->log : NULL, result, err);
  if (ok) {
    printf("%s: verified\n", where);
    say_checkpoint(&result->checkpoint);
    for (size_t i = 0; i < result->count; i++) {
      const struct evidence_fact *fact = &result->facts[i];
      char claimed[30];
      char received[30];
      time_format(claimed, fact->claimed_ms);
      time_format(received, fact->received_ms);
      printf("  entry %" PRId64 ": written by %u (seq %" PRIu64 ", epoch %u), claimed %s, received %s%s\n",
             fact->pos, fact->author, fact->seq, fact->epoch, claimed, received,
             fact->key_revoked ? ", the key was revoked later" : "");
      say_withheld(fact);
    }
    printf("  proved: record, payload, chain, author's signature and place in the log of %zu entries\n",
           result->count);
    struct buf vkey = BUF_INIT;
    note_key_encode(&vkey, &result->log);
    if (!result->log_pinned)
      printf("  not proved: that the log's key in the bundle is the province's: compare %.*s\n",
             (int)vkey.size, (const char *)vkey.data);
    printf("  not proved: that keys.txt names the branches' true keys, that goods existed, or that clocks "
           "were right\n");
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
  printf("  entry %" PRIu64 " of author %u, claimed %s\n", record.seq, record.stream.author, claimed);
}

static bool verify_proof(const struct options *options, const char *where, const struct buf *bytes,
                         struct err *err)
{
  struct proof_file proof;
  struct checkpoint checkpoint;
  struct buf brought = BUF_INIT;
  const struct buf *leaf = options->leaf.size ? &options->leaf : &brought;
  if (!proof_decode(&proof, (const char *)bytes->data, bytes->size, err)) return false;
  if (!options->log_given)
    return err_rule(err, ERR_INPUT, "log", "required", "a proof needs the log's key: --log VKEY");
  bool ok = (leaf != &brought || proof_leaf(&proof, &brought, err) ||
             err_prefix(err, "give it with --leaf FILE")) &&
            proof_verify(&proof, leaf->data, leaf->size, &options->log, &checkpoint, err);
  if (ok) say_entry(leaf);
  buf_wipe(&brought);
  if (!ok) return false;
  printf("%s: verified\n", where);
  say_checkpoint(&checkpoint);
  printf("  proved: the entry is number %" PRIu64 " of this log\n", proof.index);
  printf("  not proved: who wrote it (its author's signature is not part of a proof file)\n");
  return judge(options, proof.note, proof.note_size, err);
}

static bool verify_consistency(const struct options *options, const char *where, const struct buf *bytes,
                               struct err *err)
{
  struct consistency both;
  struct checkpoint older, newer;
  if (!options->log_given)
    return err_rule(err, ERR_INPUT, "log", "required",
                    "a proof of consistency needs the log's key: --log VKEY");
  if (!consistency_decode(&both, (const char *)bytes->data, bytes->size, err) ||
      !consistency_verify(&both, &options->log, &older, &newer, err))
    return false;
  printf("%s: verified\n", where);
  say_checkpoint(&older);
  say_checkpoint(&newer);
  printf("  proved: the first %" PRIu64
         " entries of the newer one are those of the older one, in their order: "
         "none was changed, taken out or put in\n",
         older.size);
  printf("  not proved: anything about entries after the newer one, or what the entries say\n");
  return judge(options, both.newer, both.newer_size, err);
}

static struct carried_config carried_of(const struct options *options, const char *where)
{
  return (struct carried_config){.where = where,
                                 .log = options->log_given ? &options->log : NULL,
                                 .keys = options->keys,
                                 .key_count = options->key_count};
}

static bool verify_carried(const struct options *options, const char *where, const struct buf *bytes,
                           struct err *err)
{
  const struct carried_config config = carried_of(options, where);
  return carried_verify(&config, bytes->data, bytes->size, err);
}

static bool verify_batch(const struct options *options, const char *where, const struct buf *bytes,
                         struct err *err)
{
  struct batch *batch = NULL;
  if (!batch_open(&batch, bytes->data, bytes->size, err)) return false;
  const struct batch_head *head = &batch->head;
  const struct carried_config config = carried_of(options, where);
  const struct author_key *key = carried_key(&config, head->stream.author, head->epoch, err);
  bool ok = key && batch_verify(batch, key->public_key, err);
  if (ok) {
    printf("%s: verified\n", where);
    printf("  proved: %u entries of author %u, lane %u, seq %" PRIu64 " to %" PRIu64
           ", chained and signed with epoch %u\n",
           head->count, head->stream.author, head->stream.lane, head->first_seq, batch_last_seq(head),
           head->epoch);
    say_time("the last is of", (int64_t)(batch->entries[head->count - 1].hlc >> 16));
    printf("  not proved: that the province has received them, or that seq %" PRIu64
           " and before are whole\n",
           head->first_seq);
  }
  batch_close(batch);
  return ok;
}

static bool verify(const struct options *options, const char *where, struct err *err)
{
  enum source_kind kind;
  if (!source_kind(where, &kind, err)) return false;
  if (kind != SOURCE_FILE) return verify_folder(options, where, err);
  static const char proof_head[] = "c2sp.org/tlog-proof@v1\n";
  struct buf bytes = BUF_INIT;
  bool ok = source_read(where, NULL, EVIDENCE_SIZE_MAX, &bytes, err);
  if (ok && bytes.size > sizeof proof_head && memcmp(bytes.data, proof_head, sizeof proof_head - 1) == 0)
    ok = verify_proof(options, where, &bytes, err);
  else if (ok && consistency_is(bytes.data, bytes.size))
    ok = verify_consistency(options, where, &bytes, err);
  else if (ok && bytes.size > 512 && memcmp(bytes.data + 257, "ustar", 5) == 0)
    ok = verify_bundle(options, where, &bytes, err);
  else if (ok && carry_is(bytes.data, bytes.size))
    ok = verify_carried(options, where, &bytes, err);
  else if (ok && notes_is(bytes.data, bytes.size))
    ok = notes_verify(options->notes, where, bytes.data, bytes.size, err);
  else if (ok)
    ok = verify_batch(options, where, &bytes, err);
  buf_wipe(&bytes);
  return ok || err_prefix(err, "%s", where);
}

/* ---- options ---- */

static bool read_keys(struct options *options, const char *path, struct err *err)
{
  struct buf text = BUF_INIT;
  bool ok = source_read(path, NULL, KEYS_FILE_MAX, &text, err);
  put_u8(&text, 0);
  free(options->keys); /* given twice: the last one counts */
  options->key_count = 0;
  options->keys = ok ? calloc(KEYS_MAX, sizeof *options->keys) : NULL;
  if (ok && (!options->keys || text.bad)) ok = err_set(err, ERR_IO, "out of memory");
  char *rest = NULL;
  size_t number = 0;
  for (char *line = ok ? strtok_r((char *)text.data, "\n", &rest) : NULL; ok && line;
       line = strtok_r(NULL, "\n", &rest)) {
    number++;
    if (strncmp(line, "log ", 4) == 0 || line[0] == '#') continue;
    struct author_key key;
    char hex[2 * PUBLIC_SIZE + 2] = "";
    if (options->key_count == KEYS_MAX ||
        sscanf(line, "author %" SCNu32 " epoch %" SCNu32 " since %*d revoked %*d %65s", &key.author,
               &key.epoch, hex) != 3 ||
        !hex_decode(key.public_key, PUBLIC_SIZE, hex))
      ok = err_rule(err, ERR_INPUT, "keys", "keys", "%s, line %zu: not an author's key", path, number);
    else
      options->keys[options->key_count++] = key;
  }
  buf_wipe(&text);
  return ok;
}

static bool read_policy(struct options *options, const char *path, struct err *err)
{
  struct buf text = BUF_INIT;
  bool ok = source_read(path, NULL, POLICY_SIZE_MAX, &text, err) &&
            policy_open(&options->policy, (const char *)text.data, text.size, err);
  buf_wipe(&text);
  const struct note_key *logs = NULL;
  if (ok && !options->log_given && policy_logs(options->policy, &logs) == 1) {
    options->log = logs[0];
    options->log_given = true;
  }
  return ok || err_prefix(err, "%s", path);
}

static bool take_option(struct options *options, const char *name, const char *value, struct err *err)
{
  if (strcmp(name, "--keys") == 0) return read_keys(options, value, err);
  if (strcmp(name, "--policy") == 0) return read_policy(options, value, err);
  if (strcmp(name, "--leaf") == 0) return source_read(value, NULL, 65535, &options->leaf, err);
  options->log_given = true;
  return note_key_decode(&options->log, value, err);
}

static bool is_option(const char *word)
{
  return strcmp(word, "--log") == 0 || strcmp(word, "--keys") == 0 || strcmp(word, "--policy") == 0 ||
         strcmp(word, "--leaf") == 0;
}

static int refuse(const struct err *err)
{
  fprintf(stderr, "sunlit-verify: NOT VERIFIED: %s\n", err->text);
  return 1;
}

static int run(struct options *options, int argc, char **argv)
{
  struct err err = ERR_INIT;
  int at = 1;
  if (argc == 2 && strcmp(argv[1], "--version") == 0) return puts("sunlit-verify " SUNLIT_VERSION) < 0;
  if (argc == 2 && strcmp(argv[1], "--help") == 0) return fputs(usage, stdout) < 0;
  if (!crypto_start(&err)) return refuse(&err);
  for (; at < argc && strncmp(argv[at], "--", 2) == 0; at += 2) {
    if (!is_option(argv[at]) || at + 1 == argc) {
      fprintf(stderr, "sunlit-verify: unknown option or missing value: %s\n%s", argv[at], usage);
      return 2;
    }
    if (!take_option(options, argv[at], argv[at + 1], &err)) return refuse(&err);
  }
  if (at == argc) {
    fputs(usage, stderr);
    return 2;
  }
  const struct notes_config notes = {.log = options->log_given ? &options->log : NULL,
                                     .keys = options->keys,
                                     .key_count = options->key_count,
                                     .policy = options->policy};
  if (!notes_open(&options->notes, &notes, &err)) return refuse(&err);
  int code = 0;
  for (; at < argc; at++) {
    err_clear(&err);
    if (!verify(options, argv[at], &err)) code = refuse(&err);
  }
  err_clear(&err);
  return notes_quorum(options->notes, &err) ? code : refuse(&err);
}

int main(int argc, char **argv)
{
  struct options options = {.key_count = 0};
  int code = run(&options, argc, argv);
  notes_close(options.notes);
  policy_close(options.policy);
  free(options.keys);
  buf_wipe(&options.leaf);
  return code;
}
