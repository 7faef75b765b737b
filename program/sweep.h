/* sweep.h - what has expired goes: sessions and lockouts; and held-back security events are
 * written as one row with their number.  Both programs do it once a minute. */
#ifndef SUNLIT_PROGRAM_SWEEP_H
#define SUNLIT_PROGRAM_SWEEP_H

#include "program/app.h"

bool sweep(struct app *app, struct db *db, struct err *err);

#endif
