/* An auditor's saved checkpoint against today's: POST the note, get what it is and the proof as a file. */
#include "hub/api.h"
#include "hub/checkpoint_compare.h"
#include "site/access_record.h"
#include "site/checkpoint_now.h"
#include "site/edit.h"

#include <stdio.h>
#include <string.h>

static void saved_out(struct json_out *out, const struct comparison *c)
{
  struct buf root = BUF_INIT;
  if (!c->readable) {
    out_null(out, "saved");
    return;
  }
  base64_encode(&root, c->saved.root.bytes, HASH_SIZE);
  out_object(out, "saved");
  out_text(out, "origin", c->saved.origin);
  out_int(out, "size", (int64_t)c->saved.size);
  out_textn(out, "root", root.data, root.size);
  out_end(out);
  buf_wipe(&root);
}

static void comparison_out(struct json_out *out, const struct comparison *c,
                           const struct checkpoint_now *today, const struct buf *file)
{
  char name[80];
  out_object(out, NULL);
  out_text(out, "verdict", compared_words[c->verdict]);
  saved_out(out, c);
  checkpoint_now_out(out, today);
  if (c->verdict >= COMPARED_FOREIGN)
    fault_out(out, "fault", &c->fault, NULL);
  else
    out_null(out, "fault");
  if (file->size) {
    snprintf(name, sizeof name, "sunlit-consistency-%llu-%llu.txt", (unsigned long long)c->saved.size,
             (unsigned long long)c->today.size);
    out_textn(out, "file", file->data, file->size);
    out_text(out, "file_name", name);
  } else {
    out_null(out, "file");
    out_null(out, "file_name");
  }
  out_end(out);
}

static bool compare(struct web_request *request, struct app *app, const char *note, size_t size,
                    struct json_out *out, struct err *err)
{
  struct comparison c;
  struct checkpoint_now today;
  struct buf file = BUF_INIT;
  struct db *db = NULL;
  char more[80];
  if (!readers_take(app->readers, &db, err)) return false;
  bool ok = checkpoint_compare(db, app->code, note, size, &c, &file, err) &&
            checkpoint_now(db, app->code, &today, err);
  readers_give(app->readers, db);
  if (ok) {
    snprintf(more, sizeof more, "saved=%llu verdict=%s", (unsigned long long)(c.readable ? c.saved.size : 0),
             compared_words[c.verdict]);
    const struct access_fact fact = {
        .kind = "compare", .rows = -1, .file = note, .file_size = size, .more = more};
    ok = access_record(app, request, &fact, err);
  }
  if (ok) comparison_out(out, &c, &today, &file);
  buf_wipe(&file);
  return ok;
}

/* The text is taken byte by byte: what a lenient reader would repair is said to be damaged. */
void hub_post_audit_checkpoint(struct web_request *request, void *app)
{
  static const char *const fields[] = {"note", NULL};
  struct json_out out = JSON_OUT_INIT;
  struct err err = ERR_INIT;
  json_t *body = web_body_json(request, &err);
  const json_t *note = json_object_get(body, "note");
  bool ok = body && json_only(body, fields, &err);
  if (ok && !json_is_string(note))
    ok = err_rule(&err, ERR_INPUT, "note", note ? "type" : "required", "note is the text of a checkpoint");
  ok = ok && access_pace(app, request, &err) &&
       compare(request, app, json_string_value(note), json_string_length(note), &out, &err);
  if (ok) {
    answer_out(request, 200, &out);
  } else {
    buf_wipe(&out.bytes);
    answer_err(request, &err);
  }
  json_decref(body);
}
