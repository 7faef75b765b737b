/* place.h - where a record is: at the branch, with the province, or kept by the province and not accepted.
 *
 * A row's id names the entry that made it (tx.h), so the answer is arithmetic and one look at the receipts;
 * whether it was refused is asked of the index, by branch and id: two branches have the same ids.  One struct
 * place serves one list.  THREADS: the connection's. */
#ifndef SUNLIT_SITE_PLACE_H
#define SUNLIT_SITE_PLACE_H

#include "core/base/json_out.h"
#include "core/domain/refusal.h"
#include "program/app.h"

struct place {
  struct app *app;
  struct db *db;
  uint64_t acked; /* node: the province has our stream through here */
  int today;      /* at the province, as far as is known here: the same for all rows */
  uint64_t seq;   /* the last one looked up: rows of one sheet come from one entry */
  uint32_t branch;
  int64_t ms;
  struct {
    const char *table; /* NULL: none was looked up */
    uint32_t branch;
    int64_t id;
    bool refused;
    struct refusal_word word;
  } row; /* the last one: a list asks twice about each */
  struct err *err;
  bool bad;
};

bool place_open(struct place *place, struct app *app, struct db *db, struct err *err);
/* The province did not accept the row, or the whole entry it came in.  table is a constant. */
bool place_refused(struct place *place, uint32_t branch, const char *table, int64_t id);
/* Writes the member "place" of a row; false (err of place_open) when the database failed, now or before. */
bool place_out(struct place *place, struct json_out *out, uint32_t branch, const char *table, int64_t id,
               int64_t at_ms);
/* For a row that is being written now. */
void place_new(struct json_out *out, int64_t now_ms);

#endif
