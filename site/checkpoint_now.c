#include "site/checkpoint_now.h"

#include <stdio.h>

bool checkpoint_now(struct db *db, uint32_t province, struct checkpoint_now *out, struct err *err)
{
  struct tlog_state state;
  struct buf note = BUF_INIT, root = BUF_INIT;
  *out = (struct checkpoint_now){.size = 0};
  tlog_origin(out->origin, province);
  bool ok = tlog_checkpoint(db, &note, &state, err);
  buf_wipe(&note);
  if (!ok || state.size == 0) return ok;
  out->size = state.size;
  base64_encode(&root, state.root.bytes, HASH_SIZE);
  snprintf(out->root, sizeof out->root, "%.*s", (int)root.size, (const char *)root.data);
  buf_wipe(&root);
  hex_encode(out->root_hex, state.root.bytes, 4);
  struct query q = query_open(db, "SELECT signed_ms FROM sync_checkpoint WHERE size = ?1", err);
  query_int(&q, 1, (int64_t)state.size);
  if (query_row(&q)) out->signed_ms = column_int(&q, 0);
  return query_close(&q);
}

void checkpoint_now_out(struct json_out *out, const struct checkpoint_now *now)
{
  if (now->size == 0) {
    out_null(out, "checkpoint");
    return;
  }
  out_object(out, "checkpoint");
  out_text(out, "origin", now->origin);
  out_int(out, "size", (int64_t)now->size);
  out_text(out, "root", now->root);
  out_int_or_null(out, "signed_ms", now->signed_ms);
  out_end(out);
}
