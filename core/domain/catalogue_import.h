/* catalogue_import.h - a CSV file of products that becomes part of the catalogue, all of it or nothing.
 *
 * Columns, by header name in any order:
 *   name_zh name_pinyin name_en group subgroup gb2260 season_start_month season_end_month storage
 *   storage_note_zh unit geo_indication, and optionally aliases, geo_basis, origin_prefecture, origin_county.
 * A product is the same when name_zh and gb2260 are.  Reading finds every fault of the file, not the first;
 * with one fault nothing is written.  Equal rows write nothing.  Closed windows, which the file does not
 * know, stay.  The rest is committed in chunks that fit one entry: a file of up to
 * some 1,500 new products is one transaction; of a larger one, a power cut may leave the first chunks, and
 * the same file given again writes exactly the remaining rows. */
#ifndef SUNLIT_DOMAIN_CATALOGUE_IMPORT_H
#define SUNLIT_DOMAIN_CATALOGUE_IMPORT_H

#include "core/base/tx.h"
#include "core/domain/faults.h"

struct catalogue_import;

/* Reads and checks against the catalogue.  False with err only when the file cannot be read as such a table
 * or holds faults (rule "faults"; faults then lists them). */
bool catalogue_import_open(struct catalogue_import **out, struct db *db, const void *bytes, size_t n,
                           struct faults *faults, struct err *err);
void catalogue_import_close(struct catalogue_import *import);
/* Adds the sources of protected indications: a CSV of name_zh, gb2260, basis. */
bool catalogue_import_basis(struct catalogue_import *import, const void *bytes, size_t n,
                            struct faults *faults, struct err *err);
/* Adds yearly closed windows: a CSV of name_zh, gb2260, start_md, end_md, basis. */
bool catalogue_import_closed(struct catalogue_import *import, const void *bytes, size_t n,
                             struct faults *faults, struct err *err);
/* Writes the next chunk; call in a transaction each until *left is 0.  After a failure the import is spent:
 * close it. */
bool catalogue_import_write(struct tx *tx, struct catalogue_import *import, size_t *left, struct err *err);
/* Of the chunks written so far. */
void catalogue_import_counts(const struct catalogue_import *import, size_t *added, size_t *changed,
                             size_t *same);

#endif
