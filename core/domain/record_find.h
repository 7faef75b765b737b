/* record_find.h - how prices and evaluations are looked for: by words, and by what became of them. */
#ifndef SUNLIT_DOMAIN_RECORD_FIND_H
#define SUNLIT_DOMAIN_RECORD_FIND_H

#include "core/base/db.h"

enum record_state {
  RECORD_ANY,
  RECORD_WAITING,  /* at the branch, the province has not acknowledged it */
  RECORD_RECEIVED, /* the province has it and did not refuse it */
  RECORD_REFUSED,
  RECORD_VOID,
  RECORD_REPLACED
};

struct record_find {
  const char *text;     /* NULL: all; part of a name, a number, a remark, or an account */
  const char *products; /* "[7,12]": the products whose names answer the text; NULL: none */
  enum record_state state;
  uint64_t acked; /* the province has the branch's stream through here */
};

/* Conditions on alias t of a table of records whose words stand in column note; ?20 to ?23.  The products,
 * and the entries, are made a set once: there may be thousands of them, and each record asks. */
#define RECORD_REFUSAL(t, table)                                                                             \
  "(EXISTS(SELECT 1 FROM refusal f WHERE f.branch = " t ".branch AND f.subject_table = '" table              \
  "' AND f.subject_id = " t ".id) OR " t ".id >> 12 IN (SELECT entry FROM refused_entry))"
#define RECORD_REPLACER(t, table, kind)                                                                      \
  "EXISTS(SELECT 1 FROM " table " r WHERE r.branch = " t ".branch AND r.replaces = " t                       \
  ".id AND r.void = " kind ")"
#define RECORD_SEQ(t) "(" t ".id >> 12 & 268435455)"
/* clang-format off */
#define RECORD_STATE(t, table)                                                                               \
  " AND CASE WHEN ?22 = 0 THEN 1 WHEN ?22 = 1 THEN " RECORD_SEQ(t) " > ?23"                                  \
  " WHEN ?22 < 4 THEN (?22 = 3 OR " RECORD_SEQ(t) " <= ?23) AND (?22 = 3) = " RECORD_REFUSAL(t, table)       \
  " WHEN ?22 = 4 THEN " RECORD_REPLACER(t, table, "1") " ELSE " RECORD_REPLACER(t, table, "0") " END"
/* clang-format on */
#define RECORD_FIND(t, table, note)                                                                          \
  " AND (?20 IS NULL OR instr(" t ".no, upper(?20)) OR instr(" t "." note ", ?20) OR " t ".actor = ?20"      \
  " OR " t ".product IN (SELECT value FROM json_each(?21))"                                                  \
  " OR instr((SELECT n.name_zh FROM product n WHERE n.id = " t ".product), ?20)"                             \
  " OR instr((SELECT n.name FROM supplier n WHERE n.id = " t ".supplier), ?20))" RECORD_STATE(t, table)

static inline void record_find_bind(struct query *q, const struct record_find *find)
{
  query_text(q, 20, find->text && *find->text ? find->text : NULL);
  query_text(q, 21, find->products ? find->products : "[]");
  query_int(q, 22, find->state);
  query_int(q, 23, find->acked < INT64_MAX ? (int64_t)find->acked : INT64_MAX);
}

#endif
