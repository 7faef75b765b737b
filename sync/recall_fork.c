/* The province signed two trees of one size: its disk had gone back, and it signed again.  No log continues
 * both, so who holds which is told, and people leave one of them out. */
#include "sync/recall_state.h"

#include <stdio.h>
#include <string.h>

static struct recall_past *past_of(struct recall_state *s, const struct merkle_hash *root)
{
  for (size_t i = 0; i < s->past_count; i++)
    if (memcmp(&s->pasts[i].root, root, sizeof *root) == 0) return &s->pasts[i];
  if (s->past_count == RECALL_PASTS_SHOWN) return NULL;
  s->pasts[s->past_count] = (struct recall_past){.root = *root};
  return &s->pasts[s->past_count++];
}

bool recall_pasts(struct recall *r, struct recall_state *s, struct err *err)
{
  struct query q = query_open(r->db,
                              "SELECT s.root, b.code, b.came_with FROM standing AS s JOIN branch AS b"
                              " USING(source) WHERE s.size = ?1 ORDER BY s.source /* scan: a row a branch */",
                              err);
  query_int(&q, 1, (int64_t)s->target);
  s->past_count = 0;
  while (s->target && query_row(&q)) {
    struct merkle_hash root;
    size_t n = 0;
    const void *bytes = column_blob(&q, 0, &n);
    if (n != HASH_SIZE) continue;
    memcpy(root.bytes, bytes, HASH_SIZE);
    struct recall_past *past = past_of(s, &root);
    if (!past) continue;
    size_t at = past->count++;
    if (at >= RECALL_RIVALS_SHOWN) continue;
    past->of[at].branch = (uint32_t)column_int(&q, 1);
    (void)snprintf(past->of[at].came_with, CAME_WITH_SIZE, "%s", column_text(&q, 2));
  }
  if (s->past_count == 1) s->past_count = 0;
  return query_close(&q);
}

bool recall_shown_once(struct recall *r, uint64_t size, struct err *err)
{
  struct query q = query_open(
      r->db, "SELECT count(DISTINCT root) FROM standing WHERE size = ?1 /* scan: a row a branch */", err);
  query_int(&q, 1, (int64_t)size);
  bool forked = query_row(&q) && column_int(&q, 0) > 1;
  if (!query_close(&q)) return false;
  return !forked ||
         err_rule(err, ERR_REFUTED, "log", "log_forked",
                  "branches hold two different checkpoints of %llu leaves, both signed by the province: no "
                  "log can continue both. Leave out the one that is not to come back: the same command with "
                  "--without checkpoint:%llu:ROOT, as its output names it with those who hold it",
                  (unsigned long long)size, (unsigned long long)size);
}
