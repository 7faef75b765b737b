/* catalogue_import.h - a sheet of products that becomes part of the catalogue, all of it or nothing.
 *
 * A workbook or a CSV, its heading among the first rows.  Columns by their Chinese title (the template has
 * them) or by name, in any order:
 *   name_zh group season_start_month season_end_month storage unit, the origin as gb2260 or origin_county (or
 *   both, if they agree), and optionally name_pinyin name_en subgroup storage_note_zh geo_indication aliases
 *   geo_basis origin_prefecture rev.
 * Words may be said in Chinese.  Missing syllables of a new product are filled in (pinyin.h).
 * A product is the same when name_zh and gb2260 are.  Reading finds every fault of the file, not the first;
 * with one fault nothing is written.  An empty cell leaves what stands, 清空 empties it.  A row that names
 * the revision it was made from is refused as "stale" when the product has been changed since and would be
 * changed.  Equal rows write nothing.  Closed windows, which the file does not
 * know, stay.  The rest is one commit, of as many entries as it takes: some 1,500 new products fit one. */
#ifndef SUNLIT_DOMAIN_CATALOGUE_IMPORT_H
#define SUNLIT_DOMAIN_CATALOGUE_IMPORT_H

#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/tx.h"
#include "core/domain/faults.h"

struct catalogue_import;

enum { CATALOGUE_COLUMNS = 17 };
#define CATALOGUE_CELL_EMPTIED "清空"
/* What the template calls a column, 0 to CATALOGUE_COLUMNS - 1 from the left. */
const char *catalogue_column_title(int column);

/* Reads and checks against the catalogue.  False with err only when the file cannot be read as such a table
 * or holds faults (rule "faults"; faults then lists them). */
bool catalogue_import_open(struct catalogue_import **out, struct db *db, const void *bytes, size_t n,
                           struct faults *faults, struct err *err);
void catalogue_import_close(struct catalogue_import *import);
/* Other sheets of the workbook that could have been read, hidden ones too, parted by 、; "": none. */
const char *catalogue_import_unread(const struct catalogue_import *import);
/* What stands in the rows above the heading, of which nothing is read; each row that is not empty. */
typedef void catalogue_above_each(void *ctx, int64_t line, const char *text);
void catalogue_import_above(const struct catalogue_import *import, catalogue_above_each *each, void *ctx);
/* Adds the sources of protected indications: a table of name_zh, gb2260, basis. */
bool catalogue_import_basis(struct catalogue_import *import, const void *bytes, size_t n,
                            struct faults *faults, struct err *err);
/* Adds yearly closed windows: a table of name_zh, gb2260, start_md, end_md, basis. */
bool catalogue_import_closed(struct catalogue_import *import, const void *bytes, size_t n,
                             struct faults *faults, struct err *err);
/* A product that is there and that the file would change, or that is off the list. */
struct catalogue_change {
  int64_t line, id, rev;
  const char *name; /* the import's */
  bool delisted;
  char changed_by[NAME_SIZE_MAX + 1]; /* last */
  int64_t changed_ms;
  json_t *fields; /* {field: [now, sheet]}; NULL: none */
  int64_t prices; /* of a product that gets another unit: how many are in the one it has now */
  int64_t orders; /* ... and how many of its suppliers' minimum orders it empties */
};
typedef void catalogue_change_each(void *ctx, const struct catalogue_change *change);
/* As it was when the file was read, in its order. */
void catalogue_import_changes(const struct catalogue_import *import, catalogue_change_each *each, void *ctx);
/* Writes as much as one entry holds, and sets tx->more while there is more (sync/store.h); "stale" when a
 * product is no longer as it was when the file was read.  After a failure the import is spent: close it. */
bool catalogue_import_write(struct tx *tx, struct catalogue_import *import, struct err *err);
/* Of what is written so far. */
void catalogue_import_counts(const struct catalogue_import *import, size_t *added, size_t *changed,
                             size_t *same);

#endif
