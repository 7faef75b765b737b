#include "core/base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What err.h tells the analyzer of these is about their callers. */
#undef err_set
#undef err_rule
#undef err_prefix
#undef err_disk

__attribute__((format(printf, 5, 0))) static void fill(struct err *err, enum err_kind kind, const char *field,
                                                       const char *rule, const char *format, va_list args)
{
  if (!err || err->kind != ERR_NONE) return;
  err->kind = kind;
  snprintf(err->field, sizeof err->field, "%s", field);
  snprintf(err->rule, sizeof err->rule, "%s", rule);
  vsnprintf(err->text, sizeof err->text, format, args);
}

bool err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  fill(err, kind, "", err_kind_name(kind), format, args);
  va_end(args);
  return false;
}

bool err_rule(struct err *err, enum err_kind kind, const char *field, const char *rule, const char *format,
              ...)
{
  va_list args;
  va_start(args, format);
  fill(err, kind, field, rule, format, args);
  va_end(args);
  return false;
}

bool err_disk(struct err *err, const char *what, const char *path)
{
  int why = errno;
  if (why == ENOSPC || why == EDQUOT)
    return err_rule(err, ERR_IO, "", "disk_full",
                    "cannot %s %s: the disk is full: make room, then do it again", what, path);
  if (why == EROFS)
    return err_rule(err, ERR_IO, "", "read_only",
                    "cannot %s %s: the disk is read-only: mend it, then do it again", what, path);
  return err_set(err, ERR_IO, "cannot %s %s: %s", what, path, strerror(why));
}

void err_drop_folders(char *text)
{
  static const char between[] = " :,;\"'()";
  char *to = text;
  for (const char *from = text; *from; from++) {
    if (*from == '/' && (from == text || strchr(between, from[-1]))) {
      const char *end = from + strcspn(from, between);
      for (const char *at = from; at + 1 < end; at++)
        if (*at == '/') from = at + 1;
    }
    *to++ = *from;
  }
  *to = 0;
}

bool err_prefix(struct err *err, const char *format, ...)
{
  if (!err || err->kind == ERR_NONE) return false;
  char rest[sizeof err->text];
  memcpy(rest, err->text, sizeof rest);
  char head[sizeof err->text];
  va_list args;
  va_start(args, format);
  vsnprintf(head, sizeof head, format, args);
  va_end(args);
  size_t n = strlen(head);
  if (n + 3 > sizeof err->text) return false;
  size_t tail = strlen(rest);
  if (tail > sizeof err->text - n - 3) tail = sizeof err->text - n - 3;
  memcpy(err->text, head, n);
  memcpy(err->text + n, ": ", 2);
  memcpy(err->text + n + 2, rest, tail);
  err->text[n + 2 + tail] = 0;
  return false;
}

void err_clear(struct err *err)
{
  if (err) memset(err, 0, sizeof *err);
}

bool err_is_about_input(const struct err *err)
{
  return err->kind == ERR_INPUT || err->kind == ERR_DENIED || err->kind == ERR_LIMIT ||
         err->kind == ERR_MISSING || err->kind == ERR_REFUTED;
}

bool err_is_fault(const struct err *err)
{
  return err->kind == ERR_IO || err->kind == ERR_BUSY || err->kind == ERR_CORRUPT;
}

const char *err_kind_name(enum err_kind kind)
{
  static const char *const names[] = {"none",     "input", "denied", "limit",   "missing",
                                      "conflict", "busy",  "io",     "corrupt", "refuted"};
  return names[kind];
}
