#include "site/answer.h"

#include "core/base/clock.h"
#include "core/base/crypto.h"
#include "core/domain/heard.h"

#include <stdio.h>
#include <string.h>

/* Rules whose status is not that of their kind. */
static const struct {
  const char *rule;
  int status;
} statuses[] = {
    {"login_required", 401}, {"wrong_login", 401},      {"no_session", 401},       {"role_changed", 401},
    {"password_reset", 401}, {"outlier", 422},          {"faults", 422},           {"body_size", 413},
    {"file_size", 413},      {"row_count", 413},        {"column_count", 413},     {"rows", 413},
    {"too_large", 413},      {"content_type", 415},     {"locked_out", 429},       {"method", 405},
    {"payload_size", 413},   {"one_time_expired", 401}, {"account_disabled", 401},
};

int answer_status(const struct err *err)
{
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
    if (strcmp(err->rule, statuses[i].rule) == 0) return statuses[i].status;
  return web_status_of(err);
}

void fault_out(struct json_out *out, const char *key, const struct err *err, const char *params)
{
  out_object(out, key);
  out_text(out, "kind", err_kind_name(err->kind));
  out_text(out, "rule", *err->rule ? err->rule : err_kind_name(err->kind));
  out_text(out, "field", err->field);
  out_text(out, "text", err->text);
  if (params) out_raw(out, "params", params);
  out_end(out);
}

static const char *figures_of(const struct fault *fault)
{
  return *fault->params ? fault->params : NULL;
}

void answer_faults(struct web_request *request, const struct err *err, const struct faults *faults,
                   const char *params)
{
  struct json_out out = JSON_OUT_INIT;
  bool ours = err->kind == ERR_IO || err->kind == ERR_BUSY || err->kind == ERR_CORRUPT;
  if (ours) faults = NULL; /* the input may be fine */
  const struct fault *one = faults && faults->count ? &faults->list[0] : NULL;
  const struct err *first = one ? &one->err : err;
  out_object(&out, NULL);
  fault_out(&out, "error", first, one ? figures_of(one) : params);
  if (faults && faults->count > 1) {
    out_array(&out, "errors");
    for (size_t i = 0; i < faults->count; i++)
      fault_out(&out, NULL, &faults->list[i].err, figures_of(&faults->list[i]));
    out_end(&out);
  }
  out_end(&out);
  if (first->kind == ERR_BUSY) web_set_header(request, "Retry-After", "5");
  /* One more of whatever it was: exports come slower than writes. */
  if (strcmp(first->rule, "rate") == 0) web_set_header(request, "Retry-After", "15");
  answer_out(request, answer_status(first), &out);
}

void answer_err(struct web_request *request, const struct err *err)
{
  answer_faults(request, err, NULL, NULL);
}

void answer_out(struct web_request *request, int status, struct json_out *out)
{
  static const char no_memory[] = "{\"error\":{\"kind\":\"busy\",\"rule\":\"busy\",\"field\":\"\",\"text\":"
                                  "\"no memory for this answer\"}}";
  web_set_header(request, "Cache-Control", "no-store");
  if (out->bytes.bad)
    web_reply(request, 503, "application/json", no_memory, sizeof no_memory - 1);
  else if (status == 200 &&
           strcmp(request->method, "GET") == 0) /* what is shown once is the answer of a POST */
    web_reply_packed(request, status, "application/json", out->bytes.data, out->bytes.size);
  else
    web_reply(request, status, "application/json", out->bytes.data, out->bytes.size);
  buf_wipe(&out->bytes);
}

static bool read_now(struct web_request *request, struct app *app, answer_read *read, struct json_out *out,
                     struct err *err)
{
  struct db *db = NULL;
  if (!readers_take(app->readers, &db, err)) return false;
  bool ok = read(request, app, db, out, err);
  if (!ok && app->kind == APP_NODE) heard_excuse(db, NULL, err);
  readers_give(app->readers, db);
  return ok;
}

void answer_reading(struct web_request *request, struct app *app, answer_read *read)
{
  struct json_out out = JSON_OUT_INIT;
  struct err err = ERR_INIT;
  if (read_now(request, app, read, &out, &err)) {
    answer_out(request, 200, &out);
    return;
  }
  buf_wipe(&out.bytes);
  answer_err(request, &err);
}

bool answer_head_only(struct web_request *request, const char *type)
{
  if (strcmp(request->method, "HEAD") != 0) return false;
  web_set_header(request, "Cache-Control", "no-store");
  web_reply_unsized(request, type);
  return true;
}

/* The list of the route, its filter and its order: all that the request asks but for the page. */
static uint32_t list_of(struct web_request *request)
{
  struct buf asked = BUF_INIT;
  uint8_t hash[HASH_SIZE];
  put_text(&asked, request->path);
  for (const char *at = request->route->query ? request->route->query : ""; *at;) {
    char name[24];
    int n = (int)strcspn(at, " ");
    snprintf(name, sizeof name, "%.*s", n, at);
    at += n + (int)strspn(at + n, " ");
    const char *value =
        strcmp(name, "after") != 0 && strcmp(name, "limit") != 0 ? web_query(request, name) : NULL;
    if (!value || !*value) continue;
    put_u8(&asked, 0); /* which no value has */
    put_text(&asked, name);
    put_u8(&asked, 0);
    put_text(&asked, value);
  }
  sha256(hash, asked.data, asked.size);
  buf_wipe(&asked);
  return (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
}

bool answer_page(struct web_request *request, struct page *page, struct bookmark *next, struct err *err)
{
  int64_t whole = site_caller(request)->whole, most = whole;
  const char *after = web_query(request, "after");
  *page = (struct page){.of = list_of(request), .next = next};
  *next = (struct bookmark){.of = page->of};
  if (!whole && !web_query_int_or(request, "limit", 1, 1000, 50, &most, err)) return false;
  page->limit = (int)most;
  if (whole || !after || !*after) return true;
  if (!bookmark_parse(&page->after, after))
    return err_rule(err, ERR_INPUT, "after", "bookmark", "after \"%.40s\" is not what a list gave as next",
                    after);
  return page->after.of == page->of ||
         err_rule(
             err, ERR_INPUT, "after", "bookmark",
             "after is what another list gave as next, or this one in another order or by another filter");
}

void total_out(struct json_out *out, int64_t total)
{
  out_int(out, "total", total);
  out_int(out, "export_most", EXPORT_ROWS_MAX);
}

void next_out(struct json_out *out, const struct bookmark *next)
{
  char text[BOOKMARK_SIZE];
  if (next->set)
    out_text(out, "next", bookmark_print(next, text));
  else
    out_null(out, "next");
}

bool answer_query_branch(struct web_request *request, const struct app *app, uint32_t *branch,
                         struct err *err)
{
  int64_t code, own = app->kind == APP_NODE ? app->code : 0;
  if (!web_query_int_or(request, "branch", 110000, 659999, own, &code, err)) return false;
  if (own && code != own)
    return err_rule(err, ERR_INPUT, "branch", "other_branch", "branch %u is not this one", (unsigned)code);
  *branch = (uint32_t)code;
  return true;
}

bool answer_query_date(struct web_request *request, const char *name, int *date, struct err *err)
{
  const char *text = web_query(request, name);
  *date = 0;
  if (!text || !*text || date_parse(text, date)) return true;
  return err_rule(err, ERR_INPUT, name, "date", "%s \"%.40s\" is no day such as 2026-11-24", name, text);
}

bool answer_query_word(struct web_request *request, const char *name, const char *const *words, int *index,
                       struct err *err)
{
  const char *text = web_query(request, name);
  *index = -1;
  if (!text || !*text) return true;
  for (int i = 0; words[i]; i++) {
    if (strcmp(text, words[i]) != 0) continue;
    *index = i;
    return true;
  }
  return err_rule(err, ERR_INPUT, name, "one_of", "%s does not know \"%.40s\"", name, text);
}

enum language answer_language(struct web_request *request)
{
  const char *text = web_query(request, "lang");
  return text && strcmp(text, "en") == 0 ? LANGUAGE_EN : LANGUAGE_ZH;
}

void row_faults_out(struct json_out *out, const struct faults *faults)
{
  out_array(out, "errors");
  for (size_t i = 0; i < faults->count; i++) {
    const struct fault *fault = &faults->list[i];
    out_object(out, NULL);
    out_int(out, "row", fault->row);
    out_text(out, "column", *fault->column ? fault->column : fault->err.field);
    out_text(out, "field", fault->err.field);
    out_text(out, "rule", fault->err.rule);
    out_text(out, "value", fault->value);
    out_text_or_null(out, "choices", fault->choices[0]);
    out_text_or_null(out, "choices_en", fault->choices[1]);
    out_text(out, "text", fault->err.text);
    out_end(out);
  }
  out_end(out);
}

void trouble_out(struct json_out *out, const struct trouble *trouble)
{
  if (!*trouble->rule) {
    out_null(out, "trouble");
    return;
  }
  struct trouble said = *trouble;
  err_drop_folders(said.text);
  out_object(out, "trouble");
  out_text(out, "rule", trouble->rule);
  out_text(out, "text", said.text);
  out_int_or_null(out, "since_ms", trouble->since_ms);
  out_int_or_null(out, "off_ms", trouble->off_ms);
  out_end(out);
}
