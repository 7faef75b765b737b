/* form.h - checks that every form of the ledger shares: text, whole numbers, one of a few words. */
#ifndef SUNLIT_DOMAIN_FORM_H
#define SUNLIT_DOMAIN_FORM_H

#include "core/base/tx.h"
#include "core/domain/faults.h"

/* Valid UTF-8, min to max characters, no control characters but newline and tab.  NULL is "". */
void form_text(struct check *check, const char *field, const char *text, size_t min, size_t max);
void form_range(struct check *check, const char *field, int64_t v, int64_t min, int64_t max);
void form_word(struct check *check, const char *field, const char *word, const char *const *words);
/* What the entry is about, unless it is said already.  Whatever text a branch signed becomes one line. */
void form_subject(struct tx *tx, const char *text);
/* May the actor change or end what made_by made: it is theirs, or they keep the branch's ledger. */
bool form_may_change(const struct tx *tx, const char *made_by);

#endif
