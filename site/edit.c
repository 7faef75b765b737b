#include "site/edit.h"

#include "core/base/clock.h"
#include "core/domain/heard.h"
#include "core/domain/idempotency.h"
#include "core/domain/kept_on_phone.h"

#include <stdlib.h>
#include <string.h>

const char *const edit_any_fields[] = {NULL};

static const char *account_of(const struct edit *edit)
{
  return site_caller(edit->request)->session.account;
}

static void hash_request(struct edit *edit)
{
  struct buf head = BUF_INIT;
  put_text(&head, edit->request->method);
  put_u8(&head, ' ');
  put_text(&head, edit->request->path);
  put_u8(&head, '\n');
  sha256_two(edit->request_hash, head.data, head.size, edit->request->body, edit->request->body_size);
  buf_wipe(&head);
}

/* The answer this request got before, if it did; then found is true and edit->out holds it. */
static bool find_first(struct edit *edit, struct db *db, bool *found, struct err *err)
{
  return idempotency_get(db, account_of(edit), site_caller(edit->request)->once, edit->request_hash, found,
                         &edit->status, &edit->out.bytes, err);
}

static bool answer_again(struct edit *edit, bool *found, struct err *err)
{
  struct db *db = NULL;
  *found = false;
  if (!site_caller(edit->request)->once) return true;
  hash_request(edit);
  if (!readers_take(edit->app->readers, &db, err)) return false;
  bool ok = find_first(edit, db, found, err);
  readers_give(edit->app->readers, db);
  return ok;
}

static bool read_body(struct edit *edit, struct err *err)
{
  if (!edit->plan->fields) return true;
  edit->body = web_body_json(edit->request, err);
  if (!edit->body) return false;
  if (!json_is_object(edit->body))
    return err_rule(err, ERR_INPUT, "", "type", "the body is not a JSON object");
  return edit->plan->fields == edit_any_fields || json_only(edit->body, edit->plan->fields, err);
}

bool edit_begin(struct edit *edit, struct web_request *request, struct app *app, const struct edit_plan *plan)
{
  struct err err = ERR_INIT;
  bool found = false;
  *edit = (struct edit){.request = request,
                        .app = app,
                        .plan = plan,
                        .action = plan->action,
                        .status = plan->status ? plan->status : 201};
  bool ok = answer_again(edit, &found, &err) && (found || read_body(edit, &err));
  if (!ok) edit_refuse(edit, &err);
  if (ok && !found) return true;
  edit_end(edit);
  return false;
}

bool edit_still_new(struct edit *edit)
{
  struct err err = ERR_INIT;
  bool found = false;
  if (!answer_again(edit, &found, &err)) edit_refuse(edit, &err);
  return !edit->replied && !found; /* found: edit_end replies with it */
}

struct run {
  struct edit *edit;
  void *ctx;
  bool found; /* answered before: nothing was written */
};

/* X-Sunlit-Waited.  It is no part of what is compared when a request comes again, for it grows. */
int64_t edit_waited_ms(const struct edit *edit)
{
  const char *waited = web_header(edit->request, "X-Sunlit-Waited");
  if (!waited || !*waited || strlen(waited) > 15 || strspn(waited, "0123456789") != strlen(waited)) return 0;
  int64_t ms = strtoll(waited, NULL, 10);
  return ms <= KEPT_DAYS_MAX * (int64_t)86400000 ? ms : 0;
}

static bool keep_waited(struct tx *tx, const struct edit *edit, struct err *err)
{
  int64_t waited_ms = edit_waited_ms(edit);
  if (!waited_ms) return true;
  json_t *answer = json_parse((const char *)edit->out.bytes.data, edit->out.bytes.size, NULL);
  int64_t id = json_integer_value(json_object_get(answer, "id"));
  json_decref(answer);
  return id <= 0 || kept_on_phone_add(tx, id, waited_ms, err);
}

static bool run_work(struct tx *tx, void *ctx, struct err *err)
{
  struct run *run = ctx;
  struct edit *edit = run->edit;
  const struct caller *caller = site_caller(edit->request);
  if (!site_still_admits(edit->request, edit->app, tx->db, err)) return false;
  /* Two resends at once: the second comes here when the first has committed. */
  if (caller->once && (!find_first(edit, tx->db, &run->found, err) || run->found)) return run->found;
  int status = edit->status;
  edit->held = !edit->plan->work(tx, edit, run->ctx, err);
  if (edit->held && edit->app->kind == APP_NODE && err) heard_excuse(tx->db, &edit->faults, err);
  if (edit->held) return false;
  if (edit->out.bytes.bad) return err_rule(err, ERR_BUSY, "", "busy", "no memory for this answer");
  if (!tx->more && edit->app->kind == APP_NODE && !keep_waited(tx, edit, err)) return false;
  if (!caller->once || tx->more) return true; /* it is called again: the answer stands behind the last row */
  const struct buf *keep = edit->kept.size ? &edit->kept : &edit->out.bytes;
  return idempotency_add(tx, caller->session.account, caller->once, edit->request_hash, status, keep->data,
                         keep->size, err);
}

/* Before the transaction, where a flood would hold up everybody's.  An account that goes on is in the trail.
 */
static bool take_pace(struct edit *edit, struct err *err)
{
  char detail[SITE_REQUEST_SIZE];
  if (pace_take(site_writes(edit->app), account_of(edit), clock_boot_ms())) return true;
  site_describe_request(edit->request, detail);
  site_record(edit->app, edit->request, "rate", detail);
  return err_rule(err, ERR_LIMIT, "", "rate",
                  "%s has written too much within a short time: wait %d s before the next, nothing is lost",
                  account_of(edit), WRITE_EVERY_MS / 1000);
}

bool edit_try(struct edit *edit, void *ctx, struct err *err)
{
  struct run run = {.edit = edit, .ctx = ctx};
  bool paced = site_caller(edit->request)->role && edit->action;
  edit->tries++;
  edit->held = false;
  if (paced && !take_pace(edit, err)) return false;
  const struct caller *caller = site_caller(edit->request);
  struct act act = {.actor = caller->role ? caller->session.account : "system",
                    .role = caller->role ? caller->session.role : "system",
                    .action = edit->action,
                    .lane = edit->lane,
                    .now_ms = clock_wall_ms()};
  bool ok = edit->action ? app_commit(edit->app, &act, run_work, &run, NULL, err)
                         : app_local(edit->app, run_work, &run, err);
  if (paced && (!ok || run.found)) pace_give(site_writes(edit->app), account_of(edit));
  return ok;
}

bool edit_commit(struct edit *edit, void *ctx)
{
  struct err err = ERR_INIT;
  bool ok = edit_try(edit, ctx, &err);
  if (!ok) edit_refuse(edit, &err);
  return ok;
}

enum { TRIES_MAX = 3 }; /* who is overtaken each time hears of the last */

bool edit_read_again(struct edit *edit, const struct err *err)
{
  bool again = edit->held && edit->tries < TRIES_MAX &&
               (err->kind == ERR_INPUT || err->kind == ERR_CONFLICT || err->kind == ERR_MISSING);
  edit->held = false;
  return again;
}

void edit_refuse(struct edit *edit, const struct err *err)
{
  answer_faults(edit->request, err, &edit->faults,
                edit->params.size && !edit->params.bad ? (const char *)edit->params.data : NULL);
  edit->replied = true;
}

void edit_end(struct edit *edit)
{
  if (!edit->replied) answer_out(edit->request, edit->status, &edit->out);
  buf_wipe(&edit->out.bytes);
  buf_wipe(&edit->kept);
  buf_wipe(&edit->params);
  faults_wipe(&edit->faults);
  json_decref(edit->body);
}

void edit_run(struct web_request *request, struct app *app, const struct edit_plan *plan, void *ctx)
{
  struct edit edit;
  if (!edit_begin(&edit, request, app, plan)) return;
  edit_commit(&edit, ctx);
  edit_end(&edit);
}
