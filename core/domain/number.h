/* number.h - the numbers people see: kind, branch, month and a running number, as in JG330127-202611-0031.
 *
 * The next number follows that of the branch's newest row; it is unique within a branch as long as its clock
 * does not run backwards over a month, and never leads to a row: ids do that. */
#ifndef SUNLIT_DOMAIN_NUMBER_H
#define SUNLIT_DOMAIN_NUMBER_H

#include "core/base/tx.h"
#include "core/domain/domain.h"

enum number_kind { NUMBER_PRICE, NUMBER_EVALUATION, NUMBER_PROPOSAL };

/* For a row of that table that is journaled again: in a column that holds such a number, `no` as it is while
 * no other row of the branch has it, else the next.  Other columns stay as they are. */
bool number_again(struct tx *tx, const char *table, const char *column, char no[NUMBER_SIZE],
                  struct err *err);

bool number_next(struct tx *tx, enum number_kind kind, char out[NUMBER_SIZE], struct err *err);

#endif
