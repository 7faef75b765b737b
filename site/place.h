/* place.h - where a record is: at the branch, with the province, or kept by the province and not accepted.
 *
 * A row's id names the entry that made it (tx.h), so the answer is arithmetic and one look at the receipts;
 * refusals of this branch are read once.  One struct place serves one list.  THREADS: the connection's. */
#ifndef SUNLIT_SITE_PLACE_H
#define SUNLIT_SITE_PLACE_H

#include "core/base/json_out.h"
#include "program/app.h"

struct place_refusal;

struct place {
  struct app *app;
  struct db *db;
  uint64_t acked; /* node: the province has our stream through here */
  int today;      /* at the province, as far as is known here: the same for all rows */
  struct place_refusal *refusals;
  size_t count, room;
  uint64_t seq; /* the last one looked up: rows of one sheet come from one entry */
  uint32_t branch;
  int64_t ms;
  struct err *err;
  bool bad;
};

bool place_open(struct place *place, struct app *app, struct db *db, struct err *err);
void place_close(struct place *place);
/* The province did not accept the row, or the whole entry it came in. */
bool place_refused(const struct place *place, const char *table, int64_t id);
/* Writes the member "place" of a row; false (err of place_open) when the database failed, now or before. */
bool place_out(struct place *place, struct json_out *out, uint32_t branch, const char *table, int64_t id,
               int64_t at_ms);
/* For a row that is being written now. */
void place_new(struct json_out *out, int64_t now_ms);

#endif
