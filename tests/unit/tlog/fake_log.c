#include "fake_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

static void plain_root(const struct merkle_hash *leaves, size_t count, struct merkle_hash *out)
{
  if (count == 0) merkle_empty(out);
  if (count == 1) *out = leaves[0];
  if (count < 2) return;
  size_t k = 1;
  while (k * 2 < count)
    k *= 2;
  struct merkle_hash left;
  struct merkle_hash right;
  plain_root(leaves, k, &left);
  plain_root(leaves + k, count - k, &right);
  merkle_node(out, &left, &right);
}

static bool give(void *ctx, unsigned level, uint64_t n, struct merkle_hash *out, struct err *err)
{
  (void)err;
  struct fake_log *log = ctx;
  plain_root(log->leaves + (n << level), (size_t)1 << level, out);
  return true;
}

struct fake_log fake_log_make(const char *name)
{
  struct fake_log log;
  uint8_t public_key[PUBLIC_SIZE];
  sign_pair(public_key, log.secret);
  assert_true(note_key_init(&log.key, name, NOTE_KEY_ED25519, public_key, NULL));
  for (size_t i = 0; i < FAKE_LEAVES; i++)
    merkle_leaf(&log.leaves[i], &i, sizeof i);
  return log;
}

struct merkle_source fake_log_source(struct fake_log *log)
{
  return (struct merkle_source){.hash = give, .ctx = log};
}

struct buf fake_log_note(struct fake_log *log, uint64_t size)
{
  struct checkpoint checkpoint = {.size = size};
  snprintf(checkpoint.origin, sizeof checkpoint.origin, "%s", log->key.name);
  plain_root(log->leaves, size, &checkpoint.root);
  struct buf text = BUF_INIT;
  struct buf note = BUF_INIT;
  checkpoint_encode(&text, &checkpoint);
  put_bytes(&note, text.data, text.size);
  put_text(&note, "\n");
  note_sign(&note, (const char *)text.data, text.size, &log->key, log->secret);
  buf_wipe(&text);
  return note;
}
