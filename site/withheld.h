/* withheld.h - what was withheld by law: the list both programs serve, and saying so in place of what is
 * gone.
 *
 * A branch sees what concerns it, the province all.  THREADS: the request's. */
#ifndef SUNLIT_SITE_WITHHELD_H
#define SUNLIT_SITE_WITHHELD_H

#include "site/answer.h"
#include "site/division_names.h"
#include "sync/withholding.h"

web_handler get_withheld, get_withheld_workbook;

/* One act with what its record still says, as an element or a member. */
bool withheld_out(struct json_out *out, const char *key, struct db *db, struct division_names *names,
                  const struct withholding *act, enum language language, struct err *err);

/* A row was not found.  When its entry was withheld, err says that instead (ERR_MISSING rule "withheld", who,
 * when and under which rule).  Always false. */
bool withheld_instead(struct db *db, uint32_t branch, int64_t id, struct err *err);

#endif
