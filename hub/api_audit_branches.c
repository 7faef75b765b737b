/* The audit trail by branch: is all of it here, how long was a branch silent, and how do its clocks stand. */
#include "core/base/clock.h"
#include "hub/api.h"
#include "hub/audit_reads.h"
#include "hub/completeness.h"
#include "site/answer.h"
#include "site/checkpoint_now.h"
#include "site/division_names.h"

#include <string.h>

enum { HOUR_MS = 3600 * 1000, SILENT_HOURS = 48 };

static void breaks_out(struct json_out *out, const struct stream_account *s)
{
  out_array(out, "breaks");
  for (int i = 0; i < s->break_count; i++) {
    out_object(out, NULL);
    out_int(out, "pos", s->breaks[i].pos);
    out_int(out, "seq", s->breaks[i].seq);
    out_int(out, "expected", s->breaks[i].expected);
    out_end(out);
  }
  out_end(out);
}

static void stream_out(struct json_out *out, const char *key, const struct stream_account *s, int64_t lag)
{
  out_object(out, key);
  out_int(out, "seq", s->sums.seq_max);
  out_int(out, "entries", s->sums.entries);
  out_int(out, "missing", s->sums.missing);
  out_int(out, "repeats", s->sums.repeats);
  out_int(out, "superseded", s->superseded);
  if (lag > 0)
    out_null(out, "whole"); /* not counted to the end yet */
  else
    out_bool(out, "whole", stream_is_whole(s));
  out_int_or_null(out, "frozen_ms", s->frozen_ms);
  out_text(out, "frozen_reason", s->frozen_reason);
  out_int_or_null(out, "waiting_seq", s->waiting_seq);
  out_int_or_null(out, "claimed_ms", s->sums.last_claimed_ms);
  out_int_or_null(out, "received_ms", s->sums.last_received_ms);
  breaks_out(out, s);
  out_end(out);
}

/* Numbers that were never counted are null: never heard is not zero seconds. */
static void times_out(struct json_out *out, const struct author_account *a)
{
  const struct stream_sums *own = &a->own.sums;
  out_int_or_null(out, "last_contact_ms", a->last_contact_ms);
  out_int_or_null(out, "silent_ms", a->silent_ms);
  if (a->delays) {
    out_int(out, "delay_median_ms", a->median_ms);
    out_int(out, "delay_max_ms", own->delay_max_ms);
    out_int(out, "delay_max_pos", own->delay_max_pos);
  } else {
    out_null(out, "delay_median_ms");
    out_null(out, "delay_max_ms");
    out_null(out, "delay_max_pos");
  }
  out_int(out, "early", own->early);
  out_int(out, "early_max_ms", own->early_max_ms);
  out_int(out, "back", own->back);
  if (a->heard)
    out_int(out, "skew_ms", a->skew_ms);
  else
    out_null(out, "skew_ms");
}

static void author_out(struct json_out *out, const struct author_account *a, int64_t lag,
                       struct division_names *names)
{
  static const char *const states[] = {[AUTHOR_BROKEN] = "attention",
                                       [AUTHOR_SILENT] = "offline",
                                       [AUTHOR_NEVER] = "unknown",
                                       [AUTHOR_WHOLE] = "synced"};
  out_object(out, NULL);
  out_int(out, "author", a->author);
  out_text(out, "author_name", division_name(names, a->author));
  out_text(out, "state", states[a->state]);
  out_text(out, "reason", a->reason);
  out_bool(out, "enrolled", a->enrolled);
  out_int(out, "keys", a->keys);
  stream_out(out, "own", &a->own, lag);
  stream_out(out, "down", &a->down, lag);
  times_out(out, a);
  out_int(out, "quarantined", a->quarantined);
  out_int(out, "parked", a->waiting);
  out_int(out, "forks", a->forks);
  out_int(out, "lost", a->lost);
  out_int(out, "refused", a->refused);
  out_end(out);
}

static void all_out(struct json_out *out, const struct completeness *all, const struct checkpoint_now *log,
                    struct division_names *names, int64_t now_ms)
{
  out_object(out, NULL);
  out_int(out, "now_ms", now_ms);
  out_int(out, "entries", all->entries);
  out_int(out, "lag", all->lag);
  out_int(out, "silent_after_ms", all->silent_after_ms);
  checkpoint_now_out(out, log);
  out_object(out, "counts");
  out_int(out, "attention", all->counts[AUTHOR_BROKEN]);
  out_int(out, "offline", all->counts[AUTHOR_SILENT]);
  out_int(out, "unknown", all->counts[AUTHOR_NEVER]);
  out_int(out, "synced", all->counts[AUTHOR_WHOLE]);
  out_end(out);
  out_array(out, "items");
  for (size_t i = 0; i < all->count; i++)
    author_out(out, &all->authors[i], all->lag, names);
  out_end(out);
  out_int(out, "total", (int64_t)all->count);
  out_end(out);
}

static bool read_branches(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                          struct err *err)
{
  struct completeness all = {.count = 0};
  struct checkpoint_now log;
  struct division_names names = {.count = 0};
  int64_t now_ms = clock_wall_ms(), hours;
  if (!conf_int(app->conf, "hub.silent_hours", 1, 24 * 366, SILENT_HOURS, &hours, err)) return false;
  bool ok = division_names_open(&names, db, answer_language(request), err) &&
            checkpoint_now(db, app->code, &log, err) &&
            completeness_read(&all, db, app->code, now_ms, hours * HOUR_MS, err);
  site_caller(request)->rows = (int64_t)all.count;
  if (ok) all_out(out, &all, &log, &names, now_ms);
  completeness_wipe(&all);
  division_names_close(&names);
  return ok;
}

void hub_get_audit_branches(struct web_request *request, void *app)
{
  answer_trail(request, app, read_branches);
}

void hub_get_audit_branches_workbook(struct web_request *request, void *app)
{
  static const struct list_column columns[] = {
      {"author_name", "作者", CELL_TEXT, 14, NULL},
      {"author", "代码", CELL_TEXT, 10, NULL},
      {"state", "结论", CELL_SITE, 10, NULL},
      {"reason", "原因", CELL_SITE, 18, NULL},
      {"own.seq", "最大序号", CELL_INT, 10, NULL},
      {"own.entries", "总账里的条数", CELL_INT, 13, NULL},
      {"own.missing", "缺", CELL_INT, 8, NULL},
      {"own.repeats", "重复", CELL_INT, 8, NULL},
      {"own.superseded", "其中被取代", CELL_INT, 11, NULL},
      {"own.frozen_ms", "停收于", CELL_MS, 20, NULL},
      {"down.seq", "省发给它的", CELL_INT, 11, NULL},
      {"down.missing", "其中缺", CELL_INT, 8, NULL},
      {"last_contact_ms", "最近联系", CELL_MS, 20, NULL},
      {"silent_ms", "失联（毫秒）", CELL_INT, 16, NULL},
      {"delay_median_ms", "到省用时中位（毫秒）", CELL_INT, 20, NULL},
      {"delay_max_ms", "到省用时最长（毫秒）", CELL_INT, 20, NULL},
      {"early", "发生晚于收到", CELL_INT, 13, NULL},
      {"back", "发生早于前一条", CELL_INT, 14, NULL},
      {"skew_ms", "时钟差（毫秒）", CELL_INT, 16, NULL},
      {"quarantined", "没有记进", CELL_INT, 10, NULL},
      {"parked", "先存着", CELL_INT, 10, NULL},
      {"lost", "无处可寻", CELL_INT, 10, NULL},
      {"refused", "省未接受", CELL_INT, 10, NULL},
      {"keys", "密钥数", CELL_INT, 8, NULL},
  };
  static const struct list_sheet sheet = {"逐行核对", "items", columns, sizeof columns / sizeof *columns};
  answer_workbook(request, app, read_branches, &sheet);
}
