#include "sync/add_checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { OK = 200, MALFORMED = 400, UNSIGNED = 403, UNKNOWN = 404, CONFLICT = 409, UNPROVED = 422 };

/* ---- bytes ---- */

void add_checkpoint_encode(struct buf *out, const struct add_checkpoint *question)
{
  char old[40];
  snprintf(old, sizeof old, "old %" PRIu64 "\n", question->old);
  put_text(out, old);
  for (size_t i = 0; i < question->proof.count; i++) {
    base64_encode(out, question->proof.hashes[i].bytes, HASH_SIZE);
    put_text(out, "\n");
  }
  put_text(out, "\n");
  put_bytes(out, question->note, question->note_size);
}

void add_checkpoint_size_encode(struct buf *out, uint64_t size)
{
  char text[32];
  snprintf(text, sizeof text, "%" PRIu64 "\n", size);
  put_text(out, text);
}

/* A decimal of n characters, canonical. */
static bool decimal(const char *text, size_t n, uint64_t *out)
{
  uint64_t v = 0;
  if (n == 0 || n > 18 || (n > 1 && text[0] == '0')) return false;
  for (size_t i = 0; i < n; i++) {
    if (text[i] < '0' || text[i] > '9') return false;
    v = v * 10 + (uint64_t)(text[i] - '0');
  }
  *out = v;
  return true;
}

bool add_checkpoint_size_decode(uint64_t *out, const void *bytes, size_t size)
{
  const char *text = bytes;
  return size > 1 && text[size - 1] == '\n' && decimal(text, size - 1, out);
}

static bool malformed(struct err *err, size_t line, const char *what)
{
  return err_rule(err, ERR_INPUT, "body", "add_checkpoint", "line %zu of add-checkpoint: %s", line, what);
}

static bool take_hash(struct merkle_proof *proof, const char *line, size_t n)
{
  struct buf hash = {.max = 64};
  bool ok = proof->count < MERKLE_PROOF_MAX && base64_decode(&hash, line, n) && hash.size == HASH_SIZE;
  if (ok) memcpy(proof->hashes[proof->count++].bytes, hash.data, HASH_SIZE);
  buf_wipe(&hash);
  return ok;
}

bool add_checkpoint_decode(struct add_checkpoint *out, const char *bytes, size_t size, struct err *err)
{
  struct add_checkpoint q = {.old = 0};
  const char *end = bytes + size, *at = bytes;
  if (size > ADD_CHECKPOINT_SIZE_MAX) return malformed(err, 1, "the body is too long");
  for (size_t line = 1;; line++) {
    const char *stop = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    size_t n = stop ? (size_t)(stop - at) : 0;
    if (!stop) return malformed(err, line, "there is no checkpoint after an empty line");
    if (line == 1 && (n < 5 || memcmp(at, "old ", 4) != 0 || !decimal(at + 4, n - 4, &q.old)))
      return malformed(err, line, "it is not 'old' and a size");
    if (line > 1 && n > 0 && !take_hash(&q.proof, at, n))
      return malformed(err, line, "it is no hash, or one more than 63");
    at = stop + 1;
    if (line > 1 && n == 0) break;
  }
  q.note = at;
  q.note_size = (size_t)(end - at);
  *out = q;
  return true;
}

/* ---- the question alone ---- */

/* The first three lines; what follows them (extension lines, which we do not write) is signed with the rest
 * and none of our business. */
static bool read_checkpoint(struct checkpoint *out, const struct note *note, struct err *err)
{
  const char *at = note->text, *end = note->text + note->text_size;
  for (int line = 0; line < 3; line++) {
    const char *stop = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    if (!stop) break;
    at = stop + 1;
  }
  for (const char *c = at; c < end; c++)
    if (*c == '\n' && c[-1] == '\n')
      return err_rule(err, ERR_INPUT, "checkpoint", "checkpoint", "an empty line");
  return checkpoint_decode(out, note->text, (size_t)(at - note->text), err);
}

int add_checkpoint_check(struct add_checked *out, const char *bytes, size_t size, const struct note_key *logs,
                         size_t log_count, struct err *why)
{
  struct add_checked a = {.log = NULL};
  bool known = false;
  if (!add_checkpoint_decode(&a.question, bytes, size, why) ||
      !note_open(&a.note, a.question.note, a.question.note_size, why) ||
      !read_checkpoint(&a.checkpoint, &a.note, why))
    return MALFORMED;
  for (size_t i = 0; i < log_count && !a.log; i++) {
    if (strcmp(logs[i].name, a.checkpoint.origin) != 0) continue;
    known = true;
    if (note_verify(&a.note, &logs[i], NULL, NULL)) a.log = &logs[i];
  }
  if (!known) {
    err_rule(why, ERR_MISSING, "origin", "unknown_log", "'%.80s' is no log that this witness watches",
             a.checkpoint.origin);
    return UNKNOWN;
  }
  if (!a.log) {
    err_rule(why, ERR_DENIED, "checkpoint", "no_signature",
             "the checkpoint is not signed by the key of %.80s", a.checkpoint.origin);
    return UNSIGNED;
  }
  if (a.question.old > a.checkpoint.size) {
    err_rule(why, ERR_INPUT, "old", "add_checkpoint", "the old size is above the checkpoint's");
    return MALFORMED;
  }
  *out = a;
  return 0;
}

/* ---- against what is held ---- */

static int judge(const struct add_checked *a, const struct witness_held *held, struct err *why)
{
  const struct checkpoint *now = &a->checkpoint;
  struct merkle_hash empty;
  if (held->distrust[0]) {
    err_rule(why, ERR_DENIED, "origin", held->distrust, "the log contradicted itself before (%s)",
             held->distrust);
    return UNSIGNED;
  }
  if (a->question.old != held->size) {
    err_rule(why, ERR_CONFLICT, "old", "stale", "this witness holds %" PRIu64 " leaves", held->size);
    return CONFLICT;
  }
  merkle_empty(&empty);
  if (now->size == held->size) {
    if (a->question.proof.count == 0 && memcmp(&now->root, &held->root, HASH_SIZE) == 0) return OK;
    bool forked = memcmp(&now->root, &held->root, HASH_SIZE) != 0;
    err_rule(why, forked ? ERR_REFUTED : ERR_INPUT, forked ? "root" : "proof",
             forked ? "log_forked" : "proof",
             forked ? "the log shows another root for the same %" PRIu64 " leaves"
                    : "a proof from %" PRIu64 " leaves to as many is empty",
             now->size);
    return forked && now->size > 0 ? CONFLICT : UNPROVED;
  }
  bool proved = held->size == 0 ? a->question.proof.count == 0
                                : merkle_verify_consistency(held->size, &held->root, now->size, &now->root,
                                                            &a->question.proof);
  if (proved) return OK;
  err_rule(why, ERR_INPUT, "proof", "proof", "the proof does not lead from %" PRIu64 " leaves to %" PRIu64,
           held->size, now->size);
  return UNPROVED;
}

/* Whoever has two such notes can send them as often as they like. */
static bool keep_once(struct db *db, const struct add_checked *asked, int64_t now_ms, const struct err *why,
                      struct err *err)
{
  const struct add_checkpoint *q = &asked->question;
  const struct witness_claim claim = {q->note, q->note_size, &q->proof};
  struct query known =
      query_open(db,
                 "SELECT 1 FROM sync_evidence WHERE origin = ?1 AND rule = ?2 AND detail = ?3"
                 " /* scan: there is hardly any evidence */",
                 err);
  query_text(&known, 1, asked->log->name);
  query_text(&known, 2, why->rule);
  query_text(&known, 3, why->text);
  bool kept = query_row(&known);
  if (!query_close(&known)) return false;
  return kept || witness_accuse(db, asked->log->name, &claim, now_ms, why, err);
}

bool add_checkpoint_judge(struct db *db, const struct add_checked *asked, int64_t now_ms, int *status,
                          uint64_t *held, struct err *why, struct err *err)
{
  struct witness_held before;
  const struct add_checkpoint *q = &asked->question;
  if (!witness_held(db, asked->log->name, &before, err)) return false;
  *held = before.size;
  *status = judge(asked, &before, why);
  if (*status == OK && asked->checkpoint.size > before.size)
    return witness_hold(db, &asked->checkpoint, q->note, q->note_size, now_ms, err);
  if (*status == CONFLICT && strcmp(why->rule, "log_forked") == 0)
    return keep_once(db, asked, now_ms, why, err);
  return true;
}
