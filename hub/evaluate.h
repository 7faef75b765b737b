/* evaluate.h - the live evaluation: prices that cannot be are refused, scores and medians published.
 * Each piece is a transaction of its own, small enough for one entry; run twice, the second writes nothing.
 */
#ifndef SUNLIT_HUB_EVALUATE_H
#define SUNLIT_HUB_EVALUATE_H

#include "core/base/log_once.h"
#include "program/app.h"

/* `once`: what was passed over and said, kept from one to the next. */
bool evaluate(struct app *app, struct db *db, struct log_once *once, struct err *err);

#endif
