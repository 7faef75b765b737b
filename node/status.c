#include "node/status.h"

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/domain/catalogue.h"
#include "core/domain/contact.h"
#include "core/domain/refusal.h"
#include "program/identity.h"
#include "sync/streams.h"

#include <stdio.h>
#include <string.h>

struct status {
  struct identity identity;
  struct head head;
  struct backlog pending;
  uint64_t acked;
  int64_t received_ms; /* of the newest acknowledged entry */
  int64_t refused, catalogue_rev, catalogue_ms, products;
  bool frozen;
  char contact_kind[8];
  int64_t contact_ms;
};

static void newest(void *ctx, const struct contact *row)
{
  struct status *s = ctx;
  if (s->contact_ms) return;
  s->contact_ms = row->at_ms + row->took_ms;
  snprintf(s->contact_kind, sizeof s->contact_kind, "%s", row->kind);
}

static bool gather(struct db *db, struct status *s, struct err *err)
{
  const struct stream own = {s->identity.code, 0};
  return stream_head(db, own, &s->head, err) && stream_frozen(db, own, &s->frozen, err) &&
         stream_acked(db, own, &s->acked, &s->received_ms, err) &&
         stream_backlog(db, own, s->acked, &s->pending, err) &&
         refusal_count(db, s->identity.code, &s->refused, err) &&
         catalogue_state(db, &s->catalogue_rev, &s->catalogue_ms, &s->products, err) &&
         contact_list(db, 1, newest, s, err);
}

/* Worst first, as the pages' chip; whether the line is up now, only the running program knows. */
static const char *state_of(const struct status *s)
{
  if (s->frozen || s->refused) return "attention";
  if (!s->contact_ms) return "unknown";
  if (strcmp(s->contact_kind, "down") == 0) return "offline";
  return s->pending.count ? "pending" : "synced";
}

static bool print_json(const struct status *s, struct err *err)
{
  struct buf text = BUF_INIT;
  json_t *o = json_pack(
      "{s:s, s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:{s:s, s:I}, s:{s:I, s:I, s:I}}", "state",
      state_of(s), "code", (json_int_t)s->identity.code, "name_zh", s->identity.name, "epoch",
      (json_int_t)s->identity.epoch, "seq", (json_int_t)s->head.seq, "acked", (json_int_t)s->acked, "pending",
      (json_int_t)s->pending.count, "pending_bytes", (json_int_t)s->pending.bytes, "oldest_pending_ms",
      (json_int_t)s->pending.oldest_ms, "refused", (json_int_t)s->refused, "frozen", s->frozen,
      "last_contact", "kind", s->contact_kind, "at_ms", (json_int_t)s->contact_ms, "catalogue", "rev",
      (json_int_t)s->catalogue_rev, "at_ms", (json_int_t)s->catalogue_ms, "products",
      (json_int_t)s->products);
  bool ok = o && json_write(&text, o);
  if (ok) printf("%.*s\n", (int)text.size, (const char *)text.data);
  json_decref(o);
  buf_wipe(&text);
  return ok || err_set(err, ERR_IO, "out of memory");
}

static void print_words(const struct status *s)
{
  char at[30] = "never";
  if (s->contact_ms) time_format(at, s->contact_ms);
  printf("%u %s  %s\n", s->identity.code, s->identity.name, state_of(s));
  printf("entries %llu, received by the province %llu, pending %llu (%llu bytes), refused %lld\n",
         (unsigned long long)s->head.seq, (unsigned long long)s->acked, (unsigned long long)s->pending.count,
         (unsigned long long)s->pending.bytes, (long long)s->refused);
  printf("last contact %s %s\ncatalogue revision %lld, %lld products\n", at, s->contact_kind,
         (long long)s->catalogue_rev, (long long)s->products);
  if (s->frozen) printf("frozen: the province holds another record for one place of this branch's journal\n");
}

bool status_command(const struct cli_args *args, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct data_dir dir;
  struct db *db = NULL;
  struct status status = {0};
  if (!crypto_start(err) || !data_dir_open(&dir, cli_value(args, "dir"), DATA_DIR_SHARED, err)) return false;
  bool ok = identity_read(&dir, "keys", &status.identity, err) &&
            db_open(&db, data_dir_path(&dir, "store.db", path), DB_READ, err) && gather(db, &status, err);
  crypto_wipe(status.identity.secret, SECRET_SIZE);
  if (ok && cli_value(args, "json"))
    ok = print_json(&status, err);
  else if (ok)
    print_words(&status);
  db_close(db);
  data_dir_close(&dir);
  return ok;
}
