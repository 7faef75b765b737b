#include "sync/proof.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char head[] = "c2sp.org/tlog-proof@v1\n";

void proof_encode(struct buf *out, uint64_t index, const struct merkle_proof *path, const char *note,
                  size_t note_size)
{
  char line[40];
  snprintf(line, sizeof line, "index %" PRIu64 "\n", index);
  put_text(out, head);
  put_text(out, line);
  for (size_t i = 0; i < path->count; i++) {
    base64_encode(out, path->hashes[i].bytes, HASH_SIZE);
    put_text(out, "\n");
  }
  put_text(out, "\n");
  put_bytes(out, note, note_size);
}

void proof_add_leaf(struct buf *file, const void *leaf, size_t leaf_size)
{
  struct buf whole = BUF_INIT;
  put_text(&whole, head);
  put_text(&whole, "extra ");
  base64_encode(&whole, leaf, leaf_size);
  put_text(&whole, "\n");
  if (file->size >= sizeof head - 1)
    put_bytes(&whole, file->data + sizeof head - 1, file->size - (sizeof head - 1));
  whole.bad = whole.bad || file->bad;
  buf_wipe(file);
  *file = whole;
}

bool proof_leaf(const struct proof_file *proof, struct buf *leaf, struct err *err)
{
  if (!proof->extra)
    return err_rule(err, ERR_MISSING, "leaf", "required", "the proof does not bring the entry it is about");
  return base64_decode(leaf, proof->extra, proof->extra_size) ||
         err_rule(err, ERR_INPUT, "extra", "tlog_proof", "the extra line is not base64");
}

static bool wrong(struct err *err, size_t line)
{
  return err_rule(err, ERR_INPUT, "proof", "tlog_proof", "line %zu is not that of a %.22s file", line, head);
}

/* The line that starts at *at, without its newline. */
static const char *take_line(const char **at, const char *end, size_t *size)
{
  const char *line = *at;
  const char *stop = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
  if (!stop) return NULL;
  *size = (size_t)(stop - line);
  *at = stop + 1;
  return line;
}

static bool index_of(const char *line, size_t size, uint64_t *out)
{
  if (size < 7 || size > 25 || memcmp(line, "index ", 6) != 0) return false;
  uint64_t v = 0;
  for (size_t i = 6; i < size; i++) {
    if (line[i] < '0' || line[i] > '9' || (i == 6 && line[i] == '0' && size > 7)) return false;
    v = v * 10 + (uint64_t)(line[i] - '0');
  }
  *out = v;
  return v <= INT64_MAX;
}

static bool hash_of(const char *line, size_t size, struct merkle_hash *out)
{
  struct buf bytes = {.max = 64};
  bool ok = base64_decode(&bytes, line, size) && bytes.size == HASH_SIZE;
  if (ok) memcpy(out->bytes, bytes.data, HASH_SIZE);
  buf_wipe(&bytes);
  return ok;
}

bool proof_decode(struct proof_file *out, const char *bytes, size_t size, struct err *err)
{
  if (size > PROOF_FILE_MAX)
    return err_rule(err, ERR_LIMIT, "proof", "proof_size", "a proof of %zu bytes is too long", size);
  const char *at = bytes;
  const char *end = bytes + size;
  struct proof_file proof = {0};
  size_t n = 0;
  size_t number = 1;
  const char *line = take_line(&at, end, &n);
  if (!line || n + 1 != sizeof head - 1 || memcmp(line, head, n) != 0) return wrong(err, number);
  line = take_line(&at, end, &n);
  number++;
  if (line && n > 6 && memcmp(line, "extra ", 6) == 0) {
    proof.extra = line + 6;
    proof.extra_size = n - 6;
    line = take_line(&at, end, &n);
    number++;
  }
  if (!line || !index_of(line, n, &proof.index)) return wrong(err, number);
  for (number++; (line = take_line(&at, end, &n)) && n > 0; number++) {
    if (proof.path.count == MERKLE_PROOF_MAX || !hash_of(line, n, &proof.path.hashes[proof.path.count++]))
      return wrong(err, number);
  }
  if (!line || at == end) return wrong(err, number);
  proof.note = at;
  proof.note_size = (size_t)(end - at);
  *out = proof;
  return true;
}

bool proof_verify(const struct proof_file *proof, const void *leaf, size_t leaf_size,
                  const struct note_key *log, struct checkpoint *checkpoint, struct err *err)
{
  struct note note;
  struct checkpoint signed_one;
  if (!note_open(&note, proof->note, proof->note_size, err) || !note_verify(&note, log, NULL, err) ||
      !checkpoint_decode(&signed_one, note.text, note.text_size, err))
    return err_prefix(err, "the checkpoint");
  if (strcmp(signed_one.origin, log->name) != 0)
    return err_rule(err, ERR_REFUTED, "origin", "unknown_log", "the checkpoint is of '%.80s', not of '%.80s'",
                    signed_one.origin, log->name);
  struct merkle_hash hash;
  merkle_leaf(&hash, leaf, leaf_size);
  if (!merkle_verify_inclusion(&hash, proof->index, signed_one.size, &proof->path, &signed_one.root))
    return err_rule(err, ERR_REFUTED, "proof", "not_included",
                    "the entry is not leaf %llu of the %llu that were signed",
                    (unsigned long long)proof->index, (unsigned long long)signed_one.size);
  *checkpoint = signed_one;
  return true;
}
