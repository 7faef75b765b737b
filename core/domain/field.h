/* field.h - the named fields of an item: their types, bounds and words, and one value checked against them.
 * The table in field.c is the single place where a field of the shared catalogue is described. */
#ifndef SUNLIT_DOMAIN_FIELD_H
#define SUNLIT_DOMAIN_FIELD_H

#include "core/domain/item.h"

enum field_type {
  FIELD_TEXT,
  FIELD_WORD,     /* one of words */
  FIELD_INT,      /* min..max */
  FIELD_BOOL,     /* JSON true or false; 0 or 1 in SQL */
  FIELD_DATE,     /* "2027-03-01" or ""; yyyymmdd or 0 in SQL */
  FIELD_DIVISION, /* a known code */
  FIELD_PRODUCT,  /* a known id */
  FIELD_SUPPLIER, /* a known id */
  FIELD_USCC,
  FIELD_SEASONS /* rows of their own, not a column */
};

struct field {
  enum item_kind kind;
  const char *key; /* the JSON name; the column's too, except group -> group_code and so on */
  enum field_type type;
  int64_t min, max; /* of a text in characters */
  const char *const *words;
  bool required;      /* when adding; others are "", 0 or false */
  bool province_only; /* a branch cannot propose it */
};

/* The fields of a kind in the order of the SQL statements of item.c. */
const struct field *field_list(enum item_kind kind, size_t *count);
const struct field *field_find(enum item_kind kind, const char *key); /* NULL: no such field */
/* One value; references are looked up.  Faults of the world (a damaged file) come back as false. */
bool field_check(struct db *db, const struct field *field, const json_t *value, struct check *check,
                 struct err *err);
/* The value a new item gets when the field is not given; a new reference. */
json_t *field_default(const struct field *field);
/* The value as it would be read back: windows in their canonical order; a new reference. */
json_t *field_canonical(const char *key, const json_t *value);
/* The value as one line of text, as revision rows keep it. */
void field_text(struct buf *out, const json_t *value);

#endif
