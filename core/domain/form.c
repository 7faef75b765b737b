#include "core/domain/form.h"

#include "core/base/json.h"
#include "core/base/text.h"

#include <inttypes.h>
#include <string.h>

/* json_stringn validates UTF-8, json_get_text the rest: text from a form obeys the rules of text from JSON.
 */
void form_text(struct check *check, const char *field, const char *text, size_t min, size_t max)
{
  struct err why = ERR_INIT;
  const char *out;
  if (!text) text = "";
  json_t *object = json_object();
  if (json_object_set_new(object, field, json_string(text)) != 0)
    check_fault(check, ERR_INPUT, field, "encoding", "%s is not UTF-8 text", field);
  else if (!json_get_text(object, field, min, max, &out, &why))
    check_add(check, &why);
  json_decref(object);
}

void form_range(struct check *check, const char *field, int64_t v, int64_t min, int64_t max)
{
  if (v >= min && v <= max) return;
  check_fault(check, ERR_INPUT, field, "range", "%s %" PRId64 " is not between %" PRId64 " and %" PRId64,
              field, v, min, max);
}

void form_word(struct check *check, const char *field, const char *word, const char *const *words)
{
  for (size_t i = 0; word && words[i]; i++)
    if (strcmp(word, words[i]) == 0) return;
  if (!word || !*word)
    check_fault(check, ERR_INPUT, field, "required", "%s is missing", field);
  else
    check_fault(check, ERR_INPUT, field, "one_of", "%s cannot be \"%.40s\"", field, word);
}

void form_subject(struct tx *tx, const char *text)
{
  if (!tx->subject[0]) text_clean(TEXT_NAME, tx->subject, sizeof tx->subject, text);
}

bool form_may_change(const struct tx *tx, const char *made_by)
{
  return strcmp(made_by, tx->actor) == 0 || strcmp(tx->role, "officer") == 0 ||
         strcmp(tx->role, "admin") == 0 || strcmp(tx->role, "system") == 0;
}
