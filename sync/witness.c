#include "sync/witness.h"

#include <string.h>

bool witness_held(struct db *db, const char *origin, struct witness_held *out, struct err *err)
{
  struct query q =
      query_open(db, "SELECT size, root, verified_ms, distrust FROM sync_witness WHERE origin = ?1", err);
  query_text(&q, 1, origin);
  struct witness_held held = {0};
  merkle_empty(&held.root);
  if (query_row(&q)) {
    size_t n = 0;
    held.size = (uint64_t)column_int(&q, 0);
    const void *root = column_blob(&q, 1, &n);
    if (n == HASH_SIZE) memcpy(held.root.bytes, root, HASH_SIZE);
    held.verified_ms = column_int(&q, 2);
    strncat(held.distrust, column_text(&q, 3), sizeof held.distrust - 1);
  }
  if (!query_close(&q)) return false;
  *out = held;
  return true;
}

bool witness_hold(struct db *db, const struct checkpoint *checkpoint, const char *note, size_t note_size,
                  int64_t now_ms, struct err *err)
{
  struct query q =
      query_open(db,
                 "INSERT INTO sync_witness(origin, size, root, note, verified_ms) VALUES(?1, ?2, ?3, ?4, ?5)"
                 " ON CONFLICT(origin) DO UPDATE SET size = excluded.size, root = excluded.root,"
                 " note = excluded.note, verified_ms = excluded.verified_ms",
                 err);
  query_text(&q, 1, checkpoint->origin);
  query_int(&q, 2, (int64_t)checkpoint->size);
  query_blob(&q, 3, checkpoint->root.bytes, HASH_SIZE);
  query_textn(&q, 4, note, note_size);
  query_int(&q, 5, now_ms);
  return query_run(&q);
}

bool witness_accuse(struct db *db, const char *origin, const struct witness_claim *claim, int64_t now_ms,
                    const struct err *why, struct err *err)
{
  struct query q = query_open(db,
                              "INSERT INTO sync_evidence(origin, rule, detail, held, offered, proof, at_ms)"
                              " SELECT ?1, ?2, ?3, note, ?4, ?5, ?6 FROM sync_witness WHERE origin = ?1",
                              err);
  query_text(&q, 1, origin);
  query_text(&q, 2, why->rule);
  query_text(&q, 3, why->text);
  query_textn(&q, 4, claim->note, claim->note_size);
  query_blob(&q, 5, claim->proof->hashes, claim->proof->count * HASH_SIZE);
  query_int(&q, 6, now_ms);
  return query_run(&q);
}

bool witness_distrust(struct db *db, const char *origin, const char *rule, struct err *err)
{
  struct query q = query_open(db, "UPDATE sync_witness SET distrust = ?2 WHERE origin = ?1", err);
  query_text(&q, 1, origin);
  query_text(&q, 2, rule);
  return query_run(&q);
}

/* Does the signed checkpoint continue the one held?  Sets why when it cannot. */
static enum witness_verdict judge(const struct checkpoint *offered, const struct witness_held *held,
                                  uint64_t old, const struct merkle_proof *proof, struct err *why)
{
  unsigned long long have = (unsigned long long)held->size;
  unsigned long long now = (unsigned long long)offered->size;
  if (offered->size == held->size) {
    if (memcmp(&offered->root, &held->root, HASH_SIZE) == 0) return WITNESS_HELD;
    err_rule(why, ERR_REFUTED, "root", "log_forked", "the log shows another root for the same %llu leaves",
             now);
    return WITNESS_CONTRADICTS;
  }
  if (offered->size < held->size) {
    err_rule(why, ERR_REFUTED, "size", "log_rolled_back", "the log has %llu leaves, but it had %llu before",
             now, have);
    return WITNESS_CONTRADICTS;
  }
  if (old != held->size) {
    err_rule(why, ERR_CONFLICT, "old", "stale", "the proof starts at %llu leaves, this witness holds %llu",
             (unsigned long long)old, have);
    return WITNESS_STALE;
  }
  if (merkle_verify_consistency(held->size, &held->root, offered->size, &offered->root, proof))
    return WITNESS_TAKEN;
  err_rule(why, ERR_REFUTED, "proof", "log_rewritten",
           "the log's %llu leaves do not continue the %llu that were verified before", now, have);
  return WITNESS_CONTRADICTS;
}

bool witness_offer(struct db *db, const struct note_key *log, const struct witness_claim *claim, uint64_t old,
                   int64_t now_ms, enum witness_verdict *verdict, struct err *why, struct err *err)
{
  struct note opened;
  struct checkpoint offered;
  struct witness_held held;
  if (!note_open(&opened, claim->note, claim->note_size, why) || !note_verify(&opened, log, NULL, why) ||
      !checkpoint_decode(&offered, opened.text, opened.text_size, why)) {
    *verdict = WITNESS_UNSIGNED;
    return true;
  }
  if (strcmp(offered.origin, log->name) != 0) {
    *verdict = WITNESS_UNKNOWN;
    err_rule(why, ERR_MISSING, "origin", "unknown_log", "'%.80s' is not the log this witness watches",
             offered.origin);
    return true;
  }
  if (!witness_held(db, log->name, &held, err)) return false;
  if (held.distrust[0]) {
    *verdict = WITNESS_DISTRUSTED;
    err_rule(why, ERR_DENIED, "origin", held.distrust, "the log contradicted itself before (%s)",
             held.distrust);
    return true;
  }
  *verdict = judge(&offered, &held, old, claim->proof, why);
  if (*verdict == WITNESS_TAKEN)
    return witness_hold(db, &offered, claim->note, claim->note_size, now_ms, err);
  if (*verdict != WITNESS_CONTRADICTS) return true;
  return witness_accuse(db, log->name, claim, now_ms, why, err) &&
         witness_distrust(db, log->name, why->rule, err);
}

bool witness_trust(struct db *db, const char *origin, struct err *err)
{
  return witness_distrust(db, origin, "", err);
}

bool witness_cosign(struct db *db, const char *origin, const struct note_key *witness,
                    const uint8_t secret[SECRET_SIZE], int64_t now_ms, struct buf *line, struct err *err)
{
  struct query q = query_open(db, "SELECT note FROM sync_witness WHERE origin = ?1 AND distrust = ''", err);
  query_text(&q, 1, origin);
  bool found = query_row(&q);
  bool signed_it = false;
  if (found) {
    const char *bytes = column_text(&q, 0);
    struct note note;
    signed_it = note_open(&note, bytes, strlen(bytes), err);
    if (signed_it) note_cosign(line, note.text, note.text_size, witness, secret, (uint64_t)(now_ms / 1000));
  }
  if (!query_close(&q)) return false;
  if (!found)
    return err_rule(err, ERR_MISSING, "origin", "nothing_held", "no checkpoint of '%.80s' is held", origin);
  return signed_it;
}
