#include "sync/again_same.h"

#include "core/base/changes.h"
#include "core/base/limits.h"
#include "sync/entry.h"
#include "sync/store.h"

#include <string.h>

struct pair {
  const struct logged *first, *later;
  bool same_subject;
};

static bool same_name(struct name a, struct name b)
{
  return a.size == b.size && (a.size == 0 || memcmp(a.text, b.text, a.size) == 0);
}

static bool same_value(const struct value *a, const struct value *b)
{
  return a->kind == b->kind && a->size == b->size && (a->size == 0 || memcmp(a->p, b->p, a->size) == 0);
}

static bool is_text(const struct value *v, struct name text)
{
  return v->size == text.size && text.size > 0 && memcmp(v->p, text.text, text.size) == 0;
}

/* PROTOCOL 1.5: "epoch << 40 | seq << 12 | n": the place may be another, what is none stays. */
static bool same_row(const struct value *a, const struct value *b)
{
  const int64_t was = value_int(a), is = value_int(b), n = ENTRY_ROWS_MAX - 1;
  if (a->kind != VALUE_INT || b->kind != VALUE_INT || was < ENTRY_ROWS_MAX) return same_value(a, b);
  return is >= ENTRY_ROWS_MAX && (was & n) == (is & n);
}

static bool same_number(struct pair *pair, const struct value *a, const struct value *b)
{
  if (same_value(a, b)) return true;
  if (a->kind != VALUE_TEXT || b->kind != VALUE_TEXT) return false;
  if (is_text(a, pair->first->record.subject) && is_text(b, pair->later->record.subject))
    pair->same_subject = true;
  return true;
}

static bool same_values(struct pair *pair, const struct table *t, const struct value *a,
                        const struct value *b, int columns)
{
  bool same = true;
  if (!a || !b) return a == b;
  for (int i = 0; same && i < columns; i++) {
    if (table_names_a_row(t, i))
      same = same_row(&a[i], &b[i]);
    else if (t->rules[i].kind == RULE_CODE)
      same = same_number(pair, &a[i], &b[i]);
    else
      same = same_value(&a[i], &b[i]);
  }
  return same;
}

static bool same_change(struct pair *pair, struct tables *tables, const struct change *a,
                        const struct change *b)
{
  const struct table *t = tables_find(tables, a->table);
  return t && strcmp(a->table, b->table) == 0 && a->op == b->op && a->columns <= b->columns &&
         a->columns <= t->columns && same_values(pair, t, a->before, b->before, a->columns) &&
         same_values(pair, t, a->after, b->after, a->columns);
}

/* The row that says so itself. */
static bool names_it(const struct change *c, const uint8_t hash[HASH_SIZE])
{
  return strcmp(c->table, "journaled_again") == 0 && c->op == CHANGE_INSERT && c->columns >= 3 &&
         c->after[2].size == HASH_SIZE && memcmp(c->after[2].p, hash, HASH_SIZE) == 0;
}

static bool same_rows(struct pair *pair, struct tables *tables)
{
  struct changes was = changes_of(pair->first->payload, pair->first->record.payload_size);
  struct changes is = changes_of(pair->later->payload, pair->later->record.payload_size);
  struct change a, b;
  bool same = true, more = changes_next(&was, &a, NULL);
  while (same && changes_next(&is, &b, NULL)) {
    if (names_it(&b, pair->first->hash)) continue;
    same = more && same_change(pair, tables, &a, &b);
    more = more && changes_next(&was, &a, NULL);
  }
  return same && !more && changes_done(&was) && changes_done(&is);
}

bool again_is_same(struct tables *tables, const struct logged *first, const struct logged *later)
{
  const struct record *a = &first->record, *b = &later->record;
  struct pair pair = {first, later, same_name(a->subject, b->subject)};
  if (memcmp(&a->stream, &b->stream, sizeof a->stream) != 0) return true;
  if (!same_name(a->actor, b->actor) || !same_name(a->action, b->action)) return false;
  if (!first->payload || !later->payload) return true;
  return same_rows(&pair, tables) && pair.same_subject;
}
