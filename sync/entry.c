#include "sync/entry.h"

#include "core/base/limits.h"

#include <string.h>

static const char record_domain[] = "sunlit.record.v1\n";
static const char head_domain[] = "sunlit.head.v1\n";

struct name name_of(const char *text)
{
  return (struct name){.text = text ? text : "", .size = text ? strlen(text) : 0};
}

/* A name is one line of UTF-8 that a page can show. */
static bool name_valid(const struct name *name)
{
  for (size_t i = 0; i < name->size; i++)
    if ((unsigned char)name->text[i] < 0x20 || name->text[i] == 0x7f) return false;
  return utf8_valid(name->text, name->size);
}

static bool check_name(const char *field, const struct name *name, struct err *err)
{
  if (name->size > NAME_SIZE_MAX)
    return err_rule(err, ERR_LIMIT, field, "name_size", "the %s has %zu bytes, more than %d", field,
                    name->size, NAME_SIZE_MAX);
  if (!name_valid(name))
    return err_rule(err, ERR_INPUT, field, "record", "the %s is not one line of UTF-8", field);
  return true;
}

static bool wrong(const char *field, uint64_t value, struct err *err)
{
  return err_rule(err, ERR_INPUT, field, "record", "record: the %s %llu is out of its bounds", field,
                  (unsigned long long)value);
}

static bool check(const struct record *r, struct err *err)
{
  if (r->stream.author == 0) return wrong("author", 0, err);
  if (r->epoch == 0 || r->epoch > EPOCH_MAX) return wrong("epoch", r->epoch, err);
  if (r->seq == 0 || r->seq > SEQ_MAX) return wrong("seq", r->seq, err);
  if (r->payload_size > PAYLOAD_SIZE_MAX) return wrong("payload_size", r->payload_size, err);
  return check_name("actor", &r->actor, err) && check_name("action", &r->action, err) &&
         check_name("subject", &r->subject, err);
}

bool record_encode(struct buf *out, const struct record *r, struct err *err)
{
  if (!check(r, err)) return false;
  put_u8(out, RECORD_VERSION);
  put_u8(out, SUITE_ED25519_SHA256);
  put_u32(out, r->stream.author);
  put_u32(out, r->stream.lane);
  put_u32(out, r->epoch);
  put_u64(out, r->seq);
  put_bytes(out, r->prev, HASH_SIZE);
  put_u64(out, r->hlc);
  put_u32(out, r->schema);
  put_bytes(out, r->schema_hash, SCHEMA_HASH_SIZE);
  put_vec8(out, r->actor.text, r->actor.size);
  put_vec8(out, r->action.text, r->action.size);
  put_vec8(out, r->subject.text, r->subject.size);
  put_u32(out, r->payload_size);
  put_bytes(out, r->payload_sha256, HASH_SIZE);
  if (out->bad) return err_set(err, ERR_IO, "out of memory encoding a record");
  return true;
}

static void take(uint8_t *out, struct reader *r, size_t n)
{
  const uint8_t *p = get_bytes(r, n);
  if (p) memcpy(out, p, n);
}

static struct name get_name(struct reader *r)
{
  struct name name;
  name.text = (const char *)get_vec8(r, &name.size);
  if (!name.text) name = (struct name){.text = "", .size = 0};
  return name;
}

bool record_decode(struct record *out, const void *p, size_t n, struct err *err)
{
  if (n < RECORD_SIZE_MIN || n > RECORD_SIZE_MAX)
    return err_rule(err, ERR_INPUT, "size", "record", "record: %zu bytes, not %d to %d", n, RECORD_SIZE_MIN,
                    RECORD_SIZE_MAX);
  struct reader r = reader_of(p, n);
  uint8_t version = get_u8(&r);
  if (version != RECORD_VERSION) return wrong("version", version, err);
  uint8_t suite = get_u8(&r);
  if (suite != SUITE_ED25519_SHA256) return wrong("suite", suite, err);
  struct record v;
  memset(&v, 0, sizeof v);
  v.stream.author = get_u32(&r);
  v.stream.lane = get_u32(&r);
  v.epoch = get_u32(&r);
  v.seq = get_u64(&r);
  take(v.prev, &r, HASH_SIZE);
  v.hlc = get_u64(&r);
  v.schema = get_u32(&r);
  take(v.schema_hash, &r, SCHEMA_HASH_SIZE);
  v.actor = get_name(&r);
  v.action = get_name(&r);
  v.subject = get_name(&r);
  v.payload_size = get_u32(&r);
  take(v.payload_sha256, &r, HASH_SIZE);
  if (!reader_done(&r))
    return err_rule(err, ERR_INPUT, "size", "record", "record: %s", r.bad ? "cut short" : "trailing bytes");
  if (!check(&v, err)) return false;
  *out = v;
  return true;
}

bool record_names(const struct record *record, const void *payload)
{
  uint8_t hash[HASH_SIZE];
  sha256(hash, payload, record->payload_size);
  return memcmp(hash, record->payload_sha256, HASH_SIZE) == 0;
}

void record_hash(uint8_t out[HASH_SIZE], const void *p, size_t n)
{
  sha256_two(out, record_domain, sizeof record_domain - 1, p, n);
}

enum { HEAD_TEXT_SIZE = sizeof head_domain - 1 + HASH_SIZE };

static void head_text(uint8_t out[HEAD_TEXT_SIZE], const uint8_t hash[HASH_SIZE])
{
  memcpy(out, head_domain, sizeof head_domain - 1);
  memcpy(out + sizeof head_domain - 1, hash, HASH_SIZE);
}

void head_sign(uint8_t out[SIGNATURE_SIZE], const uint8_t hash[HASH_SIZE], const uint8_t secret[SECRET_SIZE])
{
  uint8_t text[HEAD_TEXT_SIZE];
  head_text(text, hash);
  sign_make(out, text, sizeof text, secret);
}

bool head_verify(const uint8_t signature[SIGNATURE_SIZE], const uint8_t hash[HASH_SIZE],
                 const uint8_t public_key[PUBLIC_SIZE])
{
  uint8_t text[HEAD_TEXT_SIZE];
  head_text(text, hash);
  return sign_verify(signature, text, sizeof text, public_key);
}
