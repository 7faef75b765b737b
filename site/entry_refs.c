#include "site/entry_refs.h"

#include "program/app.h"

#include <stdio.h>
#include <string.h>

/* "table.column" before the bare column; a kind "@name" is said by the text of that column. */
static const struct {
  const char *column, *kind;
} kinds[] = {
    {"product.id", "product"},
    {"supplier.id", "supplier"},
    {"division.code", "division"},
    {"supplier.division", "division"},
    {"proposal.target", "@target_kind"},
    {"revision.target", "@target_kind"},
    {"refusal.subject_id", "@subject_table"},
    {"decision.proposal", "proposal"},
    {"price.replaces", "price"},
    {"evaluation.replaces", "evaluation"},
    {"product", "product"},
    {"supplier", "supplier"},
    {"branch", "division"},
    {"origin_code", "division"},
    {"confirmed_by", "division"},
    {"prefecture_code", "division"},
    {"low_prefecture", "division"},
    {"high_prefecture", "division"},
};

static const char *known(const char *word, size_t size)
{
  static const char *const words[] = {"product", "supplier", "price", "evaluation", "proposal"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strlen(words[i]) == size && memcmp(words[i], word, size) == 0) return words[i];
  return NULL;
}

const char *entry_ref_kind(const struct entry_words *words, const struct change *change, const char *column)
{
  char full[140];
  const char *kind = NULL;
  snprintf(full, sizeof full, "%s.%s", change->table, column);
  for (size_t i = 0; !kind && i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(kinds[i].column, full) == 0 || strcmp(kinds[i].column, column) == 0) kind = kinds[i].kind;
  if (!kind || *kind != '@') return kind;
  const struct value *said = entry_value(words, change, kind + 1);
  return said && said->kind == VALUE_TEXT ? known((const char *)said->p, said->size) : NULL;
}

int64_t entry_ref_branch(const struct entry_words *words, const struct change *change)
{
  const struct value *branch = entry_value(words, change, "branch");
  return branch && branch->kind == VALUE_INT ? value_int(branch) : 0;
}

bool entry_ref_name(const struct entry_words *words, const char *kind, int64_t branch, int64_t id,
                    struct buf *out, struct err *err)
{
  static const struct {
    const char *kind, *zh, *en;
  } names[] = {
      {"product", "SELECT name_zh FROM product WHERE id = ?1",
       "SELECT iif(name_en = '', name_zh, name_en) FROM product WHERE id = ?1"},
      {"supplier", "SELECT name FROM supplier WHERE id = ?1", "SELECT name FROM supplier WHERE id = ?1"},
      {"division", "SELECT name_zh FROM division WHERE code = ?1",
       "SELECT name_en FROM division WHERE code = ?1"},
      {"price", "SELECT no FROM price WHERE branch = ?2 AND id = ?1",
       "SELECT no FROM price WHERE branch = ?2 AND id = ?1"},
      {"evaluation", "SELECT no FROM evaluation WHERE branch = ?2 AND id = ?1",
       "SELECT no FROM evaluation WHERE branch = ?2 AND id = ?1"},
      {"proposal", "SELECT no FROM proposal WHERE branch = ?2 AND id = ?1",
       "SELECT no FROM proposal WHERE branch = ?2 AND id = ?1"},
  };
  if (strcmp(kind, "division") == 0 && id == PROVINCE_CODE) {
    put_text(out, words->language == LANGUAGE_ZH ? "省中心" : "Province");
    return true;
  }
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(names[i].kind, kind) != 0) continue;
    struct query q = query_open(words->db, words->language == LANGUAGE_EN ? names[i].en : names[i].zh, err);
    query_int(&q, 1, id);
    if (i >= 3) query_int(&q, 2, branch);
    if (query_row(&q)) put_text(out, column_text(&q, 0));
    return query_close(&q);
  }
  return true;
}
