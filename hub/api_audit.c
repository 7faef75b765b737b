/* The audit trail as a list with its filters, and as a workbook. */
#include "core/base/clock.h"
#include "core/base/tx.h"
#include "hub/api.h"
#include "hub/audit_reads.h"
#include "hub/audit_search.h"
#include "hub/audit_tally.h"
#include "hub/trail.h"

#include <string.h>

static bool read_filter(struct web_request *request, struct audit_filter *filter, struct page *page,
                        struct bookmark *next, struct err *err)
{
  static const char *const states[] = {"verified", "quarantined", "parked", "fork", "lost", NULL};
  static const char *const times[] = {"early", "back", NULL};
  int from, to, state, time;
  int64_t author, lane;
  memset(filter, 0, sizeof *filter);
  filter->action = web_query(request, "action");
  filter->text = web_query(request, "q");
  if (filter->action && !*filter->action) filter->action = NULL;
  if (filter->text && !*filter->text) filter->text = NULL;
  if (filter->text && strlen(filter->text) > NAME_SIZE_MAX)
    return err_rule(err, ERR_INPUT, "q", "length", "q is longer than %d bytes", NAME_SIZE_MAX);
  if (!web_query_int_or(request, "author", 110000, 659999, 0, &author, err) ||
      !web_query_int_or(request, "lane", 110000, 659999, 0, &lane, err) ||
      !answer_query_date(request, "from", &from, err) || !answer_query_date(request, "to", &to, err) ||
      !answer_query_word(request, "state", states, &state, err) ||
      !answer_query_word(request, "time", times, &time, err) || !answer_page(request, page, next, err))
    return false;
  filter->limit = (int)page_rows(page); /* one more tells that there is more */
  filter->before = page->after.set ? page->after.id : 0;
  filter->author = (uint32_t)author;
  filter->lane = (uint32_t)lane;
  filter->from_ms = from ? date_start_ms(from) : 0;
  filter->to_ms = to ? date_start_ms(date_add_days(to, 1)) : 0;
  filter->odd = time == 0 ? AUDIT_EARLY : time == 1 ? AUDIT_BACK : 0;
  filter->state = state >= 0 ? states[state] : NULL;
  return true;
}

/* Each action once, by jumps through its index. */
static bool actions_out(struct json_out *out, struct db *db, struct err *err)
{
  struct query q =
      query_open(db,
                 "WITH RECURSIVE a(x) AS (SELECT min(action) FROM audit UNION ALL"
                 " SELECT (SELECT min(action) FROM audit WHERE action > a.x) FROM a WHERE a.x IS NOT NULL)"
                 " SELECT x FROM a WHERE x IS NOT NULL /* scan: of a list of thirty words */",
                 err);
  out_array(out, "actions");
  while (query_row(&q))
    out_text(out, NULL, column_text(&q, 0));
  out_end(out);
  return query_close(&q);
}

struct trail_page {
  struct trail trail;
  struct page page;
  struct bookmark next;
  bool more;
};

static void each_row(void *ctx, const struct audit_row *row)
{
  struct trail_page *to = ctx;
  to->more = to->trail.rows == to->page.limit;
  if (to->more) return;
  page_keep(&to->page, 0, 0, 0, row->pos, "");
  trail_row_out(&to->trail, row);
}

static bool read_audit(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                       struct err *err)
{
  struct trail_page t = {.more = false};
  struct trail *trail = &t.trail;
  struct audit_filter filter;
  int64_t total = 0, lag = 0;
  (void)app;
  if (!read_filter(request, &filter, &t.page, &t.next, err)) return false;
  struct audit_found found;
  if (!audit_search(db, filter.text, &found, err)) return false;
  bool all = !filter.author && !filter.action && !filter.from_ms && !filter.to_ms && !filter.text &&
             !filter.state && !filter.odd && !filter.lane;
  bool ok = trail_open(trail, request, db, out, err);
  out_object(out, NULL);
  out_array(out, "items");
  for (int i = 0; ok && i < found.count; i++)
    ok = audit_get(db, found.pos[i], trail_row_out, trail, err) && !trail->bad;
  if (found.count)
    total = found.count;
  else
    ok = ok && audit_list(db, &filter, each_row, &t, all ? NULL : &total, err) && !trail->bad;
  /* Positions are dense: without a filter nothing needs counting. */
  ok = ok && (!all || db_int(db, "SELECT max(pos) + 1 FROM audit", 0, &total, err));
  out_end(out);
  total_out(out, total);
  t.next.set = t.more;
  next_out(out, &t.next);
  ok = ok && actions_out(out, db, err) && audit_lag(db, &lag, err);
  out_int(out, "lag", lag);
  out_end(out);
  site_caller(request)->rows = trail->rows;
  trail_close(trail);
  return ok;
}

void hub_get_audit(struct web_request *request, void *app)
{
  answer_trail(request, app, read_audit);
}

void hub_get_audit_workbook(struct web_request *request, void *app)
{
  static const struct list_column columns[] = {
      {"pos", "总账位置", CELL_INT, 12, NULL},      {"claimed_ms", "发生", CELL_MS, 20, NULL},
      {"received_ms", "收到", CELL_MS, 20, NULL},   {"author_name", "作者", CELL_TEXT, 14, NULL},
      {"author", "作者代码", CELL_TEXT, 10, NULL},  {"epoch", "密钥序", CELL_INT, 8, NULL},
      {"seq", "序号", CELL_INT, 10, NULL},          {"actor", "经办", CELL_TEXT, 14, NULL},
      {"action", "做了什么", CELL_NAMED, 16, NULL}, {"title", "内容", CELL_TEXT, 40, NULL},
      {"subject", "编号", CELL_TEXT, 26, NULL},     {"state", "验证", CELL_SITE, 12, NULL},
      {"reason", "原因", CELL_RULE, 20, NULL},
  };
  static const struct list_sheet sheet = {"审计", "items", columns, sizeof columns / sizeof *columns};
  answer_workbook(request, app, read_audit, &sheet);
}
