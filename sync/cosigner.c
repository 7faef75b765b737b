#include "sync/cosigner.h"

#include <stdio.h>
#include <string.h>

static bool keep_line(struct db *db, const struct note_key *key, const struct cosignature *c, struct err *err)
{
  struct query q = query_open(db,
                              "INSERT INTO sync_cosignature(size, name, line, time_s, heard_ms, outside)"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(size, name) DO NOTHING",
                              err);
  query_int(&q, 1, (int64_t)c->size);
  query_text(&q, 2, key->name);
  query_textn(&q, 3, c->line, c->line_size);
  query_int(&q, 4, (int64_t)c->time_s);
  query_int(&q, 5, c->heard_ms);
  query_int(&q, 6, c->outside);
  return query_run(&q);
}

bool cosigner_keep(struct db *db, const struct note_key *key, const struct cosignature *cosignature,
                   struct err *err)
{
  if (cosignature->size == 0) return true; /* the empty log says nothing */
  if (!keep_line(db, key, cosignature, err)) return false;
  struct query q =
      query_open(db,
                 "INSERT INTO sync_cosigner(name, key_id, size, time_s) VALUES(?1, ?2, ?3, ?4)"
                 " ON CONFLICT(name, key_id) DO UPDATE SET size = excluded.size, time_s = excluded.time_s"
                 " WHERE excluded.size >= size",
                 err);
  query_text(&q, 1, key->name);
  query_blob(&q, 2, key->id, sizeof key->id);
  query_int(&q, 3, (int64_t)cosignature->size);
  query_int(&q, 4, (int64_t)cosignature->time_s);
  return query_run(&q);
}

bool cosigner_size(struct db *db, const struct note_key *key, uint64_t *size, uint64_t *time_s,
                   struct err *err)
{
  struct query q =
      query_open(db, "SELECT size, time_s FROM sync_cosigner WHERE name = ?1 AND key_id = ?2", err);
  query_text(&q, 1, key->name);
  query_blob(&q, 2, key->id, sizeof key->id);
  *size = 0;
  if (time_s) *time_s = 0;
  if (query_row(&q)) {
    *size = (uint64_t)column_int(&q, 0);
    if (time_s) *time_s = (uint64_t)column_int(&q, 1);
  }
  return query_close(&q);
}

bool witnessed_get(struct db *db, struct witnessed *out, struct err *err)
{
  struct query q = query_open(db, "SELECT rule, size, at_ms FROM sync_witnessed WHERE id = 1", err);
  memset(out, 0, sizeof *out);
  if (query_row(&q)) {
    snprintf(out->rule, sizeof out->rule, "%s", column_text(&q, 0));
    out->size = (uint64_t)column_int(&q, 1);
    out->at_ms = column_int(&q, 2);
  }
  return query_close(&q);
}

bool witnessed_set(struct db *db, const struct witnessed *mark, struct err *err)
{
  struct query q =
      query_open(db,
                 "INSERT INTO sync_witnessed(id, rule, size, at_ms) VALUES(1, ?1, ?2, ?3) ON CONFLICT(id)"
                 " DO UPDATE SET rule = excluded.rule, size = excluded.size, at_ms = excluded.at_ms"
                 " WHERE excluded.rule <> rule OR excluded.size > size",
                 err);
  query_text(&q, 1, mark->rule);
  query_int(&q, 2, (int64_t)mark->size);
  query_int(&q, 3, mark->at_ms);
  return query_run(&q);
}

bool witnessed_waits(struct db *db, uint64_t size, int64_t *since_ms, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT max(signed_ms, coalesce((SELECT received_ms FROM sync_entry WHERE pos = size - 1),"
                 " (SELECT received_ms FROM sync_lost_leaf WHERE pos = size - 1), 0))"
                 " FROM sync_checkpoint WHERE size > ?1 ORDER BY size LIMIT 1",
                 err);
  query_int(&q, 1, (int64_t)size);
  *since_ms = query_row(&q) ? column_int(&q, 0) : 0;
  return query_close(&q);
}
