/* division_names.h - the names of all counties and prefectures, read once for one list of them.
 * THREADS: the connection's.  OWNERSHIP: names live as long as the struct, which holds all of them. */
#ifndef SUNLIT_SITE_DIVISION_NAMES_H
#define SUNLIT_SITE_DIVISION_NAMES_H

#include "core/base/db.h"
#include "core/domain/describe.h"

enum { DIVISION_NAMES_MAX = 256 };

struct division_names {
  enum language language;
  size_t count;
  struct {
    uint32_t code;
    char name[80];
  } list[DIVISION_NAMES_MAX];
  char spare[16];
};

bool division_names_read(struct division_names *names, struct db *db, enum language language,
                         struct err *err);
/* The province has a name of its own; an unknown code is its digits, until the next call. */
const char *division_name(struct division_names *names, uint32_t code);

#endif
