/* A proposal with its decision, as the branch and the province both list it. */
#include "core/base/clock.h"
#include "core/domain/proposal_talk.h"
#include "site/routes.h"

#include <string.h>

void proposal_members_out(struct ledger_out *ledger, const struct proposal_row *row)
{
  struct json_out *out = ledger->out;
  out_int(out, "branch", row->branch);
  out_text(out, "branch_name", row->branch_name);
  out_text(out, "branch_name_en", row->branch_name_en);
  out_int(out, "id", row->id);
  out_text(out, "no", row->no);
  out_text(out, "kind", row->kind);
  out_text(out, "target_kind", row->target_kind);
  out_int_or_null(out, "target", row->target);
  out_text_or_null(out, "target_name", row->target_name);
  out_text(out, "target_name_en", row->target_name_en);
  out_int_or_null(out, "base_rev", row->base_rev);
  out_int_or_null(out, "now_rev", row->now_rev);
  out_stored_object(out, "patch", row->patch);
  out_text(out, "reason", row->reason);
  out_text(out, "actor", row->actor);
  out_int(out, "at_ms", row->at_ms);
  place_out(&ledger->place, out, row->branch, "proposal", row->id, row->at_ms);
  out_text(out, "state", row->state);
  if (!*row->verdict) {
    out_null(out, "decision");
    return;
  }
  out_object(out, "decision");
  out_text(out, "verdict", row->verdict);
  out_stored_object(out, "fields", row->fields);
  out_text(out, "reason", row->decision_reason);
  out_text(out, "actor", row->decided_by);
  out_int(out, "at_ms", row->decided_ms);
  out_int_or_null(out, "created", row->created);
  out_end(out);
}

bool proposal_asked(struct web_request *request, struct proposal_filter *filter, struct err *err)
{
  static const char *const orders[] = {"newest", "oldest", NULL};
  int order, from, to;
  if (!answer_query_word(request, "sort", orders, &order, err) ||
      !answer_query_date(request, "from", &from, err) || !answer_query_date(request, "to", &to, err))
    return false;
  filter->order = (enum proposal_order)(order + 1); /* none: as usual */
  filter->from_ms = from ? date_start_ms(from) : 0;
  filter->to_ms = to ? date_start_ms(date_add_days(to, 1)) : 0;
  return true;
}

void proposal_out(void *ctx, const struct proposal_row *row)
{
  struct ledger_out *ledger = ctx;
  out_object(ledger->out, NULL);
  proposal_members_out(ledger, row);
  out_stored_object(ledger->out, "base", row->base);
  out_end(ledger->out);
}

static void said_out(void *ctx, const struct proposal_said *said)
{
  struct json_out *out = ctx;
  out_object(out, NULL);
  out_text(out, "by", said->by_province ? "province" : "branch");
  out_text(out, "kind", said->kind);
  out_text(out, "text", said->text);
  out_text(out, "actor", said->actor);
  out_int_or_null(out, "at_ms", said->at_ms);
  out_int_or_null(out, "question", said->question);
  out_end(out);
}

static void mend_out(void *ctx, const struct proposal_mend *mend)
{
  struct json_out *out = ctx;
  out_object(out, NULL);
  out_text(out, "field", mend->field);
  out_raw(out, "before", mend->before);
  out_raw(out, "after", mend->after);
  out_end(out);
}

bool talk_out(struct json_out *out, struct db *db, uint32_t branch, int64_t id, struct err *err)
{
  int64_t question = 0;
  out_array(out, "talk");
  if (!proposal_talk(db, branch, id, said_out, out, err) || !proposal_waiting(db, branch, id, &question, err))
    return false;
  out_end(out);
  out_int_or_null(out, "question", question);
  out_array(out, "mends");
  if (!proposal_mends(db, branch, id, mend_out, out, err)) return false;
  out_end(out);
  return true;
}

static const struct list_column columns[] = {
    {"no", "编号", CELL_TEXT, 24, NULL},
    {"branch_name", "支行", CELL_TEXT, 12, NULL},
    {"kind", "类型", CELL_WORD, 10, NULL},
    {"target_name", "对象", CELL_TEXT, 24, NULL},
    {"reason", "原因", CELL_TEXT, 40, NULL},
    {"actor", "提出人", CELL_TEXT, 14, NULL},
    {"at_ms", "提出时间", CELL_MS, 20, NULL},
    {"place", "位置", CELL_PLACE, 14, NULL},
    {"decision.verdict", "决定", CELL_WORD, 12, NULL},
    {"decision.reason", "省中心的说明", CELL_TEXT, 40, NULL},
    {"decision.at_ms", "决定时间", CELL_MS, 20, NULL},
    {"received_ms", "省中心收到", CELL_MS, 20, NULL}, /* the last: only the province's list has it */
};
const struct list_sheet proposal_sheet = {"提议", "items", columns, sizeof columns / sizeof *columns - 1};
const struct list_sheet review_sheet = {"提议", "items", columns, sizeof columns / sizeof *columns};
