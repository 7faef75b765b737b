/* evaluate.h - the live evaluation: prices that cannot be are refused, scores and medians published.
 * Each piece is a transaction of its own, small enough for one entry; run twice, the second writes nothing.
 */
#ifndef SUNLIT_HUB_EVALUATE_H
#define SUNLIT_HUB_EVALUATE_H

#include "program/app.h"

bool evaluate(struct app *app, struct db *db, struct err *err);

#endif
