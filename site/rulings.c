#include "site/rulings.h"

#include "core/domain/refusal.h"

static void each_ruling(void *ctx, const struct refusal *row)
{
  const struct rulings *to = ctx;
  struct json_out *out = to->out;
  out_object(out, NULL);
  out_text_or_null(out, "no", row->no);
  out_text(out, "subject_table", row->subject_table);
  out_int(out, "subject_id", row->subject_id);
  out_text(out, "rule", row->rule);
  out_text(out, "rule_title", describe_rule(row->rule, to->language));
  out_stored_object(out, "detail", row->detail);
  out_int(out, "at_ms", row->at_ms);
  out_bool(out, "settled", row->settled);
  out_end(out);
}

bool rulings_out(const struct rulings *to, uint32_t branch, int64_t first_id, int64_t last_id,
                 struct err *err)
{
  struct rulings mine = *to;
  out_array(to->out, "rulings");
  bool ok = refusal_history(to->db, branch, first_id, last_id, each_ruling, &mine, err);
  out_end(to->out);
  return ok;
}
