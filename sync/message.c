#include "sync/message.h"

#include "sync/exchange.h"

#include <string.h>

enum { WORD_MAX = 47 }; /* struct err's rule */

static const char ENROL_CONTEXT[] = "sunlit.enrol.v1\n";

static const char *const answer_names[ANSWER_END] = {"taken",  "replay",  "gap",   "fork",
                                                     "frozen", "refused", "failed"};

const char *answer_name(enum answer answer)
{
  return answer < ANSWER_END ? answer_names[answer] : "unknown";
}

/* Cuts at a character's start, so that a long sentence stays UTF-8. */
static size_t text_cut(const char *s, size_t max)
{
  size_t n = strlen(s);
  if (n <= max) return n;
  n = max;
  while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
    n--;
  return n;
}

/* The length of one well-formed, shortest-form UTF-8 character that is not a control; 0 for anything else. */
static size_t character_size(const uint8_t *p, size_t left)
{
  if (p[0] < 0x80) return p[0] >= 0x20 && p[0] != 0x7f ? 1 : 0;
  size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
  if (p[0] < 0xc2 || p[0] > 0xf4 || n > left) return 0;
  uint32_t c = p[0] & (0x7fU >> n);
  for (size_t i = 1; i < n; i++) {
    if ((p[i] & 0xc0) != 0x80) return 0;
    c = c << 6 | (p[i] & 0x3fU);
  }
  static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) || c < 0xa0) return 0;
  return n;
}

static bool word_character(uint8_t c)
{
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* What is put is always what get_word and get_line take, whatever the text: it may come from a database. */
static void put_word(struct buf *out, const char *s)
{
  size_t n = strlen(s);
  if (n > WORD_MAX) n = WORD_MAX;
  put_u8(out, (uint8_t)n);
  for (size_t i = 0; i < n; i++)
    put_u8(out, word_character((uint8_t)s[i]) ? (uint8_t)s[i] : '_');
}

static void put_line(struct buf *out, const char *s, size_t max)
{
  size_t n = text_cut(s, max);
  put_u8(out, (uint8_t)n);
  for (size_t i = 0; i < n;) {
    size_t step = character_size((const uint8_t *)s + i, n - i);
    if (step > 0)
      put_bytes(out, s + i, step);
    else
      put_u8(out, '?');
    i += step > 0 ? step : 1;
  }
}

static void put_version(struct buf *out, const char *s)
{
  put_vec8(out, s, strlen(s));
}

static void put_span(struct buf *out, struct span s)
{
  put_vec16(out, s.p, s.size);
}

static void get_line(struct reader *r, char *out, size_t max)
{
  size_t n;
  const uint8_t *p = get_vec8(r, &n);
  if (!p) return;
  for (size_t i = 0; i < n;) {
    size_t step = character_size(p + i, n - i);
    if (step == 0) {
      r->bad = true;
      return;
    }
    i += step;
  }
  if (n > max) {
    r->bad = true;
    return;
  }
  memcpy(out, p, n);
  out[n] = 0;
}

/* [a-z0-9_]* */
static void get_word(struct reader *r, char out[WORD_MAX + 1])
{
  size_t n;
  const uint8_t *p = get_vec8(r, &n);
  if (!p) return;
  for (size_t i = 0; i < n; i++) {
    if (!word_character(p[i])) r->bad = true;
  }
  if (n > WORD_MAX) r->bad = true;
  if (r->bad) return;
  memcpy(out, p, n);
  out[n] = 0;
}

/* 0x21..0x7e */
static void get_version(struct reader *r, char *out)
{
  size_t n;
  const uint8_t *p = get_vec8(r, &n);
  if (!p) return;
  for (size_t i = 0; i < n; i++)
    if (p[i] < 0x21 || p[i] > 0x7e) r->bad = true;
  if (n > VERSION_TEXT_MAX) r->bad = true;
  if (r->bad) return;
  memcpy(out, p, n);
  out[n] = 0;
}

static void get_copy(struct reader *r, void *out, size_t n)
{
  const uint8_t *p = get_bytes(r, n);
  if (p) memcpy(out, p, n);
}

static struct span get_span(struct reader *r, size_t min, size_t max)
{
  struct span s;
  s.p = get_vec16(r, &s.size);
  if (s.size < min || s.size > max) r->bad = true;
  if (r->bad) return (struct span){0};
  return s;
}

static int64_t get_time(struct reader *r)
{
  uint64_t v = get_u64(r);
  if (v > TIME_MS_MAX) r->bad = true;
  return r->bad ? 0 : (int64_t)v;
}

static uint64_t get_seq(struct reader *r)
{
  uint64_t v = get_u64(r);
  if (v > SEQ_MAX) r->bad = true;
  return r->bad ? 0 : v;
}

/* A number below `end`. */
static uint8_t get_below(struct reader *r, uint8_t end)
{
  uint8_t v = get_u8(r);
  if (v >= end) r->bad = true;
  return r->bad ? 0 : v;
}

/* A vec16 of items; their frame is checked, their kinds are not. */
static struct span get_tail(struct reader *r)
{
  struct span tail = get_span(r, 0, UINT16_MAX);
  struct reader items = reader_of(tail.p, tail.size);
  while (!items.bad && reader_left(&items) > 0) {
    size_t n;
    (void)get_u8(&items);
    (void)get_vec16(&items, &n);
  }
  if (items.bad) r->bad = true;
  return tail;
}

static bool decoded(const struct reader *r, const char *what, size_t n, struct err *err)
{
  if (reader_done(r)) return true;
  if (r->bad)
    return err_rule(err, ERR_INPUT, what, "message_malformed", "a %s of %zu bytes does not decode", what, n);
  return err_rule(err, ERR_INPUT, what, "message_malformed", "a %s of %zu bytes has %zu too many", what, n,
                  reader_left(r));
}

static bool version_known(struct reader *r, const char *what, struct err *err)
{
  uint8_t version = get_u8(r);
  if (r->bad || version == PROTOCOL_VERSION) return true; /* a short one is decoded()'s to report */
  return err_rule(err, ERR_INPUT, what, "protocol_version", "a %s speaks protocol %u, this program %u", what,
                  version, PROTOCOL_VERSION);
}

void hello_encode(struct buf *out, const struct hello *m)
{
  put_u8(out, PROTOCOL_VERSION);
  put_u32(out, m->branch);
  put_u32(out, m->epoch);
  put_u32(out, m->schema);
  put_bytes(out, m->schema_hash, sizeof m->schema_hash);
  put_version(out, m->program);
  put_u64(out, (uint64_t)m->wall_ms);
  put_u32(out, m->head_epoch);
  put_u64(out, m->head_seq);
  put_bytes(out, m->head_hash, sizeof m->head_hash);
  put_u64(out, m->acked_seq);
  put_u64(out, m->shared_seq);
  put_u64(out, m->directed_seq);
  put_u64(out, (uint64_t)m->oldest_ms);
  put_u32(out, m->refused);
  put_word(out, m->trouble);
  put_span(out, m->tail);
}

bool hello_decode(struct hello *m, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  struct hello got = {0};
  if (!version_known(&r, "HELLO", err)) return false;
  got.branch = get_u32(&r);
  got.epoch = get_u32(&r);
  got.schema = get_u32(&r);
  get_copy(&r, got.schema_hash, sizeof got.schema_hash);
  get_version(&r, got.program);
  got.wall_ms = get_time(&r);
  got.head_epoch = get_u32(&r);
  got.head_seq = get_seq(&r);
  get_copy(&r, got.head_hash, sizeof got.head_hash);
  got.acked_seq = get_seq(&r);
  got.shared_seq = get_seq(&r);
  got.directed_seq = get_seq(&r);
  got.oldest_ms = get_time(&r);
  got.refused = get_u32(&r);
  get_word(&r, got.trouble);
  got.tail = get_tail(&r);
  if (got.acked_seq > got.head_seq) r.bad = true;
  if (!decoded(&r, "HELLO", n, err)) return false;
  *m = got;
  return true;
}

void welcome_encode(struct buf *out, const struct welcome *m)
{
  put_u8(out, PROTOCOL_VERSION);
  put_u32(out, m->schema);
  put_bytes(out, m->schema_hash, sizeof m->schema_hash);
  put_version(out, m->program);
  put_u64(out, (uint64_t)m->wall_ms);
  put_u32(out, m->head_epoch);
  put_u64(out, m->head_seq);
  put_bytes(out, m->head_hash, sizeof m->head_hash);
  put_u64(out, m->shared_seq);
  put_u64(out, m->directed_seq);
  put_u8(out, (uint8_t)m->state);
  put_span(out, m->tail);
}

bool welcome_decode(struct welcome *m, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  struct welcome got = {0};
  if (!version_known(&r, "WELCOME", err)) return false;
  got.schema = get_u32(&r);
  get_copy(&r, got.schema_hash, sizeof got.schema_hash);
  get_version(&r, got.program);
  got.wall_ms = get_time(&r);
  got.head_epoch = get_u32(&r);
  got.head_seq = get_seq(&r);
  get_copy(&r, got.head_hash, sizeof got.head_hash);
  got.shared_seq = get_seq(&r);
  got.directed_seq = get_seq(&r);
  got.state = (enum stream_standing)get_below(&r, STREAM_STATE_END);
  got.tail = get_tail(&r);
  if (!decoded(&r, "WELCOME", n, err)) return false;
  *m = got;
  return true;
}

void receipt_encode(struct buf *out, const struct receipt *m)
{
  put_u64(out, m->first_seq);
  put_u64(out, m->last_seq);
  put_u64(out, m->through);
  put_u64(out, (uint64_t)m->received_ms);
  put_u8(out, (uint8_t)m->answer);
  put_u32(out, m->quarantined);
  put_u32(out, m->parked);
  put_word(out, m->rule);
  put_line(out, m->text, RULE_TEXT_MAX);
}

bool receipt_decode(struct receipt *m, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  struct receipt got = {0};
  got.first_seq = get_seq(&r);
  got.last_seq = get_seq(&r);
  got.through = get_seq(&r);
  got.received_ms = get_time(&r);
  got.answer = (enum answer)get_below(&r, ANSWER_END);
  got.quarantined = get_u32(&r);
  got.parked = get_u32(&r);
  get_word(&r, got.rule);
  get_line(&r, got.text, RULE_TEXT_MAX);
  if (got.first_seq > got.last_seq) r.bad = true;
  if (!decoded(&r, "RECEIPT", n, err)) return false;
  *m = got;
  return true;
}

void cursor_encode(struct buf *out, const struct cursor *m)
{
  put_u32(out, m->author);
  put_u32(out, m->lane);
  put_u64(out, m->through);
  put_u8(out, (uint8_t)m->answer);
  put_u32(out, m->quarantined);
  put_u32(out, m->parked);
  put_word(out, m->rule);
  put_line(out, m->text, RULE_TEXT_MAX);
}

bool cursor_decode(struct cursor *m, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  struct cursor got = {0};
  got.author = get_u32(&r);
  got.lane = get_u32(&r);
  got.through = get_seq(&r);
  got.answer = (enum answer)get_below(&r, ANSWER_END);
  got.quarantined = get_u32(&r);
  got.parked = get_u32(&r);
  get_word(&r, got.rule);
  get_line(&r, got.text, RULE_TEXT_MAX);
  if (!decoded(&r, "CURSOR", n, err)) return false;
  *m = got;
  return true;
}

void refuse_encode(struct buf *out, const char *rule, const char *text)
{
  put_word(out, rule);
  put_line(out, text, RULE_TEXT_MAX);
}

bool refuse_decode(struct refuse *m, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  struct refuse got = {0};
  get_word(&r, got.rule);
  get_line(&r, got.text, RULE_TEXT_MAX);
  if (!decoded(&r, "REFUSE", n, err)) return false;
  *m = got;
  return true;
}

/* Everything of ENROL but the signature, with what separates it from all else that key signs in front. */
static void enrol_signed_part(struct buf *out, const struct enrol *m)
{
  put_u8(out, PROTOCOL_VERSION);
  put_vec8(out, m->token, strlen(m->token));
  put_u32(out, m->branch);
  put_bytes(out, m->public_key, sizeof m->public_key);
  put_span(out, m->tls_key);
  put_version(out, m->program);
  if (m->had) put_u32(out, m->had);
}

void enrol_encode(struct buf *out, const struct enrol *m, const uint8_t secret[SECRET_SIZE])
{
  struct buf text = BUF_INIT;
  uint8_t signature[SIGNATURE_SIZE];
  put_text(&text, ENROL_CONTEXT);
  enrol_signed_part(&text, m);
  if (text.bad)
    out->bad = true;
  else
    sign_make(signature, text.data, text.size, secret);
  buf_wipe(&text);
  if (out->bad) return;
  enrol_signed_part(out, m);
  put_bytes(out, signature, sizeof signature);
}

bool enrol_decode(struct enrol *m, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  struct enrol got = {0};
  if (!version_known(&r, "ENROL", err)) return false;
  size_t token_size;
  const uint8_t *token = get_vec8(&r, &token_size);
  for (size_t i = 0; token && i < token_size; i++)
    if (token[i] < 0x21 || token[i] > 0x7e) r.bad = true;
  if (token_size > TOKEN_SIZE_MAX) r.bad = true;
  if (token && !r.bad) memcpy(got.token, token, token_size);
  got.branch = get_u32(&r);
  get_copy(&r, got.public_key, sizeof got.public_key);
  got.tls_key = get_span(&r, 1, TLS_KEY_SIZE_MAX);
  get_version(&r, got.program);
  if (!r.bad && reader_left(&r) > SIGNATURE_SIZE) {
    got.had = get_u32(&r);
    if (got.had == 0 || got.had > EPOCH_MAX) r.bad = true;
  }
  const uint8_t *signature = get_bytes(&r, SIGNATURE_SIZE);
  if (!decoded(&r, "ENROL", n, err)) return false;

  struct buf text = BUF_INIT;
  put_text(&text, ENROL_CONTEXT);
  put_bytes(&text, p, n - SIGNATURE_SIZE);
  bool proven = !text.bad && sign_verify(signature, text.data, text.size, got.public_key);
  buf_wipe(&text);
  if (!proven)
    return err_rule(err, ERR_DENIED, "signature", "enrol_signature",
                    "ENROL is not signed by the key it brings");
  *m = got;
  return true;
}

void enrolled_encode(struct buf *out, const struct enrolled *m)
{
  put_u8(out, PROTOCOL_VERSION);
  put_u32(out, m->branch);
  put_u32(out, m->epoch);
  put_u64(out, m->head_seq);
  put_bytes(out, m->head_hash, sizeof m->head_hash);
  put_u32(out, m->province);
  put_u64(out, (uint64_t)m->wall_ms);
  put_line(out, m->site_name, SITE_NAME_MAX);
  put_span(out, m->certificate);
  put_span(out, m->ca);
  put_u8(out, (uint8_t)m->keys_count);
  for (size_t i = 0; i < m->keys_count; i++) {
    put_u32(out, m->keys[i].author);
    put_u32(out, m->keys[i].epoch);
    put_u64(out, (uint64_t)m->keys[i].since_ms);
    put_u64(out, (uint64_t)m->keys[i].revoked_ms);
    put_bytes(out, m->keys[i].public_key, PUBLIC_SIZE);
  }
  put_span(out, m->tail);
}

bool enrolled_decode(struct enrolled *m, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  struct enrolled got = {0};
  if (!version_known(&r, "ENROLLED", err)) return false;
  got.branch = get_u32(&r);
  got.epoch = get_u32(&r);
  got.head_seq = get_seq(&r);
  get_copy(&r, got.head_hash, sizeof got.head_hash);
  got.province = get_u32(&r);
  got.wall_ms = get_time(&r);
  get_line(&r, got.site_name, SITE_NAME_MAX);
  got.certificate = get_span(&r, 1, CERTIFICATE_SIZE_MAX);
  got.ca = get_span(&r, 1, CERTIFICATE_SIZE_MAX);
  got.keys_count = get_u8(&r);
  if (got.keys_count > ENROL_KEYS_MAX) r.bad = true;
  for (size_t i = 0; !r.bad && i < got.keys_count; i++) {
    got.keys[i].author = get_u32(&r);
    got.keys[i].epoch = get_u32(&r);
    got.keys[i].since_ms = get_time(&r);
    got.keys[i].revoked_ms = get_time(&r);
    get_copy(&r, got.keys[i].public_key, PUBLIC_SIZE);
  }
  got.tail = get_tail(&r);
  if (!decoded(&r, "ENROLLED", n, err)) return false;
  *m = got;
  return true;
}

void tail_put(struct buf *out, uint8_t kind, const void *body, size_t size)
{
  put_u8(out, kind);
  put_vec16(out, body, size);
}

bool tail_next(struct span *tail, uint8_t kind, struct span *body)
{
  struct reader r = reader_of(tail->p, tail->size);
  while (!r.bad && reader_left(&r) > 0) {
    uint8_t got = get_u8(&r);
    struct span item;
    item.p = get_vec16(&r, &item.size);
    if (r.bad) return false;
    size_t left = reader_left(&r);
    if (got == kind) *body = item;
    *tail = (struct span){tail->p + (tail->size - left), left};
    if (got == kind) return true;
  }
  return false;
}

bool tail_get(struct span tail, uint8_t kind, struct span *body)
{
  return tail_next(&tail, kind, body);
}
