/* trail.h - an entry of the log as the routes of the audit trail write it: a row, and what its payload says.
 *
 * THREADS: the request's.  OWNERSHIP: trail_close frees; db, out and err are borrowed. */
#ifndef SUNLIT_HUB_TRAIL_H
#define SUNLIT_HUB_TRAIL_H

#include "hub/audit_index.h"
#include "site/answer.h"
#include "site/division_names.h"
#include "site/entry_words.h"
#include "sync/streams.h"

struct trail {
  struct json_out *out;
  struct db *db;
  struct err *err;
  struct entry_words words;
  struct division_names names;
  struct buf keep, title;
  struct logged entry; /* the last one read */
  bool lost;           /* it is, and entry has nothing */
  int64_t rows;        /* written so far */
  bool bad;
};

bool trail_open(struct trail *trail, struct web_request *request, struct db *db, struct json_out *out,
                struct err *err);
void trail_close(struct trail *trail);
/* The members of a row into the open object; trail->entry is the row's entry. */
void trail_members_out(struct trail *trail, const struct audit_row *row);
/* An element of a list, for audit_list and audit_get; ctx is the trail.  A fault makes it bad. */
void trail_row_out(void *ctx, const struct audit_row *row);

#endif
