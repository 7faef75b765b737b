#include "core/base/log.h"

#include "core/base/clock.h"
#include "core/base/log_pace.h"
#include "core/base/text.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static atomic_bool is_quiet;

__attribute__((format(printf, 2, 0))) static void line(int priority, const char *format, va_list args)
{
  char text[1024];
  int head = snprintf(text, sizeof text, "<%d>", priority);
  int body = vsnprintf(text + head, sizeof text - (size_t)head - 1, format, args);
  size_t size = (size_t)head + (body < 0 ? 0 : (size_t)body);
  if (size > sizeof text - 2) size = sizeof text - 2;
  text[size] = '\0';
  for (size_t i = 0; i < size; i++)
    if ((unsigned char)text[i] < 0x20) text[i] = ' ';
  text_clean(TEXT_NAME, text, size + 1, text); /* what a peer sent cannot forge a line, nor turn one around */
  size = strlen(text);
  text[size++] = '\n';
  ssize_t written = write(STDERR_FILENO, text, size);
  (void)written;
}

void log_error(const char *format, ...)
{
  va_list args;
  va_start(args, format);
  line(3, format, args);
  va_end(args);
}

void log_warning(const char *format, ...)
{
  va_list args;
  va_start(args, format);
  line(4, format, args);
  va_end(args);
}

void log_info(const char *format, ...)
{
  if (atomic_load(&is_quiet)) return;
  va_list args;
  va_start(args, format);
  line(6, format, args);
  va_end(args);
}

__attribute__((format(printf, 3, 0))) static void line_of(int priority, const char *who, const char *format,
                                                          va_list args)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static struct log_pace pace;
  int64_t held = 0;
  pthread_mutex_lock(&lock);
  bool may = log_pace_take(&pace, format, who, clock_mono_ms(), &held);
  pthread_mutex_unlock(&lock);
  if (held > 0) log_warning("%" PRId64 " more like the next line were left out", held);
  if (may) line(priority, format, args);
}

void log_error_of(const char *who, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  line_of(3, who, format, args);
  va_end(args);
}

void log_warning_of(const char *who, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  line_of(4, who, format, args);
  va_end(args);
}

void log_info_of(const char *who, const char *format, ...)
{
  if (atomic_load(&is_quiet)) return;
  va_list args;
  va_start(args, format);
  line_of(6, who, format, args);
  va_end(args);
}

void log_quiet(bool quiet)
{
  atomic_store(&is_quiet, quiet);
}
