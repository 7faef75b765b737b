/* again.h - a record that was journaled again (aside.h) is applied once.
 *
 * Of a stick that cannot fill a hole (lost_leaf.h) the branch journals again what was in it; then a better
 * stick, or the old disk, fills that hole with the very record.  It has its place in the log, and its rows
 * stand already as those of the later entry, which others may name by now: so it is the earlier one that is
 * kept out, with the reason "journaled_again".  That an entry says so is not enough: it must be the same
 * (again_same.h), or both stand.  THREADS: the store's writer, inside its transaction. */
#ifndef SUNLIT_SYNC_AGAIN_H
#define SUNLIT_SYNC_AGAIN_H

#include "sync/rows.h"
#include "sync/store.h"
#include "sync/streams.h"

/* Does a later entry of its author say that it is this record?  Then why says so. */
bool again_stands(struct db *db, struct stream stream, const uint8_t hash[HASH_SIZE], struct refusal *why,
                  struct err *err);
/* And is it, where the content of both is here?  `named`: one says so, the same or not.  rows: the schema
 * whose journaled_again is asked, "main" or "live". */
struct again_asked {
  struct db *db;
  struct tables *tables;
  uint32_t province;
  const char *rows;
};
bool again_is(const struct again_asked *asked, const struct logged *first, bool *is, bool *named,
              struct err *err);
/* Why it is kept out. */
void again_keep_out(struct refusal *why);
/* The records that an entry says it is, by their hashes. */
bool again_named(const void *payload, size_t size,
                 bool (*each)(void *ctx, const uint8_t hash[HASH_SIZE], struct err *err), void *ctx,
                 struct err *err);
bool again_any(const void *payload, size_t size);
/* The same where the later entry, which is logged at pos, comes second: the records that it names are taken
 * back.  At a province they are among those that have turned up; at a branch that is given its history they
 * are anywhere in it. */
bool again_take_back(struct store *store, int64_t pos, int64_t at_ms, struct err *err);

#endif
