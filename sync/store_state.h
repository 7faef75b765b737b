/* store_state.h - what store.c, commit.c, apply.c and rejournal.c share: the inside of a store.
 *
 * Everything here belongs to whoever holds the lock.  A transaction of any kind is
 *   store_begin ... store_end(store, ok, err)
 * and nothing else begins or ends one. */
#ifndef SUNLIT_SYNC_STORE_STATE_H
#define SUNLIT_SYNC_STORE_STATE_H

#include "core/base/capture.h"
#include "sync/journal.h"
#include "sync/store.h"
#include "sync/tables.h"

#include <pthread.h>
#include <stdatomic.h>

struct store {
  pthread_mutex_t lock;
  struct db *db;
  uint32_t author, province, epoch, schema;
  uint8_t secret[SECRET_SIZE];
  atomic_bool
      rolled_back; /* a branch can show our signature for a longer log: nothing is added to this one */
  /* Whose sign of that could not be kept, the disk being full: the stop stays without it. */
  struct {
    uint32_t shown, held, stranger;
  } unkept;
  atomic_bool listening; /* nothing new of the log is signed: store_listen */
  struct err damage;     /* what it said of itself when it contradicted itself: store_damaged */
  bool restored;         /* a copy that was put back: restored.h */
  bool keeps_log;        /* the province's store: every entry is a leaf of the transparency log (tlog.h) */
  uint64_t base_seq;     /* the hub's head when this epoch was enrolled */
  uint8_t base_hash[HASH_SIZE];
  int64_t enrolled_ms;    /* what the hub's clock said then; 0: not known */
  bool guard_open;        /* what sunlit_guard() looks at */
  bool withholding;       /* what sunlit_withholding() looks at */
  bool wal_holds;         /* the write-ahead log may still hold bytes of what was withheld */
  struct lost_run denied; /* holes that went aside and nobody was told of: store_hole_news */
  atomic_bool any_denied;
  bool aside_waits; /* entries that were put aside wait to be journaled again: aside.h */
  struct {
    bool restored, any_denied, aside_waits;
  } before; /* the transaction that runs: as they are again when it is rolled back */
  store_renumber renumber;
  struct fence fence;        /* closed while foreign SQL runs */
  _Atomic int64_t newest_ms; /* store_newest_ms */
  int64_t heard_ms;          /* what the other side's clock said last; 0: nothing yet */
  struct tables tables;
  struct capture *capture;
  struct journal journal;
  struct buf changeset, parts[SCOPE_COUNT], record; /* kept between commits for their room */
};

/* Takes the lock, loads the heads if they are stale, begins.  On failure the lock is released again.  Of what
 * is damaged ERR_CORRUPT rule "store_damaged". */
bool store_begin(struct store *store, struct err *err);
bool store_is_whole(struct store *store, struct err *err); /* under the lock */
/* Commits when ok, else rolls back; closes the guard and the fence and releases the lock.  Returns ok, and
 * the commit's own failure. */
bool store_end(struct store *store, bool ok, struct err *err);

/* Carries out the acts that were written in this transaction (withholding.h); does nothing without one. */
bool store_withhold(struct store *store, struct err *err);

/* ERR_CONFLICT rule "log_rolled_back" once a branch has shown that our log was longer. */
bool store_load_floor(struct store *store, struct err *err); /* at opening */
bool store_not_rolled_back(const struct store *store, struct err *err);
/* store_end of what a branch has shown.  stop: nothing is added any more, whether that could be kept or not;
 * `unkept` names the branch until it is kept, or what it shows stops nothing. */
bool store_end_shown(struct store *store, uint32_t *unkept, uint32_t branch, bool stop, bool ok,
                     struct err *err);
/* ERR_BUSY rule "restoring" while this is a restored copy that has not been heard (restored.h). */
bool store_load_restored(struct store *store, struct err *err); /* at opening */
bool store_not_restored(const struct store *store, struct err *err);
/* Entries of our own came back that only a newer program can apply: nothing is written behind them. */
bool store_own_waits(const struct store *store);

/* store_keys.c: adds a key, the same again is fine.  Inside a transaction. */
bool store_keys_put(struct db *db, const struct key *key, struct err *err);
/* aside.c.  Everything behind seq leaves the stream, inside a transaction. */
bool aside_cut(struct store *store, struct stream_state *state, uint64_t seq, int64_t now_ms,
               struct err *err);
bool store_load_aside(struct store *store, struct err *err); /* at opening */
/* Journals what waits behind the heads as they are; cheap when nothing does. */
bool store_again(struct store *store, int64_t now_ms, struct err *err);

/* store_log.c: once for each text, beside the checkpoint that is held; without one nothing.  Inside a
 * transaction. */
bool store_keep_evidence(struct store *store, const struct err *why, const void *said, size_t size,
                         int64_t now_ms, struct err *err);

/* rejournal.c: what a new epoch does to the entries the hub has not got.  Inside a transaction. */
bool store_rejournal(struct store *store, int64_t now_ms, struct err *err);
/* Signs the head of a stream of ours when the next entry of this cost would not fit the same batch. */
bool store_keep_signed(struct store *store, struct stream_state *state, const struct record *next,
                       struct err *err);
/* commit.c: the moment that an entry made now claims, for hlc_next: what the clock says, unless it leaps. */
int64_t store_claim_ms(const struct store *store, int64_t now_ms);
/* Encodes, hashes and appends a record of our own behind the head of its stream. */
bool store_seal(struct store *store, struct stream_state *state, struct record *record, const void *payload,
                int64_t now_ms, struct err *err);

#endif
