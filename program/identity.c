#include "program/identity.h"

#include "core/base/conf.h"
#include "core/base/text.h"
#include "net/cert.h"
#include "net/cert_key.h"

#include <stdio.h>
#include <string.h>

#define YEAR_9999_MS INT64_C(253402300799999) /* the last of it: a time of the wire is no later */

static const char *file_in(const char *folder, const char *name, char out[64])
{
  snprintf(out, 64, "%s/%s", folder, name);
  return out;
}

static bool read_key(const struct data_dir *dir, const char *file, uint8_t secret[SECRET_SIZE],
                     struct err *err)
{
  struct buf text = BUF_INIT;
  uint8_t seed[SEED_SIZE], public_key[PUBLIC_SIZE];
  bool ok = data_dir_read(dir, file, 2 * SEED_SIZE + 1, &text, err);
  if (ok) {
    while (text.size && text.data[text.size - 1] == '\n')
      text.size--;
    put_u8(&text, 0);
    ok = !text.bad && hex_decode(seed, SEED_SIZE, (const char *)text.data);
    if (!ok) err_set(err, ERR_CORRUPT, "%s/%s is not %d bytes in hex", dir->path, file, SEED_SIZE);
  }
  if (ok) sign_pair_of_seed(public_key, secret, seed);
  crypto_wipe(seed, sizeof seed);
  if (text.data) crypto_wipe(text.data, text.size);
  buf_wipe(&text);
  return ok;
}

bool identity_key(const struct data_dir *dir, const char *folder, uint8_t secret[SECRET_SIZE],
                  struct err *err)
{
  char file[64];
  file_in(folder, "author.key", file);
  if (data_dir_has(dir, file)) return read_key(dir, file, secret, err);
  uint8_t seed[SEED_SIZE], public_key[PUBLIC_SIZE];
  char hex[2 * SEED_SIZE + 1], line[sizeof hex + 1];
  crypto_random(seed, sizeof seed);
  hex_encode(hex, seed, sizeof seed);
  snprintf(line, sizeof line, "%s\n", hex);
  bool ok = data_dir_write(dir, file, line, strlen(line), err);
  if (ok) sign_pair_of_seed(public_key, secret, seed);
  crypto_wipe(seed, sizeof seed);
  crypto_wipe(hex, sizeof hex);
  crypto_wipe(line, sizeof line);
  return ok;
}

static bool get_number(const struct conf *conf, const char *name, int64_t min, int64_t max, int64_t *out,
                       struct err *err)
{
  return conf_int(conf, name, min, max, -1, out, err) &&
         (*out >= 0 || err_set(err, ERR_CORRUPT, "keys/identity.ini has no %s", name));
}

static bool take(const struct conf *conf, struct identity *out, struct err *err)
{
  int64_t code = 0, province = 0, epoch = 0, base_seq = 0;
  if (!get_number(conf, "identity.code", 100000, 999999, &code, err) ||
      !get_number(conf, "identity.province", 100000, 999999, &province, err) ||
      !get_number(conf, "identity.epoch", 1, UINT32_MAX, &epoch, err) ||
      !get_number(conf, "identity.base_seq", 0, SEQ_MAX, &base_seq, err) ||
      !conf_int(conf, "identity.enrolled_ms", 0, YEAR_9999_MS, 0, &out->enrolled_ms, err))
    return false;
  out->code = (uint32_t)code;
  out->province = (uint32_t)province;
  out->epoch = (uint32_t)epoch;
  out->base_seq = (uint64_t)base_seq;
  snprintf(out->invite, sizeof out->invite, "%s", conf_text(conf, "identity.invite", ""));
  snprintf(out->hub, sizeof out->hub, "%s", conf_text(conf, "identity.hub", ""));
  snprintf(out->name, sizeof out->name, "%s", conf_text(conf, "identity.name", ""));
  return hex_decode(out->base_hash, HASH_SIZE, conf_text(conf, "identity.base_hash", "")) ||
         err_set(err, ERR_CORRUPT, "keys/identity.ini: base_hash is not %d bytes in hex", HASH_SIZE);
}

/* A branch that enrolled before the time of it was kept: the province dated the certificate of its pages. */
static int64_t dated_ms(const struct data_dir *dir, const char *folder)
{
  char file[64], path[DATA_PATH_MAX];
  struct buf der = BUF_INIT;
  struct cert_facts facts;
  struct err none = ERR_INIT;
  bool ok = cert_load(&der, data_dir_path(dir, file_in(folder, "people.crt", file), path), &none) &&
            cert_read(&facts, der.data, der.size, &none);
  buf_wipe(&der);
  return ok ? facts.not_before_ms + CERT_PEOPLE_EARLY_MS : 0;
}

/* What a library says of a file, and the way back: the same as for the whole folder. */
static bool keys_damaged(const struct data_dir *dir, bool is_hub, struct err *err)
{
  char said[200];
  if (!err || strcmp(err->rule, "disk_full") == 0 || strcmp(err->rule, "read_only") == 0) return false;
  text_clean(TEXT_NAME, said, sizeof said, err->text);
  const enum err_kind kind = err->kind;
  err_clear(err);
  if (is_hub)
    return err_rule(
        err, kind, "keys", "keys_damaged",
        "a file of %s/keys cannot be used (%s). Restore the newest backup into another directory and take "
        "that file of its keys/; the database stays as it is",
        dir->path, said);
  return err_rule(
      err, kind, "keys", "keys_damaged",
      "a file of %s/keys cannot be used (%s). At the province: sunlit-hub invite for this branch; then here: "
      "sunlit-node enroll --dir %s --invite LINE. All records stay",
      dir->path, said, dir->path);
}

bool identity_files(const struct data_dir *dir, const struct identity *identity, struct err *err)
{
  const bool is_hub = identity->code == identity->province;
  const char *const keys[] = {"keys/tls.key", is_hub ? "keys/ca.key" : "keys/people.key"};
  const char *const certificates[] = {"keys/tls.crt", "keys/ca.crt", is_hub ? NULL : "keys/people.crt"};
  char path[DATA_PATH_MAX];
  bool ok = true;
  for (size_t i = 0; ok && i < sizeof keys / sizeof *keys; i++) {
    struct cert_key *key = NULL;
    ok = cert_key_load(&key, data_dir_path(dir, keys[i], path), err);
    if (key) cert_key_close(key);
  }
  for (size_t i = 0; ok && i < sizeof certificates / sizeof *certificates && certificates[i]; i++) {
    struct buf der = BUF_INIT;
    ok = cert_load(&der, data_dir_path(dir, certificates[i], path), err);
    buf_wipe(&der);
  }
  return ok || keys_damaged(dir, is_hub, err);
}

bool identity_read(const struct data_dir *dir, const char *folder, struct identity *out, struct err *err)
{
  char file[64], path[DATA_PATH_MAX];
  struct conf *conf = NULL;
  memset(out, 0, sizeof *out);
  bool ok = conf_open(&conf, data_dir_path(dir, file_in(folder, "identity.ini", file), path), err) &&
            take(conf, out, err) && read_key(dir, file_in(folder, "author.key", file), out->secret, err);
  conf_close(conf);
  if (ok && !out->enrolled_ms && out->code != out->province) out->enrolled_ms = dated_ms(dir, folder);
  return ok || (strcmp(folder, "keys") == 0 ? keys_damaged(dir, data_dir_has(dir, "keys/ca.key"), err)
                                            : err_prefix(err, "%s", dir->path));
}

bool identity_write(const struct data_dir *dir, const char *folder, const struct identity *identity,
                    struct err *err)
{
  char file[64], text[1024], base_hash[2 * HASH_SIZE + 1];
  hex_encode(base_hash, identity->base_hash, HASH_SIZE);
  int n = snprintf(
      text, sizeof text,
      "; Who this program is; written when it was set up.\n[identity]\ncode = %u\nprovince = %u\n"
      "epoch = %u\nbase_seq = %llu\nenrolled_ms = %lld\nbase_hash = %s\nhub = %s\nname = %s\ninvite = %s\n",
      identity->code, identity->province, identity->epoch, (unsigned long long)identity->base_seq,
      (long long)identity->enrolled_ms, base_hash, identity->hub, identity->name, identity->invite);
  return data_dir_write(dir, file_in(folder, "identity.ini", file), text, (size_t)n, err);
}

void identity_wipe(struct identity *identity)
{
  crypto_wipe(identity, sizeof *identity);
}
