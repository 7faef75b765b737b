/* entry_words.h - what an entry did, in words: its changeset walked and named by the tables' own columns.
 *
 * THREADS: the connection's.  OWNERSHIP: names live as long as the struct. */
#ifndef SUNLIT_SITE_ENTRY_WORDS_H
#define SUNLIT_SITE_ENTRY_WORDS_H

#include "core/base/changes.h"
#include "core/base/json_out.h"
#include "core/domain/describe.h"

struct entry_words {
  struct db *db;
  enum language language;
  struct buf names; /* "table\0column\0column\0\0table\0..." of all replicated tables */
};

bool entry_words_open(struct entry_words *words, struct db *db, enum language language, struct err *err);
void entry_words_close(struct entry_words *words);
/* The name of a column, "#7" when the table or column is unknown here (a newer schema). */
const char *entry_words_column(const struct entry_words *words, const char *table, int column, char spare[8]);
/* One short line about the payload, such as "安吉冬笋 26.00 元"; appended and zero-terminated.  A payload
 * that cannot be read gives "". */
bool entry_words_title(const struct entry_words *words, const void *payload, size_t size, struct buf *out,
                       struct err *err);
/* The members "changes" (each row with its columns before and after, in words), "change_count", and
 * "change_fault" when the payload is no changeset. */
void entry_words_changes(const struct entry_words *words, const void *payload, size_t size,
                         struct json_out *out);
/* The same as lines for a person: each row with its fields by their names, and who or what an id stands for.
 */
void entry_words_text(const struct entry_words *words, const void *payload, size_t size, struct buf *out);
/* The number people know the entry's first numbered row by, zero-terminated; "" when it has none. */
void entry_words_number(const struct entry_words *words, const void *payload, size_t size, struct buf *out);

#endif
