#include "site/place.h"

#include "core/base/clock.h"
#include "core/domain/refusal.h"
#include "program/clock_watch.h"
#include "sync/streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct place_refusal {
  char table[24];
  char rule[48];
  int64_t id;
  int64_t at_ms;
};

static void add_refusal(void *ctx, const struct refusal *row)
{
  struct place *place = ctx;
  if (place->count == place->room) {
    size_t room = place->room ? place->room * 2 : 16;
    struct place_refusal *more = realloc(place->refusals, room * sizeof *more);
    if (!more) {
      place->bad = true;
      return;
    }
    place->refusals = more;
    place->room = room;
  }
  struct place_refusal *to = &place->refusals[place->count++];
  snprintf(to->table, sizeof to->table, "%s", row->subject_table);
  snprintf(to->rule, sizeof to->rule, "%s", row->rule);
  to->id = row->subject_id;
  to->at_ms = row->at_ms;
}

bool place_open(struct place *place, struct app *app, struct db *db, struct err *err)
{
  int64_t received_ms;
  *place =
      (struct place){.app = app, .db = db, .today = clock_province_day(app, clock_wall_ms()), .err = err};
  if (app->kind == APP_NODE &&
      !stream_acked(db, (struct stream){app->code, 0}, &place->acked, &received_ms, err))
    return false;
  uint32_t branch = app->kind == APP_NODE ? app->code : 0;
  if (!refusal_list(db, branch, false, add_refusal, place, err)) return false;
  return !place->bad || err_set(err, ERR_IO, "no memory for the refusals");
}

void place_close(struct place *place)
{
  free(place->refusals);
  place->refusals = NULL;
}

static const struct place_refusal *refusal_of(const struct place *place, const char *table, int64_t id)
{
  for (size_t i = 0; i < place->count; i++) {
    const struct place_refusal *r = &place->refusals[i];
    if (r->id == id && strcmp(r->table, table) == 0) return r;
    /* A whole entry that was refused takes its rows with it. */
    if (strcmp(r->table, "entry") == 0 && r->id >> 12 == id >> 12) return r;
  }
  return NULL;
}

/* When the province received the entry; 0: not yet. */
static int64_t received_ms(struct place *place, uint32_t branch, uint64_t seq)
{
  struct stream stream = {branch, 0};
  int64_t pos = 0;
  if (place->seq == seq && place->branch == branch) return place->ms;
  place->ms = 0;
  place->seq = seq;
  place->branch = branch;
  if (place->app->kind == APP_NODE) {
    if (seq <= place->acked && !stream_received_ms(place->db, stream, seq, &place->ms, place->err))
      place->bad = true;
    return place->ms;
  }
  if (!stream_find(place->db, stream, seq, &pos, place->err)) {
    place->bad = true;
    return 0;
  }
  struct query q = query_open(place->db, "SELECT received_ms FROM sync_entry WHERE pos = ?1", place->err);
  query_int(&q, 1, pos);
  if (query_row(&q)) place->ms = column_int(&q, 0);
  if (!query_close(&q)) place->bad = true;
  return place->ms;
}

bool place_refused(const struct place *place, const char *table, int64_t id)
{
  return refusal_of(place, table, id) != NULL;
}

bool place_out(struct place *place, struct json_out *out, uint32_t branch, const char *table, int64_t id,
               int64_t at_ms)
{
  const struct place_refusal *refusal = refusal_of(place, table, id);
  int64_t there_ms = place->bad ? 0 : received_ms(place, branch, id_seq(id));
  out_object(out, "place");
  out_text(out, "at", refusal ? "refused" : there_ms ? "province" : "branch");
  out_int(out, "ms", refusal ? refusal->at_ms : there_ms ? there_ms : at_ms);
  if (refusal) out_text(out, "rule", refusal->rule);
  out_end(out);
  return !place->bad;
}

void place_new(struct json_out *out, int64_t now_ms)
{
  out_object(out, "place");
  out_text(out, "at", "branch");
  out_int(out, "ms", now_ms);
  out_end(out);
}
