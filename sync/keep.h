/* keep.h - what a branch keeps of the province's log, so that a province without its disk can be rebuilt.
 *
 * Of every tile of 256 leaves its hash: with these alone, and the leaves of the open tile, a branch can lead
 * anybody to the root that the province signed.  What the leaves of a full tile are, whose and when and by
 * what hash, and the province's entries among them that are for others, sealed: that keep the tile's keepers
 * (keepers.h).  Of the newest tiles everybody has it still, for the keepers may be away when a tile is full.
 *
 * The province tells no more of the log than the checkpoint that the branch has been shown; nothing of it is
 * believed: a rebuilt root proves it (recall.h).  Old tiles that have become its own the branch asks for
 * itself, one after the other: what it lacks stands in its own tables, so nothing is lost with a line, or
 * when the keepers change. Functions that write do so inside the caller's transaction.  THREADS: the
 * connection's. */
#ifndef SUNLIT_SYNC_KEEP_H
#define SUNLIT_SYNC_KEEP_H

#include "sync/keep_message.h"
#include "sync/keepers.h"

/* The newest full tiles of which everybody keeps the leaves. */
enum { KEEP_RECENT = 16 };

/* The first leaf that is not kept; and the id of the keepers that are known, zeros for none. */
bool keep_through(struct db *db, uint64_t *pos, struct err *err);
bool keep_keepers_id(struct db *db, uint8_t out[KEEPERS_ID_SIZE], struct err *err);

/* Keeps what follows on what it has, or on the leaves it has of a full tile; anything else is passed over. */
bool keep_take(struct db *db, uint32_t branch, uint32_t province, struct tiles *m, struct err *err);
bool keep_take_keepers(struct db *db, const void *encoded, size_t n, struct err *err);
/* Lets tiles go that are others', some at a time, and the mirror of an earlier version when these lead as
 * far, and finds the first that is its own and lacks leaves; *wants false: there is none, or it is not known
 * yet whose they are. */
bool keep_step(struct db *db, uint32_t branch, bool *wants, uint64_t *tile, struct err *err);
/* What is kept behind `size` goes; with the tile in which that size lies, when what its leaves are is not
 * known. */
bool keep_forget(struct db *db, uint64_t size, struct err *err);

/* Is entry seq of a stream of the province's, for everybody or for this branch, surely before leaf `size`? */
bool keep_is_before(struct db *db, uint32_t lane, uint64_t seq, uint64_t size, bool *yes, struct err *err);

/* Giving it back.  The next piece of the hashes from tile *tile on, in chunks that end where a multiple of
 * TILES_HASHES_MAX does; and the next tile from leaf *pos on of which it has what they are.  They move behind
 * it; out stays empty when there is none. */
bool keep_give_hashes(struct db *db, uint64_t *tile, struct buf *out, struct err *err);
bool keep_give_leaves(struct db *db, uint64_t *pos, struct buf *out, struct err *err);
/* Of its own entries that are proved to stand in the log, the next from seq *from on. */
bool keep_give_places(struct db *db, uint64_t *from, struct buf *out, struct err *err);

#endif
