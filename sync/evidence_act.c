#include "sync/evidence_act.h"

#include "core/base/changes.h"

#include <stdio.h>
#include <string.h>

/* PROTOCOL 4.5: "| id | 1.5, of the act's own entry |" and on from there. */
enum { AT_RECORD_HASH = 4, AT_RULE = 7, AT_ASKED_BY = 10, AT_ACTOR = 12, AT_MS = 13, COLUMNS = 14 };

static bool take_text(char *out, size_t size, const struct value *v)
{
  if (v->kind != VALUE_TEXT || v->size >= size) return false;
  memcpy(out, v->p, v->size);
  out[v->size] = 0;
  return true;
}

bool evidence_act_read(const void *payload, size_t size, const uint8_t record_hash[HASH_SIZE],
                       struct evidence_act *out)
{
  struct changes walk = changes_of(payload, size);
  struct change change;
  while (changes_next(&walk, &change, NULL)) {
    const struct value *row = change.after;
    if (change.op != CHANGE_INSERT || strcmp(change.table, "withholding") != 0 || change.columns < COLUMNS)
      continue;
    const struct value *hash = &row[AT_RECORD_HASH];
    if (hash->kind != VALUE_BLOB || hash->size != HASH_SIZE || memcmp(hash->p, record_hash, HASH_SIZE) != 0)
      continue;
    out->at_ms = value_int(&row[AT_MS]);
    return take_text(out->rule, sizeof out->rule, &row[AT_RULE]) &&
           take_text(out->asked_by, sizeof out->asked_by, &row[AT_ASKED_BY]) &&
           take_text(out->actor, sizeof out->actor, &row[AT_ACTOR]);
  }
  return false;
}
