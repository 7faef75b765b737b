#include "hub/entry_proof.h"

#include "core/base/changes.h"
#include "sync/follows.h"
#include "sync/keys.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <string.h>

enum { WALK_MAX = 4096 }; /* entries under one signature: a batch has at most 1024 */

static void say(struct entry_check *check, enum check_result ok, enum language language, const char *zh,
                const char *en)
{
  check->ok = ok;
  snprintf(check->detail, sizeof check->detail, "%s", language == LANGUAGE_ZH ? zh : en);
}

/* Follows the stream from one entry to the signed one; *whole when each names the one before, or its leaf
 * when that was lost for a while (follows.h). */
static bool walk(struct db *db, int64_t from, int64_t to, struct logged *last, struct buf *keep, bool *whole,
                 struct err *err)
{
  uint8_t hash[HASH_SIZE];
  *whole = false;
  if (!entry_read(db, from, last, keep, err)) return false;
  for (int64_t pos = from, steps = 0; pos != to; steps++) {
    struct stream stream = last->record.stream;
    uint64_t seq = last->record.seq + 1;
    const int64_t before = pos;
    bool follows = false;
    memcpy(hash, last->hash, sizeof hash);
    if (steps == WALK_MAX || !stream_find(db, stream, seq, &pos, err)) return steps == WALK_MAX;
    if (pos < 0 || pos > to) return true;
    if (!entry_read(db, pos, last, keep, err)) return false;
    if (!follows_on(db, before, hash, last->record.prev, &follows, err)) return false;
    if (!follows) return true;
  }
  *whole = true;
  return true;
}

bool entry_proof_signature(struct db *db, int64_t pos, enum language language, struct entry_check *check,
                           struct err *err)
{
  struct logged entry;
  struct buf keep = BUF_INIT;
  struct key key;
  struct err none = ERR_INIT;
  int64_t signed_pos = -1;
  bool whole = false;
  if (!entry_signed_by(db, pos, &signed_pos, err)) return false;
  if (signed_pos < 0) {
    bool alone = false;
    bool read = entry_read(db, pos, &entry, &keep, err) && entry_by_log_alone(db, &entry, &alone, err);
    buf_wipe(&keep);
    if (!read) return false;
    if (alone)
      say(check, CHECK_OPEN, language, "签名在后面一条上，那一条已无处可寻；这一条由总账证明",
          "its signature was with an entry that is lost; the log alone proves it");
    if (alone) return true;
    say(check, CHECK_OPEN, language, "还没有签名，一秒之内会有",
        "not signed yet; it will be within a second");
    return true;
  }
  bool ok = walk(db, pos, signed_pos, &entry, &keep, &whole, err);
  if (ok && !whole) {
    say(check, CHECK_FAILED, language, "到签名的一条之间断开了", "the chain to the signed entry is broken");
  } else if (ok && !key_get(db, entry.record.stream.author, entry.record.epoch, &key, &none)) {
    ok = none.kind == ERR_DENIED;
    if (ok)
      say(check, CHECK_FAILED, language, "没有这把密钥", "there is no such key");
    else
      *err = none;
  } else if (ok && !head_verify(entry.signature, entry.hash, key.public_key)) {
    say(check, CHECK_FAILED, language, "签名和密钥不符", "the signature is not of this key");
  } else if (ok) {
    check->ok = CHECK_PASSED;
    snprintf(check->detail, sizeof check->detail,
             language == LANGUAGE_ZH ? "签名在第 %llu 条，密钥第 %u 把" : "signed with entry %llu, key %u",
             (unsigned long long)entry.record.seq, entry.record.epoch);
  }
  buf_wipe(&keep);
  return ok;
}

bool entry_proof_chain(struct db *db, const struct logged *entry, enum language language,
                       struct entry_check *check, struct err *err)
{
  static const uint8_t zeros[HASH_SIZE] = {0};
  struct logged before;
  struct buf keep = BUF_INIT;
  int64_t pos = -1;
  uint64_t seq = entry->record.seq;
  if (seq == 1) {
    bool first = memcmp(entry->record.prev, zeros, sizeof zeros) == 0;
    say(check, first ? CHECK_PASSED : CHECK_FAILED, language, first ? "是第一条" : "第一条之前不该有记录",
        first ? "the first of its stream" : "the first entry names one before it");
    return true;
  }
  if (!stream_find_kept(db, entry->record.stream, seq - 1, &pos, err)) return false;
  if (pos < 0) {
    say(check, CHECK_OPEN, language, "前一条不在这里，或已无处可寻",
        "the entry before it is not here, or lost");
    return true;
  }
  bool same = false;
  bool ok = entry_read(db, pos, &before, &keep, err) &&
            follows_on(db, pos, before.hash, entry->record.prev, &same, err);
  if (ok) {
    check->ok = same ? CHECK_PASSED : CHECK_FAILED;
    snprintf(check->detail, sizeof check->detail,
             language == LANGUAGE_ZH ? (same ? "接第 %llu 条" : "和第 %llu 条接不上")
                                     : (same ? "follows entry %llu" : "does not follow entry %llu"),
             (unsigned long long)(seq - 1));
  }
  buf_wipe(&keep);
  return ok;
}

void entry_proof_payload(const struct logged *entry, enum language language, struct entry_check *check)
{
  uint8_t hash[HASH_SIZE];
  if (!entry->payload) {
    say(check, CHECK_OPEN, language, "内容已依法隐去，指纹仍在", "withheld; its fingerprint is kept");
    return;
  }
  sha256(hash, entry->payload, entry->record.payload_size);
  bool same = memcmp(hash, entry->record.payload_sha256, sizeof hash) == 0;
  check->ok = same ? CHECK_PASSED : CHECK_FAILED;
  snprintf(check->detail, sizeof check->detail,
           language == LANGUAGE_ZH
               ? (same ? "%u 字节，指纹相符" : "%u 字节，指纹不符")
               : (same ? "%u bytes, the hash matches" : "%u bytes, the hash does not match"),
           entry->record.payload_size);
}

/* The first column of the key, which says whose row it is. */
static int64_t owner_of(const struct change *change)
{
  const struct value *row = change->op == CHANGE_INSERT ? change->after : change->before;
  for (int i = 0; row && i < change->columns; i++)
    if (change->key[i] == 1) return value_int(&row[i]);
  return 0;
}

static bool row_in_scope(struct db *db, const struct record *record, const struct change *change, bool *in,
                         struct err *err)
{
  const struct stream *s = &record->stream;
  *in = false;
  struct query q = query_open(db, "SELECT scope, append_only FROM table_scope WHERE name = ?1", err);
  query_text(&q, 1, change->table);
  if (query_row(&q)) {
    const char *scope = column_text(&q, 0);
    bool mine = owner_of(change) == (int64_t)s->author;
    *in = strcmp(scope, "branch") == 0     ? mine && (s->lane == 0 || s->lane == s->author)
          : strcmp(scope, "directed") == 0 ? owner_of(change) == (int64_t)s->lane && s->lane != 0
                                           : s->lane == 0 && s->author % 10000 == 0;
    if (column_int(&q, 1) && change->op != CHANGE_INSERT) *in = false;
  }
  return query_close(&q);
}

bool entry_proof_scope(struct db *db, const struct logged *entry, enum language language,
                       struct entry_check *check, struct err *err)
{
  struct changes changes;
  struct change change;
  bool in = true;
  int rows = 0;
  if (!entry->payload) {
    say(check, CHECK_OPEN, language, "内容已依法隐去", "withheld");
    return true;
  }
  changes = changes_of(entry->payload, entry->record.payload_size);
  for (; in && changes_next(&changes, &change, NULL); rows++)
    if (!row_in_scope(db, &entry->record, &change, &in, err)) return false;
  if (!in) {
    say(check, CHECK_FAILED, language, "写了不归它的数据", "a row is not this author's to write");
  } else if (!changes_done(&changes)) {
    say(check, CHECK_FAILED, language, "内容读不出来", "the payload is no changeset");
  } else {
    check->ok = CHECK_PASSED;
    if (rows == 1)
      say(check, CHECK_PASSED, language, "这一行归它写", "the one row is its own to write");
    else
      snprintf(check->detail, sizeof check->detail,
               language == LANGUAGE_ZH ? "%d 行都归它写" : "all %d rows are its own to write", rows);
  }
  return true;
}

/* Is the entry, as its row reads now, the leaf that the signed root holds? */
static bool prove_leaf(struct db *db, const struct logged *entry, const struct tlog_state *state,
                       bool *proved, struct err *err)
{
  struct tlog_reader reader;
  struct merkle_source source = tlog_source(&reader, db, state->size);
  struct merkle_proof path;
  struct merkle_hash hash;
  struct buf leaf = BUF_INIT;
  leaf_encode(&leaf, entry->bytes, entry->size, (uint64_t)entry->received_ms, entry->signature,
              entry->is_signed ? SIGNATURE_SIZE : 0);
  merkle_leaf(&hash, leaf.data, leaf.size);
  buf_wipe(&leaf);
  if (!merkle_prove_inclusion(&source, (uint64_t)entry->pos, state->size, &path, err)) return false;
  *proved = merkle_verify_inclusion(&hash, (uint64_t)entry->pos, state->size, &path, &state->root);
  return true;
}

bool entry_proof_log(struct db *db, const struct logged *entry, enum language language,
                     struct entry_check *check, struct err *err)
{
  struct buf note = BUF_INIT;
  struct tlog_state state;
  bool proved = false;
  bool ok = tlog_checkpoint(db, &note, &state, err);
  buf_wipe(&note);
  if (!ok) return false;
  if ((uint64_t)entry->pos >= state.size) {
    say(check, CHECK_OPEN, language, "检查点还没有签到这里", "no signed checkpoint reaches it yet");
    return true;
  }
  if (!prove_leaf(db, entry, &state, &proved, err)) return false;
  check->ok = proved ? CHECK_PASSED : CHECK_FAILED;
  snprintf(check->detail, sizeof check->detail,
           language == LANGUAGE_ZH
               ? (proved ? "第 %lld 位，检查点 %llu" : "第 %lld 位与检查点 %llu 不符")
               : (proved ? "index %lld, checkpoint %llu" : "index %lld is not what checkpoint %llu holds"),
           (long long)entry->pos, (unsigned long long)state.size);
  return true;
}

bool entry_proof_witnesses(struct db *db, const struct logged *entry, enum language language,
                           struct entry_check *check, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT count(DISTINCT name) FROM sync_cosigner WHERE size > ?1"
                              " /* scan: one row a witness */",
                              err);
  query_int(&q, 1, entry->pos);
  long long count = query_row(&q) ? column_int(&q, 0) : 0;
  if (!query_close(&q)) return false;
  check->ok = count > 0 ? CHECK_PASSED : CHECK_OPEN;
  snprintf(check->detail, sizeof check->detail,
           language == LANGUAGE_ZH ? "见证方 %lld 个" : "%lld witnesses have cosigned", count);
  return true;
}
