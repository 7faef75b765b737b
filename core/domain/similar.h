/* similar.h - what the catalogue has already that something new may be once more.
 *
 * The proposed names are held against those of all products or suppliers, delisted ones too, as the search
 * folds them (search.h): names and aliases in both directions, how they are read, English.  A hint for the
 * person who decides; nothing is refused by it. */
#ifndef SUNLIT_DOMAIN_SIMILAR_H
#define SUNLIT_DOMAIN_SIMILAR_H

#include "core/domain/item.h"

/* The strongest first. */
enum similar_why {
  SIMILAR_NAME,    /* the same name */
  SIMILAR_ALIAS,   /* a name of one is an alias of the other, or they share one */
  SIMILAR_READING, /* the same syllables in other characters */
  SIMILAR_ENGLISH, /* the same English name */
  SIMILAR_CLOSE,   /* but for one character */
  SIMILAR_PART,    /* one name is part of the other */
  SIMILAR_NONE
};
const char *similar_why_name(enum similar_why why); /* "name" "alias" "pinyin" "english" "close" "part" */

struct similar {
  int64_t id;
  const char *name, *name_en, *aliases, *place, *place_en;
  const char *status; /* active, delisted ... */
  enum similar_why why;
};

enum { SIMILAR_MAX = 8 };

/* The SIMILAR_MAX most alike of the kind (a product or supplier), most alike first; of two as alike the one
 * of the proposed place.  fields: what is proposed, as item.h names it; what is no text counts as not given.
 */
bool similar_list(struct db *db, enum item_kind kind, const json_t *fields,
                  void (*each)(void *ctx, const struct similar *row), void *ctx, struct err *err);

#endif
