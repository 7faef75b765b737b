#include "core/domain/contact.h"

bool contact_add(struct tx *tx, const struct contact *in, struct err *err)
{
  struct query q = query_open(tx->db,
                              "INSERT INTO contact(kind, at_ms, took_ms, sent, got, refused, detail)"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                              err);
  query_text(&q, 1, in->kind);
  query_int(&q, 2, in->at_ms);
  query_int(&q, 3, in->took_ms);
  query_int(&q, 4, in->sent);
  query_int(&q, 5, in->got);
  query_int(&q, 6, in->refused);
  query_text(&q, 7, in->detail ? in->detail : "");
  if (!query_run(&q)) return false;
  q = query_open(tx->db,
                 "DELETE FROM contact WHERE id <="
                 " (SELECT id FROM contact ORDER BY id DESC LIMIT 1 OFFSET ?1)"
                 " /* scan: meant, the newest few by key */",
                 err);
  query_int(&q, 1, CONTACTS_MAX);
  return query_run(&q);
}

bool contact_list(struct db *db, int limit, void (*each)(void *ctx, const struct contact *row), void *ctx,
                  struct err *err)
{
  struct query q = query_open(db,
                              "SELECT kind, at_ms, took_ms, sent, got, refused, detail FROM contact"
                              " ORDER BY id DESC LIMIT ?1 /* scan: meant, the newest few by key */",
                              err);
  query_int(&q, 1, limit);
  while (query_row(&q)) {
    struct contact row = {.kind = column_text(&q, 0),
                          .at_ms = column_int(&q, 1),
                          .took_ms = column_int(&q, 2),
                          .sent = column_int(&q, 3),
                          .got = column_int(&q, 4),
                          .refused = column_int(&q, 5),
                          .detail = column_text(&q, 6)};
    each(ctx, &row);
  }
  return query_close(&q);
}

bool setting_get(struct db *db, const char *key, const char *fallback, struct buf *out, struct err *err)
{
  struct query q = query_open(db, "SELECT value FROM setting WHERE key = ?1", err);
  query_text(&q, 1, key);
  put_text(out, query_row(&q) ? column_text(&q, 0) : fallback);
  return query_close(&q);
}

bool setting_set(struct tx *tx, const char *key, const char *value, struct err *err)
{
  struct query q = query_open(tx->db,
                              "INSERT INTO setting(key, value) VALUES(?1, ?2)"
                              " ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                              err);
  query_text(&q, 1, key);
  query_text(&q, 2, value);
  return query_run(&q);
}
