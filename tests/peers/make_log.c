/* make_log FOLDER ENTRIES [WITNESSES] - a log with that many entries of ten authors, as a tlog-tiles folder.
 *
 * FOLDER gets checkpoint, tile/..., keys.txt, log.vkey and log.pem; with witnesses also witnessed/N, a day's
 * archive of their cosignatures, checkpoint.witnessed, an older checkpoint with those of the first 98, and
 * witnesses.txt, their keys.  The entries are chained records with
 * real signatures over runs of up to 100; the tiles come from sync/tlog over a database in FOLDER that is
 * removed.  */
#include "core/base/crypto.h"
#include "core/base/limits.h"
#include "sync/archive.h"
#include "sync/cosigner.h"
#include "sync/entry.h"
#include "sync/tlog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { AUTHORS = 10, RUN = 100 };

struct author {
  uint32_t code;
  uint8_t public_key[PUBLIC_SIZE];
  uint8_t secret[SECRET_SIZE];
  uint64_t seq;
  uint8_t hash[HASH_SIZE];
};

static void die(const char *what, const struct err *err)
{
  fprintf(stderr, "make_log: %s: %s\n", what, err->text);
  exit(1);
}

static void write_file(const char *folder, const char *name, const void *p, size_t size)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
    *slash = 0;
    if (mkdir(path, 0755) != 0 && errno != EEXIST) {
      perror(path);
      exit(1);
    }
  }
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(p, 1, size, file) != size || fclose(file) != 0) {
    perror(path);
    exit(1);
  }
}

static void add_entry(struct db *db, struct author *author, int64_t pos, bool sign, struct err *err)
{
  struct record record = {.stream = {author->code, 0},
                          .epoch = 1,
                          .seq = ++author->seq,
                          .hlc = (uint64_t)(1780000000000 + pos) << 16,
                          .schema = 3,
                          .actor = name_of("officer"),
                          .action = name_of("price.record"),
                          .subject = name_of("JG330127-202611-0031"),
                          .payload_size = 122};
  memcpy(record.prev, author->hash, HASH_SIZE);
  sha256(record.payload_sha256, &pos, sizeof pos);
  struct buf bytes = BUF_INIT;
  if (!record_encode(&bytes, &record, err)) die("record", err);
  record_hash(author->hash, bytes.data, bytes.size);
  uint8_t signature[SIGNATURE_SIZE];
  if (sign) head_sign(signature, author->hash, author->secret);
  struct query q = query_open(
      db, "INSERT INTO sync_entry(pos, record, signature, received_ms) VALUES(?1, ?2, ?3, ?4)", err);
  query_int(&q, 1, pos);
  query_blob(&q, 2, bytes.data, bytes.size);
  if (sign) query_blob(&q, 3, signature, sizeof signature);
  query_int(&q, 4, 1780000000500 + pos);
  if (!query_run(&q)) die("entry", err);
  buf_wipe(&bytes);
}

static void write_tiles(struct db *db, const char *folder, uint64_t size, struct err *err)
{
  struct buf out = BUF_INIT;
  char path[TILE_PATH_MAX];
  for (int level = TILE_ENTRIES; level <= TILE_LEVEL_MAX; level++) {
    for (uint64_t n = 0; tile_width(level, n, size) > 0; n++) {
      struct tile tile = {.level = level, .n = n, .width = tile_width(level, n, size)};
      tile_path(path, &tile);
      buf_clear(&out);
      if (!tlog_tile(db, &tile, size, &out, err)) die(path, err);
      write_file(folder, path, out.data, out.size);
    }
  }
  buf_wipe(&out);
}

static void write_keys(const char *folder, const struct author *authors)
{
  struct buf keys = BUF_INIT;
  for (int i = 0; i < AUTHORS; i++) {
    char hex[2 * PUBLIC_SIZE + 1];
    char line[200];
    hex_encode(hex, authors[i].public_key, PUBLIC_SIZE);
    snprintf(line, sizeof line, "author %u epoch 1 since 1780000000000 revoked 0 %s\n", authors[i].code, hex);
    put_text(&keys, line);
  }
  write_file(folder, "keys.txt", keys.data, keys.size);
  buf_wipe(&keys);
}

static void write_log_key(const char *folder, const uint8_t public_key[PUBLIC_SIZE], struct err *err)
{
  static const uint8_t spki[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
  struct note_key key;
  if (!note_key_init(&key, "hub.example/log", NOTE_KEY_ED25519, public_key, err)) die("key", err);
  struct buf text = BUF_INIT;
  note_key_encode(&text, &key);
  write_file(folder, "log.vkey", text.data, text.size);
  uint8_t der[sizeof spki + PUBLIC_SIZE];
  memcpy(der, spki, sizeof spki);
  memcpy(der + sizeof spki, public_key, PUBLIC_SIZE);
  buf_clear(&text);
  put_text(&text, "-----BEGIN PUBLIC KEY-----\n");
  base64_encode(&text, der, sizeof der);
  put_text(&text, "\n-----END PUBLIC KEY-----\n");
  write_file(folder, "log.pem", text.data, text.size);
  buf_wipe(&text);
}

static struct db *make_database(const char *path, struct err *err)
{
  static const char entries[] =
      "PRAGMA synchronous=0; CREATE TABLE sync_entry(pos INTEGER PRIMARY KEY, record BLOB NOT NULL,"
      " payload BLOB, signature BLOB, received_ms INTEGER NOT NULL) STRICT";
  struct db *db = NULL;
  extern const unsigned char sync_schema_02[], sync_schema_05[], sync_schema_09[];
  if (!db_open(&db, path, DB_CREATE, err) || !db_exec(db, entries, err) ||
      !db_exec(db, (const char *)sync_schema_02, err) || !db_exec(db, (const char *)sync_schema_05, err) ||
      !db_exec(db, (const char *)sync_schema_09, err))
    die("database", err);
  return db;
}

struct county {
  struct note_key key;
  uint8_t secret[SECRET_SIZE];
};

static struct county *make_counties(const char *folder, int count, struct err *err)
{
  struct county *counties = calloc((size_t)count + 1, sizeof *counties);
  struct buf keys = BUF_INIT;
  if (!counties) die("witnesses", err);
  for (int i = 0; i < count; i++) {
    char name[40];
    uint8_t public_key[PUBLIC_SIZE];
    snprintf(name, sizeof name, "county%04d.example/w", i);
    sign_pair(public_key, counties[i].secret);
    if (!note_key_init(&counties[i].key, name, NOTE_KEY_COSIGNATURE, public_key, err)) die("witness", err);
    note_key_encode(&keys, &counties[i].key);
    put_text(&keys, "\n");
  }
  write_file(folder, "witnesses.txt", keys.data, keys.size);
  buf_wipe(&keys);
  return counties;
}

static const int64_t day_ms = 1780000000000;

static void cosign(const struct buf *note, const struct county *county, int i, struct buf *line,
                   struct err *err)
{
  struct note opened;
  if (!note_open(&opened, (const char *)note->data, note->size, err)) die("note", err);
  note_cosign(line, opened.text, opened.text_size, &county->key, county->secret,
              (uint64_t)(day_ms / 1000 + i));
}

/* The checkpoint of now, with everybody's cosignature on it. */
static void write_witnessed(struct db *db, const char *folder, const struct county *counties, int count,
                            struct err *err)
{
  struct buf note = BUF_INIT, whole = BUF_INIT;
  struct tlog_state state;
  if (!tlog_checkpoint(db, &note, &state, err)) die("checkpoint", err);
  put_bytes(&whole, note.data, note.size);
  for (int i = 0; i < count && i < NOTE_LINES_MAX - 2; i++)
    cosign(&note, &counties[i], i, &whole, err);
  write_file(folder, CHECKPOINT_WITNESSED, whole.data, whole.size);
  buf_wipe(&note);
  buf_wipe(&whole);
}

/* Each cosigns the checkpoint; a day later their lines are notes of the archive. */
static void write_archive(struct db *db, const char *folder, const struct county *counties, int count,
                          struct err *err)
{
  struct buf signed_note = BUF_INIT, note = BUF_INIT;
  struct tlog_state state;
  int days = 0;
  if (!tlog_checkpoint(db, &signed_note, &state, err) || !db_begin(db, err)) die("archive", err);
  for (int i = 0; i < count; i++) {
    struct buf line = BUF_INIT;
    cosign(&signed_note, &counties[i], i, &line, err);
    struct cosignature came = {
        .size = state.size, .line = line.data, .line_size = line.size, .heard_ms = day_ms, .outside = true};
    if (!cosigner_keep(db, &counties[i].key, &came, err)) die("cosignature", err);
    buf_wipe(&line);
  }
  if (!archive_days(db, day_ms + 2 * 86400000LL, &days, err) || !db_commit(db, err)) die("archive", err);
  for (int n = 0; archive_note(db, 20260529, n, &note, NULL) && n < 1000; n++) {
    char name[40];
    snprintf(name, sizeof name, "witnessed/%d", n);
    write_file(folder, name, note.data, note.size);
    buf_clear(&note);
  }
  buf_wipe(&note);
  buf_wipe(&signed_note);
}

static void sign_log(struct db *db, const uint8_t secret[SECRET_SIZE], struct err *err)
{
  if (!tlog_integrate(db, err) || !tlog_sign(db, "hub.example/log", secret, day_ms, err) ||
      !db_commit(db, err))
    die("sign", err);
}

int main(int argc, char **argv)
{
  struct err err = ERR_INIT;
  if (argc < 3 || argc > 4 || !crypto_start(&err)) {
    fprintf(stderr, "usage: make_log FOLDER ENTRIES [WITNESSES]\n");
    return 2;
  }
  const char *folder = argv[1];
  uint64_t size = strtoull(argv[2], NULL, 10);
  char path[4096];
  mkdir(folder, 0755);
  snprintf(path, sizeof path, "%s/make.db", folder);
  struct db *db = make_database(path, &err);

  struct author authors[AUTHORS] = {0};
  for (uint32_t i = 0; i < AUTHORS; i++) {
    authors[i].code = 330102 + i;
    sign_pair(authors[i].public_key, authors[i].secret);
  }
  uint8_t public_key[PUBLIC_SIZE];
  uint8_t secret[SECRET_SIZE];
  sign_pair(public_key, secret);
  int witnesses = argc == 4 ? atoi(argv[3]) : 0;
  struct county *counties = make_counties(folder, witnesses, &err);
  uint64_t older = witnesses ? size * 2 / 3 : size;
  if (!db_begin(db, &err)) die("begin", &err);
  for (uint64_t pos = 0; pos < size; pos++) {
    if (pos == older && pos > 0) {
      sign_log(db, secret, &err);
      write_witnessed(db, folder, counties, witnesses, &err);
      if (!db_begin(db, &err)) die("begin", &err);
    }
    add_entry(db, &authors[pos / RUN % AUTHORS], (int64_t)pos, pos % RUN == RUN - 1 || pos == size - 1, &err);
  }
  sign_log(db, secret, &err);

  struct buf note = BUF_INIT;
  struct tlog_state state;
  if (!tlog_checkpoint(db, &note, &state, &err)) die("checkpoint", &err);
  write_file(folder, "checkpoint", note.data, note.size);
  buf_wipe(&note);
  write_tiles(db, folder, size, &err);
  write_keys(folder, authors);
  write_log_key(folder, public_key, &err);
  if (witnesses) write_archive(db, folder, counties, witnesses, &err);
  free(counties);
  db_close(db);
  remove(path);
  return 0;
}
