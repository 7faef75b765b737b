/* What other people's witnesses, logs and servers may say: a question to a witness is the bytes it was made
 * of, a checkpoint likewise, a policy that is taken can be asked, a reply keeps its bounds. */
#include "net/reply.h"
#include "sync/add_checkpoint.h"
#include "sync/policy.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check_question(const char *p, size_t n)
{
  struct add_checkpoint question;
  struct buf again = BUF_INIT;
  if (!add_checkpoint_decode(&question, p, n, NULL)) return;
  add_checkpoint_encode(&again, &question);
  CLAIM(!again.bad && again.size == n && memcmp(again.data, p, n) == 0);
  buf_wipe(&again);
}

static void check_note(const char *p, size_t n)
{
  struct note note;
  struct checkpoint checkpoint;
  struct buf again = BUF_INIT;
  if (!note_open(&note, p, n, NULL)) return;
  CLAIM(note.text == p && note.text_size + note.lines_size + 1 == n && note.line_count <= NOTE_LINES_MAX);
  if (!checkpoint_decode(&checkpoint, note.text, note.text_size, NULL)) return;
  checkpoint_encode(&again, &checkpoint);
  CLAIM(!again.bad && again.size == note.text_size && memcmp(again.data, p, again.size) == 0);
  buf_wipe(&again);
}

static uint64_t seven(void *ctx, const struct note_key *key)
{
  (void)ctx;
  CLAIM(key->type == NOTE_KEY_COSIGNATURE);
  return 7;
}

static void check_policy(const char *p, size_t n)
{
  struct policy *policy = NULL;
  if (!policy_open(&policy, p, n, NULL)) return;
  uint64_t reach = policy_reach(policy, seven, NULL);
  CLAIM(reach == 7 || reach == UINT64_MAX);
  for (size_t i = 0; i < policy_witnesses(policy); i++) {
    const char *url = policy_witness_url(policy, i);
    CLAIM(!url || strlen(url) <= POLICY_URL_MAX);
  }
  policy_close(policy);
}

static void check_reply(const uint8_t *p, size_t n)
{
  for (int ended = 0; ended < 2; ended++) {
    struct reply reply;
    enum reply_verdict verdict = reply_parse(&reply, p, n, ended);
    CLAIM(!(ended && verdict == REPLY_MORE));
    if (verdict != REPLY_WHOLE) {
      CLAIM(verdict == REPLY_MORE || reply.why);
      continue;
    }
    CLAIM(reply.status >= 200 && reply.status <= 999 && reply.body.size <= REPLY_BODY_MAX &&
          reply.body.size <= n);
    buf_wipe(&reply.body);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  uint64_t held;
  check_question((const char *)data, size);
  check_note((const char *)data, size);
  check_policy((const char *)data, size);
  check_reply(data, size);
  if (add_checkpoint_size_decode(&held, data, size)) CLAIM(size <= 20 && data[size - 1] == '\n');
  return 0;
}
