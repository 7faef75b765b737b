#include "node/witness.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/say.h"
#include "sync/add_checkpoint.h"
#include "sync/store_log.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <string.h>

bool witness_open(struct node *node, struct err *err)
{
  const struct app *app = &node->app;
  const struct note_key *logs = NULL;
  struct buf text = BUF_INIT;
  int64_t on = 0;
  if (!conf_int(app->conf, "witness.serve", 0, 1, 0, &on, err)) return false;
  if (!on) return true;
  bool ok = data_dir_read(&app->dir, "policy", POLICY_SIZE_MAX, &text, err) &&
            policy_open(&node->watched, (const char *)text.data, text.size, err);
  buf_wipe(&text);
  if (ok && policy_logs(node->watched, &logs) == 0)
    ok = err_rule(err, ERR_INPUT, "policy", "policy", "it names no log");
  if (ok) log_info("a witness for %zu logs: POST /witness/add-checkpoint", policy_logs(node->watched, &logs));
  return ok || err_prefix(err, "witness.serve is 1, and %s/policy", app->dir.path);
}

void witness_close(struct node *node)
{
  policy_close(node->watched);
  node->watched = NULL;
}

static void reply_why(struct web_request *request, int status, const struct err *why)
{
  char line[400];
  int n = snprintf(line, sizeof line, "%s\n", why->text);
  web_reply(request, status, "text/plain; charset=utf-8", line, (size_t)n);
}

void node_post_add_checkpoint(struct web_request *request, void *ctx)
{
  struct node *node = node_of(ctx);
  struct add_answer answer = {.status = 404};
  struct err err = ERR_INIT;
  struct span question = {request->body, request->body_size};
  if (!node->watched) {
    web_reply_empty(request, 404);
    return;
  }
  bool ok = store_add_checkpoint(node->app.store, node->watched, question, clock_wall_ms(), &answer, &err);
  app_note(&node->app, ok, &err);
  if (answer.forked)
    log_error_of(request->peer, "another log's checkpoint: %s; both sides are kept", answer.why.text);
  web_set_header(request, "Cache-Control", "no-store");
  if (!ok)
    reply_why(request, 503, &err);
  else if (answer.status == 200)
    web_reply(request, 200, "text/plain; charset=utf-8", answer.body.data, answer.body.size);
  else if (answer.status == 409 && answer.body.size > 0)
    web_reply(request, 409, ADD_CHECKPOINT_SIZE_TYPE, answer.body.data, answer.body.size);
  else
    reply_why(request, answer.status, &answer.why);
  buf_wipe(&answer.body);
}

bool witness_command(const struct cli_args *args, struct err *err)
{
  char name[TLOG_ORIGIN_SIZE];
  struct data_dir dir;
  struct identity identity;
  struct note_key key;
  struct buf vkey = BUF_INIT;
  if (!crypto_start(err) || !data_dir_open(&dir, cli_value(args, "dir"), DATA_DIR_SHARED, err)) return false;
  bool ok = identity_read(&dir, "keys", &identity, err);
  tlog_witness_name(name, identity.code);
  ok = ok && note_key_init(&key, name, NOTE_KEY_COSIGNATURE, identity.secret + SEED_SIZE, err);
  if (ok) {
    note_key_encode(&vkey, &key);
    say("witness %u %.*s\n", identity.code, (int)vkey.size, (const char *)vkey.data);
  }
  buf_wipe(&vkey);
  identity_wipe(&identity);
  data_dir_close(&dir);
  return ok;
}
