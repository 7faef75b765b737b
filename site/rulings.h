/* rulings.h - what the province said of a record, and of those that it replaces.
 *
 * It stays with the record's history: a branch that has corrected a refused price still reads why it was
 * refused, and so does whoever reads the entry at the province. */
#ifndef SUNLIT_SITE_RULINGS_H
#define SUNLIT_SITE_RULINGS_H

#include "core/base/db.h"
#include "core/base/json_out.h"
#include "core/domain/describe.h"

struct rulings {
  struct json_out *out;
  struct db *db;
  enum language language;
};

/* "rulings": of the records first_id to last_id of that branch, oldest record first. */
bool rulings_out(const struct rulings *to, uint32_t branch, int64_t first_id, int64_t last_id,
                 struct err *err);

#endif
