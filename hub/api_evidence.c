/* The evidence of entries, for those who may read the trail: of one, or of up to 256 that a figure stands on.
 */
#include "core/base/clock.h"
#include "hub/api.h"
#include "hub/evidence.h"
#include "site/access_record.h"
#include "site/answer.h"
#include "sync/evidence.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "17,42,108": increasing or not, each once at most is the caller's affair; digits and commas only. */
static bool read_list(const char *text, int64_t *positions, size_t *count, struct err *err)
{
  *count = 0;
  for (const char *at = text; *at;) {
    size_t digits = strspn(at, "0123456789");
    bool good = digits > 0 && digits <= 18 && (at[digits] == ',' || at[digits] == 0);
    if (!good) return err_rule(err, ERR_INPUT, "pos", "list", "pos \"%.40s\" is no list such as 17,42", text);
    if (*count == EVIDENCE_ASKED_MAX)
      return err_rule(err, ERR_LIMIT, "pos", "range", "a bundle holds at most %d entries",
                      EVIDENCE_ASKED_MAX);
    positions[(*count)++] = strtoll(at, NULL, 10);
    at += digits + (at[digits] == ',');
  }
  return *count > 0 || err_rule(err, ERR_INPUT, "pos", "required", "pos names no entry");
}

/* The bundle is made first: what is recorded is what was handed out, with its hash. */
static void hand_out(struct web_request *request, struct app *app, const int64_t *positions, size_t count)
{
  struct db *db = NULL;
  struct buf bundle = BUF_INIT;
  struct err err = ERR_INIT;
  char folder[EVIDENCE_FOLDER_MAX + 1], name[64];
  bool ok = readers_take(app->readers, &db, &err);
  if (ok) {
    ok = evidence_of(db, app->code, positions, count, clock_wall_ms(), &bundle, &err);
    readers_give(app->readers, db);
  }
  const struct access_fact fact = {
      .kind = "evidence", .rows = (int64_t)count, .file = bundle.data, .file_size = bundle.size};
  if (ok && access_record(app, request, &fact, &err)) {
    evidence_name(folder, positions, count);
    snprintf(name, sizeof name, "%s.tar", folder);
    web_reply_file(request, "application/x-tar", name, bundle.data, bundle.size);
  } else {
    answer_err(request, &err);
  }
  buf_wipe(&bundle);
}

static void serve(struct web_request *request, struct app *app, const int64_t *positions, size_t count)
{
  struct gate_place place;
  struct err err = ERR_INIT;
  if (answer_head_only(request, "application/x-tar")) return;
  if (!access_pace(app, request, &err) ||
      !gate_enter(site_bundles(app), &place, site_caller(request)->session.account, request->peer, &err)) {
    answer_err(request, &err);
    return;
  }
  readers_patience(SITE_FILE_PATIENCE_MS);
  hand_out(request, app, positions, count);
  malloc_trim(0);
  gate_leave(site_bundles(app), &place);
}

void hub_get_evidence(struct web_request *request, void *app)
{
  struct err err = ERR_INIT;
  int64_t pos;
  if (web_param_int(request, "pos", 0, INT64_MAX, &pos, &err))
    serve(request, app, &pos, 1);
  else
    answer_err(request, &err);
}

void hub_get_evidence_of_many(struct web_request *request, void *app)
{
  struct err err = ERR_INIT;
  const char *list = web_query(request, "pos");
  size_t count;
  int64_t *positions = malloc(EVIDENCE_ASKED_MAX * sizeof *positions);
  if (!positions) err_rule(&err, ERR_BUSY, "", "busy", "no memory for this answer");
  if (positions && read_list(list ? list : "", positions, &count, &err))
    serve(request, app, positions, count);
  else
    answer_err(request, &err);
  free(positions);
}
