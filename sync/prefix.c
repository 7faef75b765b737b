#include "sync/prefix.h"

#include "core/base/clock.h"
#include "sync/streams.h"

#include <string.h>

bool prefix_compare(struct db *db, struct stream stream, uint64_t seq, const uint8_t hash[HASH_SIZE],
                    enum prefix *out, struct err *err)
{
  struct head head;
  int64_t pos;
  struct logged entry;
  struct lost_leaf leaf;
  bool lost = false;
  struct buf keep = BUF_INIT;
  if (seq == 0) {
    *out = PREFIX_SAME;
    return true;
  }
  if (!stream_head(db, stream, &head, err)) return false;
  if (seq > head.seq) {
    *out = PREFIX_AHEAD;
    return true;
  }
  if (seq == head.seq) { /* the steady state: one row is all there is to read */
    *out = head.lost || memcmp(head.hash, hash, HASH_SIZE) == 0 ? PREFIX_SAME : PREFIX_OTHER;
    return true;
  }
  bool ok = stream_find(db, stream, seq, &pos, err) &&
            (pos < 0 || entry_read_or_lost(db, pos, &entry, &keep, &leaf, &lost, err));
  if (ok) {
    if (pos < 0)
      *out = PREFIX_AHEAD;
    else
      *out = lost || memcmp(entry.hash, hash, HASH_SIZE) == 0 ? PREFIX_SAME : PREFIX_OTHER;
  }
  buf_wipe(&keep);
  return ok;
}

bool prefix_at(struct db *db, struct stream stream, uint64_t seq, uint64_t *at, uint8_t hash[HASH_SIZE],
               bool *lost, struct err *err)
{
  struct lost_leaf leaf;
  struct head head;
  int64_t pos = -1;
  struct logged entry;
  struct buf keep = BUF_INIT;
  if (!stream_head(db, stream, &head, err)) return false;
  *at = seq < head.seq ? seq : head.seq;
  *lost = *at > 0 && *at == head.seq && head.lost;
  memset(hash, 0, HASH_SIZE);
  if (*at == head.seq) memcpy(hash, head.hash, HASH_SIZE);
  if (*at == head.seq || *at == 0) return true;
  /* A log that lost an entry in its middle has no hash there, which is nobody's. */
  bool ok = stream_find(db, stream, *at, &pos, err) &&
            (pos < 0 || entry_read_or_lost(db, pos, &entry, &keep, &leaf, lost, err));
  if (ok && pos >= 0 && !*lost) memcpy(hash, entry.hash, HASH_SIZE);
  buf_wipe(&keep);
  return ok;
}

bool prefix_made_ms(struct db *db, struct stream stream, uint64_t seq, int64_t *ms, struct err *err)
{
  int64_t pos;
  struct logged entry;
  struct buf keep = BUF_INIT;
  struct lost_leaf leaf;
  bool lost = false;
  bool ok = stream_find(db, stream, seq, &pos, err) &&
            (pos < 0 || entry_read_or_lost(db, pos, &entry, &keep, &leaf, &lost, err));
  if (ok) *ms = pos < 0 || lost ? 0 : hlc_ms(entry.record.hlc);
  buf_wipe(&keep);
  return ok;
}
