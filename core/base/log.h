/* log.h - one line a fact on stderr, with the priority prefix journald reads ("<6>").
 * Never a secret, a password, a name or a payload.  THREADS: any; a line is one write. */
#ifndef SUNLIT_BASE_LOG_H
#define SUNLIT_BASE_LOG_H

#include "core/base/err.h"

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));   /* <3> a person must act */
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2))); /* <4> refused or degraded */
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));    /* <6> what happened */
/* What somebody outside causes, as often as they like: `who` is whom it is about, and few of the same format
 * about the same one are written (log_pace.h). */
void log_error_of(const char *who, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_warning_of(const char *who, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_info_of(const char *who, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_quiet(bool quiet); /* tests: drop <6> lines */

#endif
