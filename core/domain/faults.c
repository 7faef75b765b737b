#include "core/domain/faults.h"

#include "core/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void faults_add(struct faults *faults, int64_t row, const struct err *what)
{
  if (!faults) return;
  faults->total++;
  if (faults->count == FAULTS_MAX) return;
  if (faults->count == faults->room) {
    size_t room = faults->room ? faults->room * 2 : 16;
    struct fault *list = realloc(faults->list, room * sizeof *list);
    if (!list) return; /* total still says that there are more */
    faults->list = list;
    faults->room = room;
  }
  faults->list[faults->count++] = (struct fault){.row = row, .err = *what};
}

void faults_show(struct fault *fault, const char *column, const char *value)
{
  text_clean(TEXT_NAME, fault->column, sizeof fault->column, column);
  text_clean(TEXT_REMARK, fault->value, sizeof fault->value, value);
}

static void join(char out[160], const char *const *words, const char *between)
{
  size_t used = 0;
  out[0] = '\0';
  for (size_t i = 0; words[i] && used + strlen(between) + strlen(words[i]) < 160; i++)
    used += (size_t)snprintf(out + used, 160 - used, "%s%s", i ? between : "", words[i]);
}

void faults_choices(struct fault *fault, const char *const *zh, const char *const *en)
{
  join(fault->choices[0], zh, "、");
  join(fault->choices[1], en, ", ");
}

void faults_figures(struct fault *fault, const char *params)
{
  bool fits = params && strlen(params) < sizeof fault->params;
  snprintf(fault->params, sizeof fault->params, "%s", fits ? params : "");
}

void faults_merge(struct faults *faults, struct faults *more)
{
  struct faults all = {.total = faults->total + more->total};
  size_t i = 0, k = 0, room = faults->count + more->count;
  all.list = room ? calloc(room, sizeof *all.list) : NULL;
  while (all.list && all.count < FAULTS_MAX && all.count < room) {
    bool other = i == faults->count || (k < more->count && more->list[k].row < faults->list[i].row);
    all.list[all.count++] = other ? more->list[k++] : faults->list[i++];
  }
  all.room = all.list ? room : 0;
  faults_wipe(more);
  faults_wipe(faults);
  *faults = all; /* without memory total still says that there are some */
}

void faults_wipe(struct faults *faults)
{
  free(faults->list);
  *faults = (struct faults){0};
}

void check_add(struct check *check, const struct err *what)
{
  check->bad = true;
  faults_add(check->faults, check->row, what);
  if (check->err && check->err->kind == ERR_NONE) *check->err = *what;
}

void check_fault(struct check *check, enum err_kind kind, const char *field, const char *rule,
                 const char *format, ...)
{
  char text[sizeof((struct err *)0)->text];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  struct err what = ERR_INIT;
  err_rule(&what, kind, field, rule, "%s", text);
  check_add(check, &what);
}
