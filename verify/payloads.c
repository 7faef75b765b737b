#include "verify/payloads.h"

#include "core/base/say.h"
#include "verify/carried.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_one(struct payloads *p, uint64_t seq, const struct batch_entry *entry, struct err *err)
{
  char path[4096];
  int n = snprintf(path, sizeof path, "%s/%010" PRIu64 ".changeset", p->folder, seq);
  if (n < 0 || (size_t)n >= sizeof path)
    return err_set(err, ERR_INPUT, "the path %.60s... is too long", path);
  FILE *file = fopen(path, "wbxe");
  if (!file) return err_disk(err, "create", path);
  bool ok = fwrite(entry->payload, 1, entry->payload_size, file) == entry->payload_size;
  ok = fclose(file) == 0 && ok;
  p->written += ok;
  if (ok) return true;
  err_disk(err, "write", path);
  unlink(path); /* half a changeset is taken for none */
  return false;
}

bool payloads_take(void *ctx, const struct batch *batch, struct err *err)
{
  struct payloads *p = ctx;
  const struct batch_head *head = &batch->head;
  if (head->stream.author != p->stream.author || head->stream.lane != p->stream.lane) return true;
  if (p->last_seq && !carried_follows(head, p->last_seq, p->hash, err)) return false;
  if (mkdir(p->folder, 0777) != 0 && errno != EEXIST) return err_disk(err, "make", p->folder);
  if (!p->last_seq) {
    p->first_seq = head->first_seq;
    p->schema_from = head->schema;
  }
  p->schema_to = head->schema;
  for (uint32_t i = 0; i < head->count; i++) {
    const struct batch_entry *entry = &batch->entries[i];
    p->absent += !entry->payload;
    if (entry->payload && !write_one(p, head->first_seq + i, entry, err)) return false;
  }
  p->last_seq = batch_last_seq(head);
  memcpy(p->hash, batch->entries[head->count - 1].hash, HASH_SIZE);
  return true;
}

bool payloads_say(const struct payloads *p, struct err *err)
{
  if (!p->last_seq)
    return err_rule(err, ERR_MISSING, "stream", "stream", "there is nothing of stream %u/%u in it",
                    p->stream.author, p->stream.lane);
  say("%s: %" PRIu64 " changesets of stream %u/%u, entries %" PRIu64 " to %" PRIu64, p->folder, p->written,
      p->stream.author, p->stream.lane, p->first_seq, p->last_seq);
  if (p->schema_from == p->schema_to)
    say(", made under schema %u\n", p->schema_to);
  else
    say(", made under schemas %u to %u\n", p->schema_from, p->schema_to);
  if (p->absent)
    say("  not proved: what %" PRIu64 " entries say: their payloads are not in it, and have no file\n",
        p->absent);
  if (p->first_seq > 1)
    say("  entries 1 to %" PRIu64 " are not in it: applied alone these do not give the whole tables\n",
        p->first_seq - 1);
  return true;
}
