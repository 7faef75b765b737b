/* completeness.h - of every author at once: is each number of its stream in the log exactly once, when was it
 * last heard, and how does its clock stand against ours.
 *
 * The counts are audit_tally's, taken from the records; they are held against the store's own head of each
 * stream as soon as the index has caught up.  What a full check re-reads, hashes and signatures, is
 * store_verify's and not repeated here.  Cheap: a few rows a branch however long the log is.
 * OWNERSHIP: completeness_read allocates, completeness_wipe frees.  THREADS: the connection's. */
#ifndef SUNLIT_HUB_COMPLETENESS_H
#define SUNLIT_HUB_COMPLETENESS_H

#include "hub/audit_tally.h"

enum { BREAKS_SHOWN = 5 };

/* One stream.  `agrees` is only looked at when nothing waits to be indexed. */
struct stream_account {
  struct stream_sums sums; /* zeros: no entry yet */
  int64_t superseded;      /* entries the store keeps and no longer counts: each is one repeat */
  int64_t frozen_ms, waiting_seq;
  char frozen_reason[48];
  bool agrees; /* the store's head is where the count ends */
  struct {
    int64_t pos, seq, expected;
  } breaks[BREAKS_SHOWN];
  int break_count; /* of those in `breaks` */
};

enum author_state { AUTHOR_BROKEN, AUTHOR_SILENT, AUTHOR_NEVER, AUTHOR_WHOLE };

struct author_account {
  uint32_t author;
  struct stream_account own;  /* a branch's stream; the province's to everybody */
  struct stream_account down; /* what the province wrote for this branch alone; the province's own records */
  int64_t quarantined, waiting, forks, refused; /* refused: its records that the province does not count */
  int64_t lost; /* of its entries: nobody has them any more (sync/lost_leaf.h) */
  bool enrolled, connected, heard;
  int64_t last_contact_ms, silent_ms; /* silent_ms: 0 unless longer than the setting */
  int64_t skew_ms;                    /* as the branch last said; only when heard */
  int64_t delays, median_ms;          /* of all its entries from claimed to received, about */
  int keys;
  enum author_state state;
  const char *reason; /* why: gap repeat disagrees fork frozen parked quarantined silent never, or "" */
};

struct completeness {
  int64_t entries, lag, silent_after_ms;
  struct author_account *authors; /* the province first, then by code */
  size_t count, room;
  int64_t counts[4]; /* of enum author_state */
};

bool completeness_read(struct completeness *all, struct db *db, uint32_t province, int64_t now_ms,
                       int64_t silent_after_ms, struct err *err);
void completeness_wipe(struct completeness *all);
/* Nothing missing, nothing twice but what was superseded. */
bool stream_is_whole(const struct stream_account *stream);

#endif
