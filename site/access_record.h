/* access_record.h - who took what out of this site: an entry for every export, with what identifies it.
 *
 * The detail of such a record is one line of at most 200 bytes:
 *   /audit.xlsx?author=330127&state=parked rows=120 log=1204911:5a1fc2d0 sha256=9c41e7d02b5a88f3
 * that is the address below /api/v1 with its filter (a long one is cut and its hash named; what somebody
 * typed is escaped, so that none of it reads as another filter or as one of the facts behind), how many rows
 * or entries, the size and the first digits of the root of the newest checkpoint (the province's program
 * only), and the first digits of the file's SHA-256.  Nothing is handed out that could not be recorded: on a
 * full disk an export is refused.  docs/decisions/0081. THREADS: the request's. */
#ifndef SUNLIT_SITE_ACCESS_RECORD_H
#define SUNLIT_SITE_ACCESS_RECORD_H

#include "site/site.h"

struct access_fact {
  const char *kind; /* "export", "evidence", "compare" */
  int64_t rows;     /* -1: does not apply */
  const void *file; /* what is handed out; NULL: not hashed */
  size_t file_size;
  const char *more; /* words for the end of the line; NULL: none */
};

/* Before anything is made: ERR_LIMIT "rate" when the account has taken out too much lately (export_pace.h).
 */
bool access_pace(struct app *app, const struct web_request *request, struct err *err);
bool access_record(struct app *app, const struct web_request *request, const struct access_fact *fact,
                   struct err *err);

/* The address below /api/v1 with its filter, escaped, at most `max` bytes.  Rows of before begin without a
 * slash and escape nothing; core/domain/describe_event.c reads both. */
void put_access_address(struct buf *out, const struct web_request *request, size_t max);
/* " log=SIZE:ROOT8" at the province once a checkpoint is signed; nothing otherwise. */
bool put_access_log(struct buf *out, struct app *app, struct err *err);

#endif
