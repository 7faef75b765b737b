/* measure.h - lines of GET /metrics, in the text format Prometheus reads (version 0.0.4).
 * Numbers of this program only: never a name, an account or what somebody wrote. */
#ifndef SUNLIT_PROGRAM_MEASURE_H
#define SUNLIT_PROGRAM_MEASURE_H

#include "program/app.h"

/* `type` is "counter" or "gauge". */
void measure_put(struct buf *out, const char *name, const char *type, const char *help, double value);
/* What both programs have: start, memory, trouble, pages. */
void measure_app(struct app *app, struct buf *out);

#endif
