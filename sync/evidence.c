#include "sync/evidence.h"

#include "core/base/limits.h"
#include "core/base/tar.h"
#include "sync/keys.h"
#include "sync/meeting.h"
#include "sync/proof.h"
#include "sync/streams.h"
#include "sync/tlog.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* evidence_readme.txt: one text, the same in every bundle. */
extern const char evidence_readme[];
extern const size_t evidence_readme_size;

static const char sums_name[] = EVIDENCE_SUMS;
static const char head_prefix[] = "sunlit.head.v1\n";
/* SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes, RFC 8410. */
static const uint8_t spki[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

/* ---- building ---- */

struct builder {
  struct db *db;
  const struct evidence_config *config;
  struct buf *out;
  struct buf note;
  struct tlog_state state;
  struct buf keys; /* lines of keys.txt */
  struct err *err;
};

/* Into the bundle's folder. */
static void add_file(struct builder *b, const char *name, const void *p, size_t size)
{
  char path[2 * TAR_NAME_MAX];
  int n = snprintf(path, sizeof path, "%s/%s", b->config->folder, name);
  if (n < 0 || n > TAR_NAME_MAX) b->out->bad = true;
  tar_add(b->out, path, p, size, b->config->now_ms);
}

static void add(struct builder *b, int64_t pos, const char *name, const void *p, size_t size)
{
  char path[TAR_NAME_MAX + 1];
  snprintf(path, sizeof path, "entries/%" PRId64 "/%s", pos, name);
  add_file(b, path, p, size);
}

static void add_pem(struct builder *b, int64_t pos, const uint8_t public_key[PUBLIC_SIZE])
{
  uint8_t der[sizeof spki + PUBLIC_SIZE];
  memcpy(der, spki, sizeof spki);
  memcpy(der + sizeof spki, public_key, PUBLIC_SIZE);
  struct buf pem = BUF_INIT;
  put_text(&pem, "-----BEGIN PUBLIC KEY-----\n");
  base64_encode(&pem, der, sizeof der);
  put_text(&pem, "\n-----END PUBLIC KEY-----\n");
  add(b, pos, "author.pem", pem.data, pem.size);
  buf_wipe(&pem);
}

static bool add_proof(struct builder *b, int64_t pos)
{
  struct tlog_reader reader;
  struct merkle_source source = tlog_source(&reader, b->db, b->state.size);
  struct merkle_proof path;
  if (!merkle_prove_inclusion(&source, (uint64_t)pos, b->state.size, &path, b->err)) return false;
  struct buf file = BUF_INIT;
  proof_encode(&file, (uint64_t)pos, &path, (const char *)b->note.data, b->note.size);
  add(b, pos, "proof.txt", file.data, file.size);
  buf_wipe(&file);
  return true;
}

/* The records after pos in its stream up to the signed one, and that one's signature. */
static bool add_chain(struct builder *b, int64_t pos, const struct logged *entry)
{
  int64_t signed_pos = 0;
  if (!entry_signed_by(b->db, pos, &signed_pos, b->err)) return false;
  struct buf keep = BUF_INIT;
  struct buf chain = BUF_INIT;
  struct logged at = *entry;
  bool ok = entry->is_signed || signed_pos > pos, alone = false;
  if (!ok && !entry_by_log_alone(b->db, entry, &alone, b->err)) return false;
  if (alone)
    err_rule(b->err, ERR_CONFLICT, "pos", "signature_lost",
             "the author's signature over entry %" PRId64
             " was with an entry that is lost: the log alone holds it",
             pos);
  else if (!ok)
    err_rule(b->err, ERR_CONFLICT, "pos", "not_yet_signed",
             "the author's signature over entry %" PRId64 " has not come yet", pos);
  for (int64_t next = pos + 1; ok && !entry->is_signed && next <= signed_pos; next++) {
    ok = entry_read(b->db, next, &at, &keep, b->err);
    if (ok) put_vec16(&chain, at.bytes, at.size);
  }
  uint8_t message[sizeof head_prefix - 1 + HASH_SIZE];
  memcpy(message, head_prefix, sizeof head_prefix - 1);
  memcpy(message + sizeof head_prefix - 1, at.hash, HASH_SIZE);
  if (ok) {
    add(b, pos, "chain.bin", chain.data, chain.size);
    add(b, pos, "head.msg", message, sizeof message);
    add(b, pos, "head.sig", at.signature, SIGNATURE_SIZE);
  }
  buf_wipe(&chain);
  buf_wipe(&keep);
  return ok;
}

static bool add_key(struct builder *b, int64_t pos, uint32_t author, uint32_t epoch)
{
  struct query q = query_open(
      b->db, "SELECT public_key, since_ms, revoked_ms FROM sync_key WHERE author = ?1 AND epoch = ?2",
      b->err);
  query_int(&q, 1, author);
  query_int(&q, 2, epoch);
  bool found = false;
  if (query_row(&q)) {
    size_t n = 0;
    const uint8_t *key = column_blob(&q, 0, &n);
    found = n == PUBLIC_SIZE;
    char hex[2 * PUBLIC_SIZE + 1];
    char line[200];
    if (found) hex_encode(hex, key, PUBLIC_SIZE);
    if (found) add_pem(b, pos, key);
    int size =
        found ? snprintf(line, sizeof line, "author %u epoch %u since %" PRId64 " revoked %" PRId64 " %s\n",
                         author, epoch, column_int(&q, 1), column_int(&q, 2), hex)
              : 0;
    /* Several entries of one author share one line. */
    bool known = size > 0 && b->keys.size > 0 && memmem(b->keys.data, b->keys.size, line, (size_t)size);
    if (!known) put_bytes(&b->keys, line, (size_t)size);
  }
  if (!query_close(&q)) return false;
  return found || err_set(b->err, ERR_MISSING, "the key of author %u, epoch %u is not known", author, epoch);
}

static bool add_entry(struct builder *b, const struct evidence_entry *wanted)
{
  if (wanted->pos < 0 || (uint64_t)wanted->pos >= b->state.size)
    return err_rule(b->err, ERR_CONFLICT, "pos", "not_yet_signed",
                    "entry %" PRId64 " is not under the newest signed checkpoint of %" PRIu64 " entries",
                    wanted->pos, b->state.size);
  struct buf keep = BUF_INIT;
  struct logged entry;
  bool ok = entry_read(b->db, wanted->pos, &entry, &keep, b->err);
  if (ok) {
    struct buf leaf = BUF_INIT;
    leaf_encode(&leaf, entry.bytes, entry.size, (uint64_t)entry.received_ms, entry.signature,
                entry.is_signed ? SIGNATURE_SIZE : 0);
    add(b, wanted->pos, "record.bin", entry.bytes, entry.size);
    if (entry.payload) add(b, wanted->pos, "payload.bin", entry.payload, entry.record.payload_size);
    add(b, wanted->pos, "leaf.bin", leaf.data, leaf.size);
    add(b, wanted->pos, "words.txt", wanted->words, strlen(wanted->words));
    buf_wipe(&leaf);
  }
  ok = ok && add_proof(b, wanted->pos) && add_chain(b, wanted->pos, &entry) &&
       add_key(b, wanted->pos, entry.record.stream.author, entry.record.epoch);
  buf_wipe(&keep);
  return ok;
}

/* The last member: the hashes of all others, as sha256sum(1) writes and checks them. */
static bool add_sums(struct builder *b, struct buf *out, struct err *err)
{
  const size_t folder = strlen(b->config->folder) + 1; /* names are those in it */
  struct tar_member *members = calloc(TAR_MEMBERS_MAX, sizeof *members);
  struct buf sums = BUF_INIT;
  struct buf whole = BUF_INIT;
  size_t count = 0;
  put_bytes(&whole, out->data, out->size);
  tar_end(&whole);
  bool ok = members && !whole.bad && tar_read(whole.data, whole.size, members, TAR_MEMBERS_MAX, &count, err);
  for (size_t i = 0; ok && i < count; i++) {
    uint8_t hash[HASH_SIZE];
    char hex[2 * HASH_SIZE + 1];
    sha256(hash, members[i].bytes, members[i].size);
    hex_encode(hex, hash, HASH_SIZE);
    put_text(&sums, hex);
    put_text(&sums, "  ");
    put_text(&sums, members[i].name + folder);
    put_text(&sums, "\n");
  }
  add_file(b, sums_name, sums.data, sums.size);
  tar_end(out);
  if (!ok || sums.bad || out->bad) ok = err_set(err, ERR_IO, "out of memory building a bundle");
  buf_wipe(&sums);
  buf_wipe(&whole);
  free(members);
  return ok;
}

/* The newest checkpoint that has its quorum, when all the entries are under it; else the newest of all. */
static bool choose_note(struct builder *b, const struct evidence_entry *entries, size_t count)
{
  if (!quorum_note(b->db, &b->note, &b->state, b->err)) return false;
  for (size_t i = 0; i < count; i++)
    if (entries[i].pos >= 0 && (uint64_t)entries[i].pos >= b->state.size) {
      buf_clear(&b->note);
      return tlog_published(b->db, &b->note, &b->state, b->err);
    }
  return b->state.size > 0 || tlog_published(b->db, &b->note, &b->state, b->err);
}

bool evidence_build(struct db *db, const struct evidence_config *config, const struct evidence_entry *entries,
                    size_t count, struct buf *out, struct err *err)
{
  if (count == 0 || count > EVIDENCE_ENTRIES_MAX)
    return err_rule(err, ERR_LIMIT, "entries", "range", "a bundle holds 1 to %d entries, not %zu",
                    EVIDENCE_ENTRIES_MAX, count);
  struct builder b = {.db = db, .config = config, .out = out, .err = err};
  bool ok = choose_note(&b, entries, count);
  if (ok) {
    put_text(&b.keys, "log ");
    note_key_encode(&b.keys, config->log);
    put_text(&b.keys, "\n");
    add_file(&b, "README.txt", evidence_readme, evidence_readme_size);
    add_file(&b, "report.txt", config->report, strlen(config->report));
    add_file(&b, "checkpoint.txt", b.note.data, b.note.size);
  }
  for (size_t i = 0; ok && i < count; i++)
    ok = add_entry(&b, &entries[i]);
  if (ok) {
    add_file(&b, "keys.txt", b.keys.data, b.keys.size);
    if (b.keys.bad || b.note.bad) ok = err_set(err, ERR_IO, "out of memory building a bundle");
    ok = ok && add_sums(&b, out, err);
  }
  buf_wipe(&b.note);
  buf_wipe(&b.keys);
  return ok;
}

/* ---- verifying ---- */

struct verifier {
  struct tar_member *members;
  size_t count, outside; /* of the bundle's folder */
  const struct tar_member *keys;
  struct evidence_result *result;
  struct err *err;
};

static bool wrong(struct verifier *v, const char *member, const char *what)
{
  return err_rule(v->err, ERR_REFUTED, "bundle", "evidence", "%s: %s", member, what);
}

static const struct tar_member *need(struct verifier *v, const char *name)
{
  const struct tar_member *member = tar_find(v->members, v->count, name);
  if (!member) wrong(v, name, "it is missing");
  return member;
}

static const struct tar_member *of_entry(struct verifier *v, int64_t pos, const char *name)
{
  char path[TAR_NAME_MAX + 1];
  snprintf(path, sizeof path, "entries/%" PRId64 "/%s", pos, name);
  return need(v, path);
}

/* The log's key: the caller's, or the one the bundle names. */
static bool take_log_key(struct verifier *v, const struct note_key *log)
{
  v->result->log_pinned = log != NULL;
  if (log) {
    v->result->log = *log;
    return true;
  }
  const char *text = (const char *)v->keys->bytes;
  const char *end = memchr(text, '\n', v->keys->size);
  char vkey[400];
  if (!end || end - text < 5 || (size_t)(end - text) - 4 >= sizeof vkey || memcmp(text, "log ", 4) != 0)
    return wrong(v, "keys.txt", "its first line is not that of the log");
  memcpy(vkey, text + 4, (size_t)(end - text) - 4);
  vkey[end - text - 4] = 0;
  return note_key_decode(&v->result->log, vkey, v->err);
}

bool evidence_sums_line(const char **at, const char *end, const char **hex, char name[TAR_NAME_MAX + 1])
{
  const char *stop = memchr(*at, '\n', (size_t)(end - *at));
  size_t head = (size_t)2 * HASH_SIZE + 2;
  if (!stop || (size_t)(stop - *at) <= head || (size_t)(stop - *at) - head > TAR_NAME_MAX ||
      memcmp(*at + head - 2, "  ", 2) != 0)
    return false;
  *hex = *at;
  memcpy(name, *at + head, (size_t)(stop - *at) - head);
  name[(size_t)(stop - *at) - head] = 0;
  *at = stop + 1;
  return strlen(name) == (size_t)(stop - *hex) - head;
}

/* The bundle lies where its SHA256SUMS does: in a folder of its own, however deep, or loose, as in those of
 * before.  What lies outside of that folder is no part of it. */
static bool enter_folder(struct verifier *v)
{
  const char *folder = NULL;
  size_t size = 0, kept = 0;
  bool loose = tar_find(v->members, v->count, sums_name) != NULL;
  for (size_t i = 0; !loose && i < v->count; i++) {
    const char *slash = strrchr(v->members[i].name, '/');
    if (!slash || strcmp(slash + 1, sums_name) != 0) continue;
    if (folder) return wrong(v, sums_name, "there are several bundles in this archive");
    folder = v->members[i].name;
    size = (size_t)(slash + 1 - folder);
  }
  if (!folder) return true;
  char prefix[TAR_NAME_MAX + 1];
  memcpy(prefix, folder, size);
  for (size_t i = 0; i < v->count; i++) {
    if (strncmp(v->members[i].name, prefix, size) != 0) continue;
    v->members[kept] = v->members[i];
    memmove(v->members[kept].name, v->members[kept].name + size, strlen(v->members[kept].name + size) + 1);
    kept++;
  }
  v->outside = v->count - kept;
  v->count = kept;
  return true;
}

/* SHA256SUMS says what the bundle is: each of its lines names a member with that hash, also the words, which
 * no signature covers.  What it does not name is no part of the bundle, and is not looked at. */
static bool check_sums(struct verifier *v)
{
  const struct tar_member *sums = need(v, sums_name);
  if (!sums) return false;
  size_t named = 0;
  const char *at = (const char *)sums->bytes, *end = at + sums->size, *hex = NULL;
  char name[TAR_NAME_MAX + 1];
  struct tar_member *members = calloc(TAR_MEMBERS_MAX, sizeof *members);
  bool ok = members || err_set(v->err, ERR_IO, "out of memory");
  while (ok && at < end) {
    uint8_t hash[HASH_SIZE];
    char text[2 * HASH_SIZE + 1];
    if (!evidence_sums_line(&at, end, &hex, name) || tar_find(members, named, name)) {
      ok = wrong(v, sums_name, "a line is not a hash and a name, or a name stands twice");
      break;
    }
    const struct tar_member *member = need(v, name);
    if (!member) ok = false;
    if (member) sha256(hash, member->bytes, member->size);
    if (member) hex_encode(text, hash, HASH_SIZE);
    if (member && memcmp(hex, text, sizeof text - 1) != 0)
      ok = wrong(v, name, "it is not what SHA256SUMS says");
    if (ok) members[named++] = *member;
  }
  if (ok) {
    v->result->strangers = v->outside + v->count - named - 1;
    memcpy(v->members, members, named * sizeof *members);
    v->count = named;
  }
  free(members);
  return ok;
}

static bool check_note(struct verifier *v)
{
  const struct tar_member *member = need(v, "checkpoint.txt");
  struct note note;
  if (!member || !note_open(&note, (const char *)member->bytes, member->size, v->err) ||
      !note_verify(&note, &v->result->log, NULL, v->err) ||
      !checkpoint_decode(&v->result->checkpoint, note.text, note.text_size, v->err))
    return err_prefix(v->err, "checkpoint.txt");
  v->result->cosignatures = note.line_count - 1;
  v->result->note = member->bytes;
  v->result->note_size = member->size;
  return strcmp(v->result->checkpoint.origin, v->result->log.name) == 0 ||
         wrong(v, "checkpoint.txt", "its origin is not the log's name");
}

/* The key of an author's epoch from keys.txt. */
static bool find_key(struct verifier *v, const struct record *record, struct evidence_fact *fact)
{
  char text[4096];
  size_t size = v->keys->size;
  char head[64];
  snprintf(head, sizeof head, "author %u epoch %u ", record->stream.author, record->epoch);
  const char *at = memmem(v->keys->bytes, size, head, strlen(head));
  const char *end = at ? memchr(at, '\n', size - (size_t)(at - (const char *)v->keys->bytes)) : NULL;
  if (!end || (size_t)(end - at) >= sizeof text) return wrong(v, "keys.txt", "an author's key is missing");
  memcpy(text, at, (size_t)(end - at));
  text[end - at] = 0;
  int64_t since = 0;
  int64_t revoked = 0;
  char hex[2 * PUBLIC_SIZE + 2] = "";
  if (sscanf(text + strlen(head), "since %" SCNd64 " revoked %" SCNd64 " %65s", &since, &revoked, hex) != 3 ||
      !hex_decode(fact->key, PUBLIC_SIZE, hex))
    return wrong(v, "keys.txt", "a line of an author is malformed");
  fact->revoked_ms = revoked;
  return true;
}

static bool check_chain(struct verifier *v, int64_t pos, const struct record *first,
                        const uint8_t first_hash[HASH_SIZE], struct evidence_fact *fact)
{
  const struct tar_member *chain = of_entry(v, pos, "chain.bin");
  const struct tar_member *message = of_entry(v, pos, "head.msg");
  const struct tar_member *signature = of_entry(v, pos, "head.sig");
  if (!chain || !message || !signature) return false;
  uint8_t hash[HASH_SIZE];
  memcpy(hash, first_hash, HASH_SIZE);
  struct record last = *first;
  struct reader r = reader_of(chain->bytes, chain->size);
  while (reader_left(&r) > 0) {
    size_t n = 0;
    const uint8_t *bytes = get_vec16(&r, &n);
    struct record record;
    if (!bytes || !record_decode(&record, bytes, n, v->err))
      return wrong(v, chain->name, "a record is malformed");
    if (record.stream.author != last.stream.author || record.stream.lane != last.stream.lane ||
        record.seq != last.seq + 1 || memcmp(record.prev, hash, HASH_SIZE) != 0)
      return wrong(v, chain->name, "a record does not follow the one before it");
    record_hash(hash, bytes, n);
    last = record;
  }
  size_t prefix = sizeof head_prefix - 1;
  if (message->size != prefix + HASH_SIZE || memcmp(message->bytes, head_prefix, prefix) != 0 ||
      memcmp(message->bytes + prefix, hash, HASH_SIZE) != 0)
    return wrong(v, message->name, "it is not what the author signed over this chain");
  if (!find_key(v, &last, fact)) return false;
  if (signature->size != SIGNATURE_SIZE ||
      !sign_verify(signature->bytes, message->bytes, message->size, fact->key))
    return wrong(v, signature->name, "the author's signature does not verify");
  return true;
}

static bool check_leaf(struct verifier *v, int64_t pos, const struct tar_member *record,
                       struct evidence_fact *fact)
{
  const struct tar_member *member = of_entry(v, pos, "leaf.bin");
  const struct tar_member *proof_member = of_entry(v, pos, "proof.txt");
  struct leaf leaf;
  struct proof_file proof;
  struct checkpoint checkpoint;
  if (!member || !proof_member || !leaf_decode(&leaf, member->bytes, member->size, v->err)) return false;
  if (leaf.record_size != record->size || memcmp(leaf.record, record->bytes, record->size) != 0)
    return wrong(v, member->name, "it does not hold the record");
  if (!proof_decode(&proof, (const char *)proof_member->bytes, proof_member->size, v->err) ||
      !proof_verify(&proof, member->bytes, member->size, &v->result->log, &checkpoint, v->err))
    return err_prefix(v->err, "%s", proof_member->name);
  if (proof.index != (uint64_t)pos) return wrong(v, proof_member->name, "it is of another entry");
  if (checkpoint.size != v->result->checkpoint.size ||
      memcmp(&checkpoint.root, &v->result->checkpoint.root, sizeof checkpoint.root) != 0)
    return wrong(v, proof_member->name, "it leads to another checkpoint than checkpoint.txt");
  fact->received_ms = (int64_t)leaf.received_ms;
  return true;
}

static bool check_entry(struct verifier *v, int64_t pos, struct evidence_fact *fact)
{
  const struct tar_member *member = of_entry(v, pos, "record.bin");
  struct record record;
  if (!member || !record_decode(&record, member->bytes, member->size, v->err))
    return err_prefix(v->err, "entries/%" PRId64 "/record.bin", pos);
  *fact = (struct evidence_fact){.pos = pos,
                                 .author = record.stream.author,
                                 .lane = record.stream.lane,
                                 .epoch = record.epoch,
                                 .seq = record.seq,
                                 .claimed_ms = (int64_t)(record.hlc >> 16)};
  uint8_t hash[HASH_SIZE];
  char path[TAR_NAME_MAX + 1];
  snprintf(path, sizeof path, "entries/%" PRId64 "/payload.bin", pos);
  const struct tar_member *payload = tar_find(v->members, v->count, path);
  fact->absent = !payload && record.payload_size > 0;
  if (payload) {
    sha256(hash, payload->bytes, payload->size);
    if (payload->size != record.payload_size || memcmp(hash, record.payload_sha256, HASH_SIZE) != 0)
      return wrong(v, path, "it is not the payload the record names");
  }
  record_hash(hash, member->bytes, member->size);
  memcpy(fact->record_hash, hash, HASH_SIZE);
  fact->act.pos = -1;
  return check_chain(v, pos, &record, hash, fact) && check_leaf(v, pos, member, fact);
}

/* Among the entries that were verified: one of the province for everybody that withholds this one. */
static void find_act(struct verifier *v, struct evidence_fact *fact)
{
  unsigned long province = strtoul(v->result->checkpoint.origin, NULL, 10);
  for (size_t i = 0; fact->absent && i < v->result->count; i++) {
    const struct evidence_fact *other = &v->result->facts[i];
    if (other->author != province || other->lane != 0 || other->absent) continue;
    const struct tar_member *payload = of_entry(v, other->pos, "payload.bin");
    if (payload && evidence_act_read(payload->bytes, payload->size, fact->record_hash, &fact->act))
      fact->act.pos = other->pos;
  }
}

/* What stands under entries/ is of an entry that is verified: its folder is the index as it is written, and
 * has the record. */
static bool check_member(struct verifier *v, const char *name)
{
  struct evidence_result *result = v->result;
  char folder[TAR_NAME_MAX + 1];
  int64_t pos = -1;
  if (strncmp(name, "entries/", 8) != 0) return true;
  (void)sscanf(name, "entries/%" SCNd64, &pos);
  int n = snprintf(folder, sizeof folder, "entries/%" PRId64 "/", pos);
  if (pos < 0 || strncmp(name, folder, (size_t)n) != 0) return wrong(v, name, "it is of no entry");
  if (strcmp(name + n, "record.bin") != 0) return of_entry(v, pos, "record.bin") != NULL;
  if (result->count == EVIDENCE_ENTRIES_MAX) return wrong(v, name, "the bundle has too many entries");
  if (!check_entry(v, pos, &result->facts[result->count])) return false;
  result->absent += result->facts[result->count].absent;
  result->count++;
  return true;
}

bool evidence_verify(const void *p, size_t size, const struct note_key *log, struct evidence_result *result,
                     struct err *err)
{
  if (size > EVIDENCE_SIZE_MAX)
    return err_rule(err, ERR_LIMIT, "bundle", "bundle_size", "a bundle of %zu bytes is too long", size);
  struct tar_member *members = calloc(TAR_MEMBERS_MAX, sizeof *members);
  if (!members) return err_set(err, ERR_IO, "out of memory");
  memset(result, 0, sizeof *result);
  struct verifier v = {.members = members, .result = result, .err = err};
  bool ok = tar_read(p, size, members, TAR_MEMBERS_MAX, &v.count, err);
  ok = ok && enter_folder(&v) && check_sums(&v);
  if (ok) v.keys = need(&v, "keys.txt");
  ok = ok && v.keys && take_log_key(&v, log) && check_note(&v);
  for (size_t i = 0; ok && i < v.count; i++)
    ok = check_member(&v, members[i].name);
  if (ok && result->count == 0) ok = wrong(&v, "entries", "there are none");
  for (size_t i = 0; ok && i < result->count; i++)
    find_act(&v, &result->facts[i]);
  free(members);
  return ok;
}
