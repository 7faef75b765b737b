#include "core/domain/heard.h"

#include "core/domain/contact.h"

#include <string.h>

#define COMING "history_coming"

bool heard_coming(struct db *db, bool *out, struct err *err)
{
  struct buf coming = BUF_INIT;
  bool ok = setting_get(db, COMING, "", &coming, err);
  *out = coming.size > 0;
  buf_wipe(&coming);
  return ok;
}

bool heard_look(struct db *db, enum unheard *out, struct err *err)
{
  int64_t rev = 0;
  bool coming = false;
  if (!db_int(db, "SELECT rev FROM catalogue WHERE id = 1", 0, &rev, err) || !heard_coming(db, &coming, err))
    return false;
  *out = rev == 0 ? UNHEARD_CATALOGUE : coming ? UNHEARD_HISTORY : HEARD;
  return true;
}

const char *heard_word(enum unheard unheard)
{
  static const char *const words[] = {
      [HEARD] = NULL, [UNHEARD_CATALOGUE] = "catalogue", [UNHEARD_HISTORY] = "history"};
  return words[unheard];
}

bool heard_history(struct tx *tx, bool coming, struct err *err)
{
  return setting_set(tx, COMING, coming ? "1" : "", err);
}

/* The province's rows, then the branch's own. */
static bool names_what_may_come(const char *rule, enum unheard unheard)
{
  static const char *const rules[] = {"unknown_product", "unknown_supplier",   "unknown_channel",
                                      "unknown_price",   "unknown_evaluation", "unknown_proposal"};
  enum { PROVINCES = 3 };
  if (unheard == HEARD) return false;
  for (size_t i = unheard == UNHEARD_CATALOGUE ? 0 : PROVINCES; i < sizeof rules / sizeof *rules; i++)
    if (strcmp(rule, rules[i]) == 0) return true;
  return false;
}

void heard_excuse(struct db *db, const struct faults *faults, struct err *why)
{
  enum unheard unheard;
  if (!heard_look(db, &unheard, NULL)) return;
  bool may_come = names_what_may_come(why->rule, unheard);
  for (size_t i = 0; faults && i < faults->count; i++)
    may_come = may_come || names_what_may_come(faults->list[i].err.rule, unheard);
  if (!may_come) return;
  err_clear(why);
  if (unheard == UNHEARD_CATALOGUE)
    err_rule(why, ERR_BUSY, "", "unheard",
             "the catalogue has not come from the province yet: the same is taken when it has");
  else
    err_rule(why, ERR_BUSY, "", "unheard",
             "what this branch had recorded is still coming back from the province: the same is taken then");
}
