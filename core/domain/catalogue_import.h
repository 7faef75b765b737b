/* catalogue_import.h - a sheet of products that becomes part of the catalogue, all of it or nothing.
 *
 * A workbook or a CSV, its heading among the first rows.  Columns by their Chinese title (the template has
 * them) or by name, in any order:
 *   name_zh group season_start_month season_end_month storage unit, the origin as gb2260 or origin_county (or
 *   both, if they agree), and optionally name_pinyin name_en subgroup storage_note_zh geo_indication aliases
 *   geo_basis origin_prefecture.
 * Words may be said in Chinese.  Missing syllables of a new product are filled in (pinyin.h).
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

enum { CATALOGUE_COLUMNS = 16 };
/* What the template calls a column, 0 to CATALOGUE_COLUMNS - 1 from the left. */
const char *catalogue_column_title(int column);

/* Reads and checks against the catalogue.  False with err only when the file cannot be read as such a table
 * or holds faults (rule "faults"; faults then lists them). */
bool catalogue_import_open(struct catalogue_import **out, struct db *db, const void *bytes, size_t n,
                           struct faults *faults, struct err *err);
void catalogue_import_close(struct catalogue_import *import);
/* Adds the sources of protected indications: a table of name_zh, gb2260, basis. */
bool catalogue_import_basis(struct catalogue_import *import, const void *bytes, size_t n,
                            struct faults *faults, struct err *err);
/* Adds yearly closed windows: a table of name_zh, gb2260, start_md, end_md, basis. */
bool catalogue_import_closed(struct catalogue_import *import, const void *bytes, size_t n,
                             struct faults *faults, struct err *err);
/* Writes the next chunk; call in a transaction each until *left is 0.  After a failure the import is spent:
 * close it. */
bool catalogue_import_write(struct tx *tx, struct catalogue_import *import, size_t *left, struct err *err);
/* Of the chunks written so far. */
void catalogue_import_counts(const struct catalogue_import *import, size_t *added, size_t *changed,
                             size_t *same);

#endif
