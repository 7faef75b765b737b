#include "verify/carried.h"

#include "core/base/clock.h"
#include "core/base/say.h"
#include "sync/batch.h"
#include "sync/carry.h"
#include "sync/log_message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct author_key *carried_key(const struct carried_config *config, uint32_t author, uint32_t epoch,
                                     struct err *err)
{
  for (size_t i = 0; i < config->key_count; i++)
    if (config->keys[i].author == author && config->keys[i].epoch == epoch) return &config->keys[i];
  err_rule(err, ERR_INPUT, "keys", "required", "the key of author %u, epoch %u is needed: --keys FILE",
           author, epoch);
  return NULL;
}

/* One stream of the file, so far. */
struct run {
  struct stream stream;
  uint64_t first_seq, last_seq; /* 0: none yet */
  uint8_t hash[HASH_SIZE];      /* of the last */
  int64_t last_ms;
};

bool carried_follows(const struct batch_head *head, uint64_t last_seq, const uint8_t last_hash[HASH_SIZE],
                     struct err *err)
{
  if (head->first_seq != last_seq + 1)
    return err_rule(err, ERR_REFUTED, "file", "chain", "entry %" PRIu64 " does not follow on entry %" PRIu64,
                    head->first_seq, last_seq);
  if (memcmp(head->prev, last_hash, HASH_SIZE) == 0) return true;
  return err_rule(err, ERR_REFUTED, "file", "chain",
                  "entry %" PRIu64 " does not name the record of entry %" PRIu64
                  " that is here: its author had lost that one and names its leaf, or has two histories; "
                  "sunlit-verify of the log tells which",
                  head->first_seq, last_seq);
}

void carried_say_absent(const struct batch *batch)
{
  unsigned absent = 0;
  for (uint32_t i = 0; i < batch->head.count; i++)
    absent += !batch->entries[i].payload;
  if (absent) say("  not proved: what %u of these entries say: their payloads are not in it\n", absent);
}

static bool follow(const struct carried_config *config, const struct frame *item, struct run *run,
                   struct err *err)
{
  struct batch *batch = NULL;
  if (!batch_open(&batch, item->body, item->size, err)) return false;
  const struct batch_head *head = &batch->head;
  const struct author_key *key = carried_key(config, head->stream.author, head->epoch, err);
  bool ok = key && batch_verify(batch, key->public_key, err);
  bool other =
      run->last_seq && (head->stream.author != run->stream.author || head->stream.lane != run->stream.lane);
  if (other) memset(run, 0, sizeof *run);
  if (ok && run->last_seq) ok = carried_follows(head, run->last_seq, run->hash, err);
  if (ok) {
    if (!run->first_seq) run->first_seq = head->first_seq;
    run->stream = head->stream;
    run->last_seq = batch_last_seq(head);
    memcpy(run->hash, batch->entries[head->count - 1].hash, HASH_SIZE);
    run->last_ms = (int64_t)(batch->entries[head->count - 1].hlc >> 16);
    say("  proved: entries %" PRIu64 " to %" PRIu64
        " of author %u, lane %u, chained and signed in epoch %u\n",
        head->first_seq, run->last_seq, head->stream.author, head->stream.lane, head->epoch);
    carried_say_absent(batch);
  }
  ok = ok && (!config->take || config->take(config->ctx, batch, err));
  batch_close(batch);
  return ok;
}

static bool look_at_checkpoint(const struct carried_config *config, const struct frame *item, struct err *err)
{
  struct checkpoint_message m;
  struct note note;
  struct checkpoint checkpoint;
  if (!checkpoint_message_decode(&m, item->body, item->size, err) ||
      !note_open(&note, (const char *)m.note.p, m.note.size, err) ||
      !checkpoint_decode(&checkpoint, note.text, note.text_size, err) ||
      (config->log && !note_verify(&note, config->log, NULL, err)))
    return false;
  say("  %s: a checkpoint of %s with %" PRIu64 " entries\n", config->log ? "proved" : "not proved (--log)",
      checkpoint.origin, checkpoint.size);
  return true;
}

bool carried_verify(const struct carried_config *config, const void *p, size_t n, struct err *err)
{
  struct carry_reader reader;
  struct frame item;
  static const char *const what[] = {[CARRY_ENTRIES] = "entries of",
                                     [CARRY_RECEIPT] = "a receipt for",
                                     [CARRY_HISTORY] = "the history, all that is held of the log, of"};
  struct run run = {.first_seq = 0};
  uint64_t leaves = 0;
  if (!carry_open(&reader, p, n, err)) return false;
  say("%s: %s branch %u, %u items\n", config->where, what[reader.head.kind], reader.head.branch,
      reader.head.count);
  while (carry_next(&reader, &item)) {
    bool ok = item.type == FRAME_BATCH        ? follow(config, &item, &run, err)
              : item.type == FRAME_CHECKPOINT ? look_at_checkpoint(config, &item, err)
              : item.type == FRAME_LEAVES     ? ++leaves > 0
                                              : true; /* where a branch stands proves nothing to others */
    if (!ok) return false;
  }
  if (reader.head.kind == CARRY_ENTRIES)
    say("  not proved: that the province has received them, or that entry %" PRIu64 " and before are whole\n",
        reader.head.acked_seq);
  if (reader.head.kind == CARRY_HISTORY)
    say("  not proved: what the log was; sunlit-hub rebuild --from-branches puts that together\n");
  if (leaves)
    say("  not proved: %" PRIu64 " proofs of places in the log; they need the branch's own entries\n",
        leaves);
  say("%s: verified\n", config->where);
  return true;
}
