#include "sync/note.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { COSIGNATURE_SIZE = 8 + SIGNATURE_SIZE, SIGNATURE_LINE_MAX = 4 + NOTE_NAME_MAX + 1 + 4096 };

static const char dash[] = "\xe2\x80\x94 "; /* U+2014 and a space open a signature line */

static bool name_valid(const char *name)
{
  size_t n = strlen(name);
  if (n == 0 || n > NOTE_NAME_MAX) return false;
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)name[i];
    /* ASCII only: Unicode has spaces of many lengths, and a host name needs none of it. */
    if (c <= 0x20 || c >= 0x7f || c == '+') return false;
  }
  return true;
}

bool note_key_init(struct note_key *key, const char *name, uint8_t type,
                   const uint8_t public_key[PUBLIC_SIZE], struct err *err)
{
  if (!name_valid(name))
    return err_rule(err, ERR_INPUT, "name", "key_name", "'%.60s' cannot name a key", name);
  memset(key, 0, sizeof *key);
  snprintf(key->name, sizeof key->name, "%s", name);
  key->type = type;
  memcpy(key->public_key, public_key, PUBLIC_SIZE);
  uint8_t tail[2 + PUBLIC_SIZE] = {'\n', type};
  memcpy(tail + 2, public_key, PUBLIC_SIZE);
  uint8_t hash[HASH_SIZE];
  sha256_two(hash, name, strlen(name), tail, sizeof tail);
  memcpy(key->id, hash, sizeof key->id);
  return true;
}

void note_key_encode(struct buf *out, const struct note_key *key)
{
  char id[9];
  hex_encode(id, key->id, 4);
  put_text(out, key->name);
  put_text(out, "+");
  put_text(out, id);
  put_text(out, "+");
  uint8_t typed[1 + PUBLIC_SIZE] = {key->type};
  memcpy(typed + 1, key->public_key, PUBLIC_SIZE);
  base64_encode(out, typed, sizeof typed);
}

bool note_key_decode(struct note_key *key, const char *vkey, struct err *err)
{
  const char *plus = strchr(vkey, '+');
  size_t name_size = plus ? (size_t)(plus - vkey) : 0;
  char name[NOTE_NAME_MAX + 1] = "";
  struct buf typed = {.max = 64};
  bool ok = plus && name_size <= NOTE_NAME_MAX && strlen(plus) > 10 && plus[9] == '+' &&
            base64_decode(&typed, plus + 10, strlen(plus + 10)) && typed.size == 1 + PUBLIC_SIZE;
  if (ok) {
    memcpy(name, vkey, name_size);
    char id[9];
    ok = note_key_init(key, name, typed.data[0], typed.data + 1, NULL);
    hex_encode(id, key->id, 4);
    ok = ok && memcmp(id, plus + 1, 8) == 0;
  }
  buf_wipe(&typed);
  return ok || err_rule(err, ERR_INPUT, "vkey", "vkey", "'%.80s' is not a verifier key", vkey);
}

void checkpoint_encode(struct buf *out, const struct checkpoint *checkpoint)
{
  char size[24];
  snprintf(size, sizeof size, "\n%" PRIu64 "\n", checkpoint->size);
  put_text(out, checkpoint->origin);
  put_text(out, size);
  base64_encode(out, checkpoint->root.bytes, HASH_SIZE);
  put_text(out, "\n");
}

/* One line without its newline; NULL at the end or when the text does not end in a newline. */
static const char *next_line(const char **at, const char *end, size_t *size)
{
  const char *line = *at;
  const char *stop = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
  if (!stop) return NULL;
  *size = (size_t)(stop - line);
  *at = stop + 1;
  return line;
}

static bool decimal(const char *text, size_t size, uint64_t *out)
{
  if (size == 0 || size > 19 || (size > 1 && text[0] == '0')) return false;
  uint64_t v = 0;
  for (size_t i = 0; i < size; i++) {
    if (text[i] < '0' || text[i] > '9') return false;
    v = v * 10 + (uint64_t)(text[i] - '0');
  }
  *out = v;
  return v <= INT64_MAX;
}

bool checkpoint_decode(struct checkpoint *checkpoint, const char *text, size_t size, struct err *err)
{
  const char *at = text;
  const char *end = text + size;
  struct checkpoint c = {.size = 0};
  struct buf root = {.max = 64};
  size_t n = 0;
  const char *what = "its origin";
  const char *line = next_line(&at, end, &n);
  bool ok = line && n > 0 && n <= NOTE_NAME_MAX && !memchr(line, 0, n);
  if (ok) memcpy(c.origin, line, n);
  if (ok) {
    what = "its size";
    line = next_line(&at, end, &n);
    ok = line && decimal(line, n, &c.size);
  }
  if (ok) {
    what = "its root";
    line = next_line(&at, end, &n);
    ok = line && base64_decode(&root, line, n) && root.size == HASH_SIZE;
    if (ok) memcpy(c.root.bytes, root.data, HASH_SIZE);
  }
  if (ok) {
    what = "the end (there are extension lines)";
    ok = at == end;
  }
  buf_wipe(&root);
  if (!ok) return err_rule(err, ERR_INPUT, "checkpoint", "checkpoint", "the checkpoint is wrong at %s", what);
  *checkpoint = c;
  return true;
}

static void put_line(struct buf *out, const struct note_key *key, const uint8_t *signature, size_t size)
{
  uint8_t all[4 + COSIGNATURE_SIZE];
  memcpy(all, key->id, 4);
  memcpy(all + 4, signature, size);
  put_text(out, dash);
  put_text(out, key->name);
  put_text(out, " ");
  base64_encode(out, all, 4 + size);
  put_text(out, "\n");
}

void note_sign(struct buf *out, const char *text, size_t text_size, const struct note_key *key,
               const uint8_t secret[SECRET_SIZE])
{
  uint8_t signature[SIGNATURE_SIZE];
  sign_make(signature, text, text_size, secret);
  put_line(out, key, signature, sizeof signature);
}

static void cosigned_message(struct buf *out, uint64_t time_s, const char *text, size_t text_size)
{
  char head[64];
  snprintf(head, sizeof head, "cosignature/v1\ntime %" PRIu64 "\n", time_s);
  put_text(out, head);
  put_bytes(out, text, text_size);
}

void note_cosign(struct buf *out, const char *text, size_t text_size, const struct note_key *key,
                 const uint8_t secret[SECRET_SIZE], uint64_t time_s)
{
  struct buf message = BUF_INIT;
  cosigned_message(&message, time_s, text, text_size);
  struct buf timed = BUF_INIT;
  put_u64(&timed, time_s);
  uint8_t signature[SIGNATURE_SIZE];
  if (message.bad)
    out->bad = true;
  else
    sign_make(signature, message.data, message.size, secret);
  put_bytes(&timed, signature, sizeof signature);
  if (timed.bad)
    out->bad = true;
  else
    put_line(out, key, timed.data, timed.size);
  buf_wipe(&timed);
  buf_wipe(&message);
}

bool note_open(struct note *note, const char *bytes, size_t size, struct err *err)
{
  if (size > NOTE_SIZE_MAX)
    return err_rule(err, ERR_LIMIT, "note", "note_size", "a note of %zu bytes is longer than %d", size,
                    NOTE_SIZE_MAX);
  for (size_t i = 0; i < size; i++) {
    unsigned char c = (unsigned char)bytes[i];
    if ((c < 0x20 && c != '\n') || c == 0x7f)
      return err_rule(err, ERR_INPUT, "note", "note_byte", "the note has the byte 0x%02x at %zu", c, i);
  }
  /* The text ends at the last empty line. */
  size_t split = 0;
  for (size_t i = 1; i + 1 < size; i++)
    if (bytes[i] == '\n' && bytes[i - 1] == '\n') split = i;
  if (split == 0 || bytes[size - 1] != '\n')
    return err_rule(err, ERR_INPUT, "note", "note", "the note has no signature lines after an empty line");
  struct note n = {
      .text = bytes, .text_size = split, .lines = bytes + split + 1, .lines_size = size - split - 1};
  const char *at = n.lines;
  const char *end = n.lines + n.lines_size;
  size_t line_size = 0;
  for (const char *line; (line = next_line(&at, end, &line_size));) {
    if (++n.line_count > NOTE_LINES_MAX)
      return err_rule(err, ERR_LIMIT, "note", "note_lines", "the note has more than %d signature lines",
                      NOTE_LINES_MAX);
    if (line_size < sizeof dash - 1 || memcmp(line, dash, sizeof dash - 1) != 0)
      return err_rule(err, ERR_INPUT, "note", "note_line", "signature line %zu does not begin with a dash",
                      n.line_count);
  }
  *note = n;
  return true;
}

/* Splits a signature line into name and bytes; false when it is not one. */
static bool line_parse(const char *line, size_t size, const char **name, size_t *name_size,
                       struct buf *signature)
{
  size_t lead = sizeof dash - 1;
  if (size <= lead || size > SIGNATURE_LINE_MAX || memcmp(line, dash, lead) != 0) return false;
  const char *space = memchr(line + lead, ' ', size - lead);
  if (!space) return false;
  *name = line + lead;
  *name_size = (size_t)(space - *name);
  const char *coded = space + 1;
  return base64_decode(signature, coded, (size_t)(line + size - coded)) && signature->size > 4;
}

static bool signature_good(const struct buf *signature, const char *text, size_t text_size,
                           const struct note_key *key, uint64_t *time_s)
{
  const uint8_t *bytes = signature->data + 4;
  size_t size = signature->size - 4;
  if (key->type == NOTE_KEY_ED25519)
    return size == SIGNATURE_SIZE && sign_verify(bytes, text, text_size, key->public_key);
  if (key->type != NOTE_KEY_COSIGNATURE || size != COSIGNATURE_SIZE) return false;
  struct reader r = reader_of(bytes, 8);
  uint64_t time = get_u64(&r);
  struct buf message = BUF_INIT;
  cosigned_message(&message, time, text, text_size);
  bool ok = !message.bad && sign_verify(bytes + 8, message.data, message.size, key->public_key);
  buf_wipe(&message);
  if (ok && time_s) *time_s = time;
  return ok;
}

bool note_line_verify(const char *line, size_t size, const char *text, size_t text_size,
                      const struct note_key *key, uint64_t *time_s, struct err *err)
{
  struct buf signature = BUF_INIT;
  const char *name = NULL;
  size_t name_size = 0;
  bool parsed = line_parse(line, size, &name, &name_size, &signature);
  bool ours = parsed && name_size == strlen(key->name) && memcmp(name, key->name, name_size) == 0 &&
              memcmp(signature.data, key->id, 4) == 0;
  bool good = ours && signature_good(&signature, text, text_size, key, time_s);
  buf_wipe(&signature);
  if (good) return true;
  if (!parsed) return err_rule(err, ERR_INPUT, "signature", "note_line", "a signature line is malformed");
  if (!ours)
    return err_rule(err, ERR_MISSING, "signature", "no_signature", "the line is not of %s", key->name);
  return err_rule(err, ERR_REFUTED, "signature", "bad_signature", "the signature of %s does not verify",
                  key->name);
}

bool note_verify(const struct note *note, const struct note_key *key, uint64_t *time_s, struct err *err)
{
  const char *at = note->lines;
  const char *end = note->lines + note->lines_size;
  size_t size = 0;
  bool found = false;
  for (const char *line; (line = next_line(&at, end, &size));) {
    struct err why = ERR_INIT;
    if (note_line_verify(line, size, note->text, note->text_size, key, time_s, &why)) {
      /* A second line of the same key could carry another time: which one holds is then nobody's guess. */
      if (found)
        return err_rule(err, ERR_REFUTED, "signature", "duplicate_signature", "two lines of %s", key->name);
      found = true;
    } else if (why.kind != ERR_MISSING) {
      if (err) *err = why;
      return false;
    }
  }
  return found ||
         err_rule(err, ERR_MISSING, "signature", "no_signature", "the note is not signed by %s", key->name);
}
