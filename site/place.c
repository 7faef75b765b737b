#include "site/place.h"

#include "core/base/clock.h"
#include "program/clock_watch.h"
#include "sync/streams.h"

#include <string.h>

bool place_open(struct place *place, struct app *app, struct db *db, struct err *err)
{
  int64_t received_ms;
  *place =
      (struct place){.app = app, .db = db, .today = clock_province_day(app, clock_wall_ms()), .err = err};
  return app->kind != APP_NODE ||
         stream_acked(db, (struct stream){app->code, 0}, &place->acked, &received_ms, err);
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

bool place_refused(struct place *place, uint32_t branch, const char *table, int64_t id)
{
  if (place->bad) return false;
  if (place->row.table && place->row.branch == branch && place->row.id == id &&
      strcmp(place->row.table, table) == 0)
    return place->row.refused;
  place->row.table = table;
  place->row.branch = branch;
  place->row.id = id;
  place->bad = !refusal_of(place->db, branch, table, id, &place->row.refused, &place->row.word, place->err);
  return place->row.refused;
}

bool place_out(struct place *place, struct json_out *out, uint32_t branch, const char *table, int64_t id,
               int64_t at_ms)
{
  const bool refused = place_refused(place, branch, table, id);
  int64_t there_ms = place->bad ? 0 : received_ms(place, branch, id_seq(id));
  out_object(out, "place");
  out_text(out, "at", refused ? "refused" : there_ms ? "province" : "branch");
  out_int(out, "ms", refused ? place->row.word.at_ms : there_ms ? there_ms : at_ms);
  if (refused) out_text(out, "rule", place->row.word.rule);
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
