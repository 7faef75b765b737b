#include "sync/same_record.h"

#include "sync/streams.h"

#include <string.h>

static bool same_name(struct name a, struct name b)
{
  return a.size == b.size && (a.size == 0 || memcmp(a.text, b.text, a.size) == 0);
}

bool same_record(const struct record *a, const struct record *b)
{
  return a->stream.author == b->stream.author && a->stream.lane == b->stream.lane && a->seq == b->seq &&
         a->hlc == b->hlc && same_name(a->actor, b->actor) && same_name(a->action, b->action) &&
         same_name(a->subject, b->subject) && a->payload_size == b->payload_size &&
         memcmp(a->payload_sha256, b->payload_sha256, HASH_SIZE) == 0;
}

bool same_record_stands(struct db *db, const struct record *record, bool *stands, uint32_t *epoch,
                        struct err *err)
{
  struct head head;
  struct logged here;
  struct lost_leaf leaf;
  struct buf keep = BUF_INIT;
  int64_t pos = -1;
  bool lost = false;
  *stands = false;
  if (!stream_head(db, record->stream, &head, err)) return false;
  if (record->seq > head.seq) return true;
  bool ok = stream_find(db, record->stream, record->seq, &pos, err) &&
            (pos < 0 || entry_read_or_lost(db, pos, &here, &keep, &leaf, &lost, err));
  *stands = ok && pos >= 0 && !lost && same_record(record, &here.record);
  if (*stands) *epoch = here.record.epoch;
  buf_wipe(&keep);
  return ok;
}
