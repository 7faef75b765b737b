#include "sync/consistency.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char head[] = "sunlit.consistency.v1\n";

static void put_counted(struct buf *out, const char *name, size_t count)
{
  char line[40];
  snprintf(line, sizeof line, "%s %zu\n", name, count);
  put_text(out, line);
}

void consistency_encode(struct buf *out, const struct consistency *in)
{
  put_text(out, head);
  put_counted(out, "older", in->older_size);
  put_bytes(out, in->older, in->older_size);
  put_counted(out, "newer", in->newer_size);
  put_bytes(out, in->newer, in->newer_size);
  put_counted(out, "proof", in->proof.count);
  for (size_t i = 0; i < in->proof.count; i++) {
    base64_encode(out, in->proof.hashes[i].bytes, HASH_SIZE);
    put_text(out, "\n");
  }
}

bool consistency_is(const void *bytes, size_t size)
{
  return size >= sizeof head - 1 && memcmp(bytes, head, sizeof head - 1) == 0;
}

static bool wrong(struct err *err, const char *part)
{
  return err_rule(err, ERR_INPUT, "consistency", "consistency", "the proof of consistency is wrong at %s",
                  part);
}

/* The line that starts at *at, without its newline; NULL when there is none. */
static const char *take_line(const char **at, const char *end, size_t *size)
{
  const char *line = *at;
  const char *stop = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
  if (!stop) return NULL;
  *size = (size_t)(stop - line);
  *at = stop + 1;
  return line;
}

/* "name 123": a canonical decimal of at most seven digits. */
static bool take_counted(const char **at, const char *end, const char *name, size_t *count)
{
  size_t size = 0, lead = strlen(name) + 1;
  const char *line = take_line(at, end, &size);
  if (!line || size <= lead || size > lead + 7 || memcmp(line, name, lead - 1) != 0 || line[lead - 1] != ' ')
    return false;
  *count = 0;
  for (size_t i = lead; i < size; i++) {
    if (line[i] < '0' || line[i] > '9' || (i == lead && line[i] == '0' && size > lead + 1)) return false;
    *count = *count * 10 + (size_t)(line[i] - '0');
  }
  return true;
}

static bool take_note(const char **at, const char *end, const char *name, const char **note, size_t *size)
{
  if (!take_counted(at, end, name, size) || *size > NOTE_SIZE_MAX || *size > (size_t)(end - *at))
    return false;
  *note = *at;
  *at += *size;
  return true;
}

static bool take_hash(const char **at, const char *end, struct merkle_hash *out)
{
  struct buf bytes = {.max = 64};
  size_t size = 0;
  const char *line = take_line(at, end, &size);
  bool ok = line && base64_decode(&bytes, line, size) && bytes.size == HASH_SIZE;
  if (ok) memcpy(out->bytes, bytes.data, HASH_SIZE);
  buf_wipe(&bytes);
  return ok;
}

bool consistency_decode(struct consistency *out, const char *bytes, size_t size, struct err *err)
{
  struct consistency c = {.older = NULL};
  const char *at = bytes + sizeof head - 1, *end = bytes + size;
  size_t count = 0;
  if (!consistency_is(bytes, size)) return wrong(err, "its first line");
  if (!take_note(&at, end, "older", &c.older, &c.older_size)) return wrong(err, "the older note");
  if (!take_note(&at, end, "newer", &c.newer, &c.newer_size)) return wrong(err, "the newer note");
  if (!take_counted(&at, end, "proof", &count) || count > MERKLE_PROOF_MAX)
    return wrong(err, "the count of hashes");
  for (; c.proof.count < count; c.proof.count++)
    if (!take_hash(&at, end, &c.proof.hashes[c.proof.count])) return wrong(err, "a hash");
  if (at != end) return wrong(err, "its end");
  *out = c;
  return true;
}

static bool signed_checkpoint(const char *bytes, size_t size, const struct note_key *log,
                              struct checkpoint *out, struct err *err)
{
  struct note note;
  if (!note_open(&note, bytes, size, err) || !note_verify(&note, log, NULL, err) ||
      !checkpoint_decode(out, note.text, note.text_size, err))
    return false;
  return strcmp(out->origin, log->name) == 0 ||
         err_rule(err, ERR_REFUTED, "origin", "unknown_log", "it is of '%.80s', not of '%.80s'", out->origin,
                  log->name);
}

bool consistency_verify(const struct consistency *in, const struct note_key *log, struct checkpoint *older,
                        struct checkpoint *newer, struct err *err)
{
  if (!signed_checkpoint(in->older, in->older_size, log, older, err))
    return err_prefix(err, "the older checkpoint");
  if (!signed_checkpoint(in->newer, in->newer_size, log, newer, err))
    return err_prefix(err, "the newer checkpoint");
  if (older->size > newer->size)
    return err_rule(err, ERR_INPUT, "size", "order", "the older checkpoint has %llu entries, the newer %llu",
                    (unsigned long long)older->size, (unsigned long long)newer->size);
  if (merkle_verify_consistency(older->size, &older->root, newer->size, &newer->root, &in->proof))
    return true;
  return err_rule(err, ERR_REFUTED, "root", "log_rewritten",
                  "the log signed both, and its %llu entries are not the beginning of its %llu: history was "
                  "rewritten, or the proof is not of these two",
                  (unsigned long long)older->size, (unsigned long long)newer->size);
}
