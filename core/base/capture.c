#include "core/base/capture.h"

#include "core/base/sqlite.h"

#include <stdlib.h>
#include <string.h>

struct capture {
  sqlite3_session *session;
  bool (*wanted)(void *ctx, const char *table);
  void *ctx;
};

static int filter(void *ctx, const char *table)
{
  struct capture *capture = ctx;
  return capture->wanted(capture->ctx, table);
}

bool capture_begin(struct capture **out, struct db *db, bool (*wanted)(void *ctx, const char *table),
                   void *ctx, struct err *err)
{
  struct capture *capture = calloc(1, sizeof *capture);
  if (!capture) return err_set(err, ERR_IO, "out of memory capturing a transaction");
  capture->wanted = wanted;
  capture->ctx = ctx;
  int code = sqlite3session_create(db_handle(db), "main", &capture->session);
  if (code == SQLITE_OK) {
    sqlite3session_table_filter(capture->session, filter, capture);
    code = sqlite3session_attach(capture->session, NULL);
  }
  if (code != SQLITE_OK) {
    capture_drop(capture);
    return err_set(err, ERR_IO, "cannot capture a transaction: %s", sqlite3_errstr(code));
  }
  *out = capture;
  return true;
}

void capture_drop(struct capture *capture)
{
  if (!capture) return;
  if (capture->session) sqlite3session_delete(capture->session);
  free(capture);
}

bool capture_end(struct capture *capture, struct buf *out, struct err *err)
{
  void *bytes = NULL;
  int size = 0;
  int code = SQLITE_OK;
  /* isempty first: it is a look, while a changeset opens a savepoint and prepares statements. */
  if (!sqlite3session_isempty(capture->session))
    code = sqlite3session_changeset(capture->session, &size, &bytes);
  if (code == SQLITE_OK) put_bytes(out, bytes, (size_t)size);
  sqlite3_free(bytes);
  capture_drop(capture);
  if (code != SQLITE_OK) return err_set(err, ERR_IO, "cannot take a changeset: %s", sqlite3_errstr(code));
  if (out->bad)
    return err_rule(err, ERR_LIMIT, "", "payload_size", "the transaction changes more than %zu bytes",
                    out->max);
  return true;
}

/* While closed, everything is refused that is not reading, or changing rows of a table outside the prefix. */
static int authorize(void *ctx, int action, const char *a, const char *b, const char *schema,
                     const char *trigger)
{
  (void)b;
  (void)schema;
  (void)trigger;
  const struct fence *fence = ctx;
  if (!fence->closed) return SQLITE_OK;
  switch (action) {
  case SQLITE_SELECT:
  case SQLITE_READ:
  case SQLITE_FUNCTION:
  case SQLITE_RECURSIVE: return SQLITE_OK;
  case SQLITE_INSERT:
  case SQLITE_UPDATE:
  case SQLITE_DELETE:
    return a && strncmp(a, fence->prefix, strlen(fence->prefix)) == 0 ? SQLITE_DENY : SQLITE_OK;
  /* The session looks at a table's columns when it meets it, in the middle of somebody's statement. */
  case SQLITE_PRAGMA: return a && strcmp(a, "table_info") == 0 ? SQLITE_OK : SQLITE_DENY;
  default: return SQLITE_DENY;
  }
}

bool db_fence(struct db *db, const struct fence *fence, struct err *err)
{
  void *ctx = (void *)(uintptr_t)fence;
  int code = sqlite3_set_authorizer(db_handle(db), authorize, ctx);
  return code == SQLITE_OK || err_set(err, ERR_IO, "cannot set the authorizer: %s", sqlite3_errstr(code));
}
