/* entry_refs.h - which columns of a changeset name another row, and what people call that row.
 *
 * An id says nothing to a person and everything to a proof: pages show the name, lead to the row, and keep
 * the id in sight.  Names are those of now; what the entry holds is the id. THREADS: the connection's. */
#ifndef SUNLIT_SITE_ENTRY_REFS_H
#define SUNLIT_SITE_ENTRY_REFS_H

#include "site/entry_words.h"

/* "product" "supplier" "division" "price" "evaluation" "proposal"; NULL: the column names no row. */
const char *entry_ref_kind(const struct entry_words *words, const struct change *change, const char *column);
/* The branch whose row the change is about, for kinds that need one; 0: none. */
int64_t entry_ref_branch(const struct entry_words *words, const struct change *change);
/* Appends the name; nothing when there is no such row here. */
bool entry_ref_name(const struct entry_words *words, const char *kind, int64_t branch, int64_t id,
                    struct buf *out, struct err *err);

/* The value of a column in a change, after before before; NULL when it has none. */
const struct value *entry_value(const struct entry_words *words, const struct change *change,
                                const char *column);

#endif
