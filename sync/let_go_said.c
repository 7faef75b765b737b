#include "sync/let_go_said.h"

#include "core/base/bytes.h"
#include "core/base/changes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AT_KIND = 2, AT_DETAIL = 4, COLUMNS = 8 };

static const char WORD[] = " checkpoint:";

void let_go_text(char out[LET_GO_TEXT_SIZE], const struct beyond *row)
{
  char root[2 * HASH_SIZE + 1];
  hex_encode(root, row->root.bytes, HASH_SIZE);
  (void)snprintf(out, LET_GO_TEXT_SIZE, "%" PRIu32 "%s%" PRIu64 ":%s", row->branch, WORD, row->size, root);
}

/* A number that is not 0, and what ends it. */
static bool number(const char **at, char end, unsigned long long max, unsigned long long *out)
{
  char *stop = NULL;
  if (**at < '1' || **at > '9') return false;
  *out = strtoull(*at, &stop, 10);
  if (*stop != end || *out > max) return false;
  *at = stop;
  return true;
}

bool let_go_text_read(struct beyond *out, const char *text)
{
  unsigned long long branch = 0, size = 0;
  memset(out, 0, sizeof *out);
  if (!number(&text, ' ', UINT32_MAX, &branch) || strncmp(text, WORD, sizeof WORD - 1) != 0) return false;
  text += sizeof WORD - 1;
  if (!number(&text, ':', INT64_MAX, &size)) return false;
  out->branch = (uint32_t)branch;
  out->size = size;
  return hex_decode(out->root.bytes, HASH_SIZE, text + 1);
}

static bool is_text(const struct value *v, const char *text)
{
  return v->kind == VALUE_TEXT && v->size == strlen(text) && memcmp(v->p, text, v->size) == 0;
}

bool let_go_said(const void *payload, size_t size, bool (*each)(void *ctx, const struct beyond *row),
                 void *ctx)
{
  struct changes walk = changes_of(payload, size);
  struct change change;
  while (changes_next(&walk, &change, NULL)) {
    char text[LET_GO_TEXT_SIZE];
    struct beyond row;
    if (change.op != CHANGE_INSERT || strcmp(change.table, "security_event") != 0 || change.columns < COLUMNS)
      continue;
    const struct value *detail = &change.after[AT_DETAIL];
    if (!is_text(&change.after[AT_KIND], "let_go") || detail->kind != VALUE_TEXT ||
        detail->size >= sizeof text)
      continue;
    memcpy(text, detail->p, detail->size);
    text[detail->size] = 0;
    if (let_go_text_read(&row, text) && !each(ctx, &row)) return false;
  }
  return true;
}
