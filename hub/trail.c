#include "hub/trail.h"

#include "core/domain/describe.h"
#include "hub/audit_tally.h"
#include "sync/withholding.h"

#include <string.h>

/* In place of what it said: that it was withheld, and under which law. */
static bool withheld_title(struct trail *trail)
{
  struct withholding act;
  struct buf keep = BUF_INIT;
  bool found = false;
  const struct record *r = &trail->entry.record;
  bool ok = withholding_get(trail->db, r->stream, r->seq, &act, &found, &keep, trail->err);
  if (ok && found) {
    bool zh = trail->words.language == LANGUAGE_ZH;
    put_text(&trail->title, zh ? "已依法隐去：" : "withheld by law: ");
    put_text(&trail->title, describe_rule(act.rule, trail->words.language));
    put_u8(&trail->title, 0);
  }
  buf_wipe(&keep);
  return ok;
}

/* Whose it was and when it came is known, and nothing else (sync/lost_leaf.h). */
static void lost_title(struct trail *trail)
{
  put_text(&trail->title, trail->words.language == LANGUAGE_ZH
                              ? "这一笔在重建时已无处可寻：位置和指纹在总账里，写了什么没有人有了"
                              : "nowhere to be found in a rebuilding: its place and hash stand in the log, "
                                "and nobody has what it said");
  put_u8(&trail->title, 0);
}

void trail_members_out(struct trail *trail, const struct audit_row *row)
{
  struct json_out *out = trail->out;
  out_int(out, "pos", row->pos);
  out_int(out, "author", row->author);
  out_text(out, "author_name", division_name(&trail->names, row->author));
  out_int(out, "lane", row->lane);
  out_int(out, "epoch", row->epoch);
  out_int(out, "seq", (int64_t)row->seq);
  out_int(out, "claimed_ms", row->claimed_ms);
  out_int(out, "received_ms", row->received_ms);
  out_text(out, "actor", row->actor);
  out_text(out, "action", row->action);
  out_text(out, "action_title", describe_action(row->action, trail->words.language));
  out_text(out, "subject", row->subject);
  buf_clear(&trail->title);
  bool ok = true;
  if (trail->lost)
    lost_title(trail);
  else if (trail->entry.payload)
    ok = entry_words_title(&trail->words, trail->entry.payload, trail->entry.record.payload_size,
                           &trail->title, trail->err);
  else
    ok = withheld_title(trail);
  if (!ok) trail->bad = true;
  out_text(out, "title", trail->title.size && !trail->title.bad ? (const char *)trail->title.data : "");
  out_text(out, "state", row->state);
  out_text(out, "reason", row->reason);
  out_bool(out, "early", row->odd & AUDIT_EARLY);
  out_bool(out, "back", row->odd & AUDIT_BACK);
}

void trail_row_out(void *ctx, const struct audit_row *row)
{
  struct trail *trail = ctx;
  if (trail->bad) return;
  struct lost_leaf leaf;
  if (!entry_read_or_lost(trail->db, row->pos, &trail->entry, &trail->keep, &leaf, &trail->lost,
                          trail->err)) {
    trail->bad = true;
    return;
  }
  trail->rows++;
  out_object(trail->out, NULL);
  trail_members_out(trail, row);
  out_end(trail->out);
}

bool trail_open(struct trail *trail, struct web_request *request, struct db *db, struct json_out *out,
                struct err *err)
{
  memset(trail, 0, sizeof *trail);
  trail->out = out;
  trail->db = db;
  trail->err = err;
  enum language language = answer_language(request);
  return entry_words_open(&trail->words, db, language, err) &&
         division_names_open(&trail->names, db, language, err);
}

void trail_close(struct trail *trail)
{
  entry_words_close(&trail->words);
  division_names_close(&trail->names);
  buf_wipe(&trail->keep);
  buf_wipe(&trail->title);
}
