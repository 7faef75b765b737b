/* recall_tiles.h - the log put together from what branches keep of it in tiles (keep.h).
 *
 * Three steps, each proved by the one before it.  A branch's list of tile hashes, with the leaves of the open
 * tile as anybody has them, is the log's when it makes the root that the province signed: one honest list is
 * enough. The leaves of a tile are those that make its hash.  And an entry stands where its leaf has that
 * hash, whatever is said of it: whose it is and when it came are tried, by what its keepers say and where its
 * author was proved to have it.  So nobody's word is believed, and who said otherwise is named.
 *
 * recall_tiles.c gathers, recall_plan.c finds the list, recall_fill.c matches entries, recall_names.c names
 * the rest, recall_put.c writes the log on.  All under the recall's lock. */
#ifndef SUNLIT_SYNC_RECALL_TILES_H
#define SUNLIT_SYNC_RECALL_TILES_H

#include "sync/journal.h"
#include "sync/keep_message.h"
#include "sync/recall_state.h"

/* ---- what was brought (recall_tiles.c) ---- */
bool tiles_tables(struct db *gathered, struct err *err);
bool tiles_clear(struct db *gathered, struct err *err);
bool tiles_leave_out(struct recall *r, uint32_t source, struct err *err);
/* What a source need not bring. */
bool tiles_have(struct recall *r, uint32_t source, struct recall_marks *have, struct err *err);
/* The hash of a tile in the list of a source; *found false: it does not reach as far. */
bool tiles_hash_of(struct recall *r, uint32_t source, uint64_t tile, struct merkle_hash *out, bool *found,
                   struct err *err);

/* ---- which list is the log's (recall_plan.c) ---- */
bool tiles_plan(struct recall *r, struct tiles_plan *out, struct err *err);
/* Whose lists say otherwise. */
bool tiles_blame(struct recall *r, const struct tiles_plan *plan, struct err *err);

/* ---- which entry stands where (recall_fill.c) ---- */
/* What somebody says that a leaf is. */
struct tile_claim {
  struct stream stream;
  uint64_t seq;
  int64_t received_ms;
  bool is_signed;
  unsigned votes;
};
enum { TILE_CLAIMS_MAX = 12 };
struct tile_claims {
  size_t count;
  struct tile_claim of[TILE_CLAIMS_MAX]; /* what most say first; of no weight for what is found */
};
struct tile_place {
  bool found, is_signed;
  struct stream
      stream; /* as it is; of one that is not found as most of the keepers say, author 0: nobody does */
  uint64_t seq;
  int64_t received_ms;
  struct merkle_hash leaf;   /* known when `leaves` is */
  uint8_t record[HASH_SIZE]; /* its hash */
  uint8_t signature[SIGNATURE_SIZE];
};
struct tile_fill {
  uint64_t tile;
  unsigned from, to; /* of its leaves those that the backup does not have, up to the target */
  bool leaves;       /* their hashes are known */
  struct tile_place at[TILE_WIDTH];
  struct tile_claims claims[TILE_WIDTH];
};
/* Of a plan that is proved. */
bool tile_fill(struct recall *r, const struct tiles_plan *plan, uint64_t tile, struct tile_fill *out,
               struct err *err);
/* The same of a tile whose hash is not known: what its entries make is it when is_it() says so. */
struct tile_test {
  bool (*is_it)(void *ctx, const struct keep_leaves *leaves);
  void *ctx;
};
bool tile_guess(struct recall *r, const struct tiles_plan *plan, uint64_t tile, const struct tile_test *test,
                struct tile_fill *out, struct err *err);

/* How far the tiles are filled; looks at some more of them at each call. */
bool tiles_look(struct recall *r, const struct tiles_plan *plan, struct recall_state *s, struct err *err);

/* ---- what is lost already (recall_said.c) ---- */
/* Reads what the province has said of it; and has it said so of this entry, and has its branch brought all it
 * has since? */
bool recall_said_read(struct recall *r, struct err *err);
bool recall_is_said(struct recall *r, struct stream stream, uint64_t seq, bool *yes, struct err *err);
void recall_said_wipe(struct recall *r);

/* ---- whose the leaves are that nobody can fill (recall_names.c) ----
 * Their keepers say it, and may lie.  What the root proves, the entries that are here, leaves room for some
 * names and needs others: between two entries of a stream stand all that have their seqs between theirs.  So
 * a claim counts when it fits, those of most first, and as long as enough leaves are left for what is needed.
 * The true names fit, so there is always a way. */
struct tile_name {
  struct stream stream;
  uint64_t seq;
  int64_t received_ms;
};
struct tile_names {
  struct tile_name *of; /* in the order of the log */
  size_t count;
};
/* ERR_MISSING rule "leaf_missing": of some leaf nobody knows anything.  OWNERSHIP: free(out->of), always. */
bool tiles_name(struct recall *r, const struct tiles_plan *plan, struct journal *journal,
                struct tile_names *out, struct err *err);

/* ---- writing the log on (recall_put.c) ---- */
/* From the backup's end to the target.  ERR_MISSING rule "leaf_missing"; with lost_too, or when the province
 * has said so of all that is missing, its hash stands there alone. */
bool tiles_put(struct recall *r, const struct tiles_plan *plan, struct journal *journal, bool lost_too,
               uint64_t *lost, struct err *err);

#endif
