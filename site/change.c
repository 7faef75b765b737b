#include "site/change.h"

#include "core/base/clock.h"
#include "core/domain/idempotency.h"

#include <string.h>

static const char *account_of(const struct change *change)
{
  return site_caller(change->request)->session.account;
}

static void hash_request(struct change *change)
{
  struct buf head = BUF_INIT;
  put_text(&head, change->request->method);
  put_u8(&head, ' ');
  put_text(&head, change->request->path);
  put_u8(&head, '\n');
  sha256_two(change->request_hash, head.data, head.size, change->request->body, change->request->body_size);
  buf_wipe(&head);
}

/* The answer this request got before, if it did; then found is true and change->out holds it. */
static bool find_first(struct change *change, struct db *db, bool *found, struct err *err)
{
  return idempotency_get(db, account_of(change), site_caller(change->request)->once, change->request_hash,
                         found, &change->status, &change->out.bytes, err);
}

static bool answer_again(struct change *change, bool *found, struct err *err)
{
  struct db *db = NULL;
  *found = false;
  if (!site_caller(change->request)->once) return true;
  hash_request(change);
  if (!readers_take(change->app->readers, &db, err)) return false;
  bool ok = find_first(change, db, found, err);
  readers_give(change->app->readers, db);
  return ok;
}

static bool read_body(struct change *change, struct err *err)
{
  if (!change->plan->fields) return true;
  change->body = web_body_json(change->request, err);
  if (!change->body) return false;
  if (!json_is_object(change->body))
    return err_rule(err, ERR_INPUT, "", "type", "the body is not a JSON object");
  return json_only(change->body, change->plan->fields, err);
}

bool change_begin(struct change *change, struct web_request *request, struct app *app,
                  const struct change_plan *plan)
{
  struct err err = ERR_INIT;
  bool found = false;
  *change = (struct change){.request = request,
                            .app = app,
                            .plan = plan,
                            .action = plan->action,
                            .status = plan->status ? plan->status : 201};
  bool ok = read_body(change, &err) && answer_again(change, &found, &err);
  if (!ok) change_refuse(change, &err);
  if (ok && !found) return true;
  change_end(change);
  return false;
}

struct run {
  struct change *change;
  void *ctx;
};

static bool run_work(struct tx *tx, void *ctx, struct err *err)
{
  struct run *run = ctx;
  struct change *change = run->change;
  const struct caller *caller = site_caller(change->request);
  bool found = false;
  /* Two resends at once: the second comes here when the first has committed. */
  if (caller->once && (!find_first(change, tx->db, &found, err) || found)) return found;
  int status = change->status;
  if (!change->plan->work(tx, change, run->ctx, err)) return false;
  if (change->out.bytes.bad) return err_rule(err, ERR_BUSY, "", "busy", "no memory for this answer");
  if (!caller->once) return true;
  const struct buf *keep = change->kept.size ? &change->kept : &change->out.bytes;
  return idempotency_add(tx, caller->session.account, caller->once, change->request_hash, status, keep->data,
                         keep->size, err);
}

bool change_commit(struct change *change, void *ctx)
{
  struct err err = ERR_INIT;
  struct run run = {.change = change, .ctx = ctx};
  const struct caller *caller = site_caller(change->request);
  struct act act = {.actor = caller->role ? caller->session.account : "system",
                    .role = caller->role ? caller->session.role : "system",
                    .action = change->action,
                    .lane = change->lane,
                    .now_ms = clock_wall_ms()};
  bool ok = change->action ? app_commit(change->app, &act, run_work, &run, NULL, &err)
                           : app_local(change->app, run_work, &run, &err);
  if (!ok) change_refuse(change, &err);
  return ok;
}

void change_refuse(struct change *change, const struct err *err)
{
  answer_faults(change->request, err, &change->faults,
                change->params.size && !change->params.bad ? (const char *)change->params.data : NULL);
  change->replied = true;
}

void change_end(struct change *change)
{
  if (!change->replied) answer_out(change->request, change->status, &change->out);
  buf_wipe(&change->out.bytes);
  buf_wipe(&change->kept);
  buf_wipe(&change->params);
  faults_wipe(&change->faults);
  json_decref(change->body);
}

void change_run(struct web_request *request, struct app *app, const struct change_plan *plan, void *ctx)
{
  struct change change;
  if (!change_begin(&change, request, app, plan)) return;
  change_commit(&change, ctx);
  change_end(&change);
}
