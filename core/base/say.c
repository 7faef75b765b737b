#include "core/base/say.h"

#include "core/base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct spec {
  bool left, zero;
  int width, precision; /* -1: none */
  int longs;
  bool size;
  char what;
};

static void put_text_as(FILE *out, enum text_kind kind, const char *text, size_t left)
{
  uint32_t code = 0;
  while (left) {
    size_t n = text_next(text, left, &code);
    if (n && text_allows(kind, code))
      fwrite(text, 1, n, out);
    else
      fputc('?', out);
    text += n ? n : 1;
    left -= n ? n : 1;
  }
}

static void put_value(FILE *out, const struct spec *s, const char *text)
{
  size_t size = s->precision < 0 ? strlen(text) : strnlen(text, (size_t)s->precision);
  int blanks = s->width > (int)size ? s->width - (int)size : 0;
  if (!s->left) fprintf(out, "%*s", blanks, "");
  put_text_as(out, TEXT_NAME, text, size);
  if (s->left) fprintf(out, "%*s", blanks, "");
}

static void put_signed(FILE *out, const struct spec *s, long long v)
{
  int width = s->width < 0 ? 0 : s->width;
  if (s->zero)
    fprintf(out, "%0*lld", width, v);
  else
    fprintf(out, "%*lld", s->left ? -width : width, v);
}

static void put_unsigned(FILE *out, const struct spec *s, unsigned long long v)
{
  int width = s->width < 0 ? 0 : s->width;
  if (s->what == 'x')
    fprintf(out, s->zero ? "%0*llx" : "%*llx", s->left ? -width : width, v);
  else if (s->zero)
    fprintf(out, "%0*llu", width, v);
  else
    fprintf(out, "%*llu", s->left ? -width : width, v);
}

/* Digits, or what the caller computed and gives instead of them; the place behind. */
static const char *take_number(const char *at, int *out, va_list *args)
{
  if (*at == '*') {
    *out = va_arg(*args, int);
    return at + 1;
  }
  for (*out = 0; *at >= '0' && *at <= '9'; at++)
    *out = *out * 10 + (*at - '0');
  return at;
}

static const char *take_spec(const char *at, struct spec *s, va_list *args)
{
  *s = (struct spec){.width = -1, .precision = -1};
  for (; *at == '-' || *at == '0'; at++)
    *(*at == '-' ? &s->left : &s->zero) = true;
  if (*at == '*' || (*at >= '1' && *at <= '9')) at = take_number(at, &s->width, args);
  if (*at == '.') at = take_number(at + 1, &s->precision, args);
  for (; *at == 'l' || *at == 'z' || *at == 'h'; at++) {
    s->longs += *at == 'l';
    s->size = s->size || *at == 'z';
  }
  s->what = *at;
  assert(s->what && strchr("sdiuxc", s->what));
  return at + 1;
}

static void put_argument(FILE *out, const struct spec *s, va_list *args)
{
  if (s->what == 's')
    put_value(out, s, va_arg(*args, const char *));
  else if (s->what == 'c')
    put_text_as(out, TEXT_NAME, &(char){(char)va_arg(*args, int)}, 1);
  else if (s->what == 'd' || s->what == 'i')
    put_signed(out, s,
               s->longs > 1    ? va_arg(*args, long long)
               : s->longs == 1 ? va_arg(*args, long)
                               : va_arg(*args, int));
  else
    put_unsigned(out, s,
                 s->size         ? va_arg(*args, size_t)
                 : s->longs > 1  ? va_arg(*args, unsigned long long)
                 : s->longs == 1 ? va_arg(*args, unsigned long)
                                 : va_arg(*args, unsigned));
}

static void speak(FILE *out, const char *at, va_list *args)
{
  while (*at) {
    size_t n = strcspn(at, "%");
    fwrite(at, 1, n, out);
    at += n;
    if (!*at) return;
    if (at[1] == '%') {
      fputc('%', out);
      at += 2;
      continue;
    }
    struct spec spec;
    at = take_spec(at + 1, &spec, args);
    put_argument(out, &spec, args);
  }
}

void say(const char *format, ...)
{
  va_list args;
  va_start(args, format);
  speak(stdout, format, &args);
  va_end(args);
}

void say_wrong(const char *format, ...)
{
  va_list args;
  va_start(args, format);
  speak(stderr, format, &args);
  va_end(args);
}

void say_lines(const void *text, size_t size)
{
  put_text_as(stdout, TEXT_REMARK, text, size);
}

void say_wrong_lines(const void *text, size_t size)
{
  put_text_as(stderr, TEXT_REMARK, text, size);
}
