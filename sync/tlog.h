/* tlog.h - the province's transparency log: one Merkle tree over everything in sync_entry, kept as C2SP
 * tiles.
 *
 * Leaf number pos is made of the entry at sync_entry.pos:
 *   u8 version=1 | vec16 record | u64 received_ms | vec8 signature
 * or, when nobody has that entry any more, is a hash alone (lost_leaf.h).
 * The story of a commit: entries are inserted; tlog_integrate hashes each of them again from the bytes that
 * the table now holds, extends the tiles and moves (size, root) from the value it started with, all in the
 * caller's transaction; COMMIT makes it durable; only then is the new size signed (tlog_sign) and served.  A
 * crash before the COMMIT leaves the old tree; one before the signature leaves a durable tree that the next
 * start signs. A size below any that was ever signed, or that a node reports, is never signed. THREADS: the
 * writer's; readers use tlog_source over their own connection.                                   */
#ifndef SUNLIT_SYNC_TLOG_H
#define SUNLIT_SYNC_TLOG_H

#include "core/base/db.h"
#include "sync/note.h"
#include "sync/tile.h"

enum { LEAF_VERSION = 1, LEAF_SIZE_MAX = 65535, TLOG_ORIGIN_SIZE = 32 };

/* "330000.sunlit/log": the log's name, which is also the name of the key that signs it (the province's, epoch
 * 1). */
void tlog_origin(char out[TLOG_ORIGIN_SIZE], uint32_t province);
/* "330127.sunlit/witness": the name under which a branch cosigns. */
void tlog_witness_name(char out[TLOG_ORIGIN_SIZE], uint32_t branch);

/* Appends the leaf of an entry; signature_size is 0 or 64. */
void leaf_encode(struct buf *out, const void *record, size_t record_size, uint64_t received_ms,
                 const void *signature, size_t signature_size);

struct leaf {
  const uint8_t *record; /* borrowed, as signature */
  size_t record_size;
  uint64_t received_ms;
  const uint8_t *signature; /* NULL when the entry came under a later one's */
};
bool leaf_decode(struct leaf *leaf, const void *bytes, size_t size, struct err *err);

struct tlog_state {
  uint64_t size;
  struct merkle_hash root;
};

bool tlog_state(struct db *db, struct tlog_state *out, struct err *err);
/* Takes every entry that is not yet a leaf into the tree, inside the caller's transaction. */
bool tlog_integrate(struct db *db, struct err *err);

/* Signs the durable (size, root) when it is newer than the last signed one, and stores the note; true with
 * nothing done when there is nothing new.  ERR_CORRUPT when it would sign a smaller size or another root for
 * a size that was signed before.  Inside the caller's transaction. */
bool tlog_sign(struct db *db, const char *origin, const uint8_t secret[SECRET_SIZE], int64_t now_ms,
               struct err *err);
/* The newest signed note, without cosignatures; empty when none is signed yet. */
bool tlog_checkpoint(struct db *db, struct buf *out, struct tlog_state *state, struct err *err);

/* The same of one size that was signed; ERR_MISSING when it was not. */
bool tlog_checkpoint_of(struct db *db, uint64_t size, struct buf *out, struct tlog_state *state,
                        struct err *err);

/* The newest signed note with up to PUBLISHED_COSIGNATURES_MAX cosignature lines, those of outside witnesses
 * first, since they are the ones nobody here could have made: what is served and put into evidence.
 * ERR_CONFLICT rule "not_yet_signed" when nothing was signed yet. */
enum { PUBLISHED_COSIGNATURES_MAX = 15 };
#define CHECKPOINT_WITNESSED "checkpoint.witnessed" /* beside it: the newest one that has its quorum */
bool tlog_published(struct db *db, struct buf *out, struct tlog_state *state, struct err *err);

/* Hashes of complete subtrees from the tiles, for merkle.h. */
struct tlog_reader {
  struct db *db;
  uint64_t size;  /* reads beyond it are refused */
  int64_t cached; /* key of the tile in `tile`, -1 for none */
  size_t tile_size;
  uint8_t tile[TILE_WIDTH * HASH_SIZE];
};
struct merkle_source tlog_source(struct tlog_reader *reader, struct db *db, uint64_t size);
/* The root of the first `size` leaves of the tree, which has `tree` of them. */
bool tlog_root_at(struct db *db, uint64_t tree, uint64_t size, struct merkle_hash *root, struct err *err);

/* A tile or entry bundle of the signed tree as it is served.  ERR_MISSING when the tree does not have it. */
bool tlog_tile(struct db *db, const struct tile *tile, uint64_t size, struct buf *out, struct err *err);

#endif
