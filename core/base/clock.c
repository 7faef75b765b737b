#include "core/base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DAY_MS = 86400000, SHANGHAI_MS = 8 * 3600000 };

static int64_t read_clock(clockid_t id)
{
  struct timespec t;
  clock_gettime(id, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
  return read_clock(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
  return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_boot_ms(void)
{
  return read_clock(CLOCK_BOOTTIME);
}

uint64_t hlc_next(uint64_t last, int64_t wall_ms)
{
  uint64_t now = wall_ms > 0 ? (uint64_t)wall_ms << 16 : 0;
  return now > last ? now : last + 1;
}

/* Days since 1970-01-01 of a civil date and back (Howard Hinnant, "chrono-compatible low-level date
 * algorithms"). */
static int64_t days_of(int year, int month, int day)
{
  int64_t y = month <= 2 ? year - 1 : year;
  int64_t era = (y >= 0 ? y : y - 399) / 400;
  int64_t yoe = y - era * 400;
  int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + doe - 719468;
}

static int civil_of(int64_t days)
{
  days += 719468;
  int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  int64_t doe = days - era * 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  int64_t mp = (5 * doy + 2) / 153;
  int64_t day = doy - (153 * mp + 2) / 5 + 1;
  int64_t month = mp < 10 ? mp + 3 : mp - 9;
  int64_t year = yoe + era * 400 + (month <= 2);
  return (int)(year * 10000 + month * 100 + day);
}

static int64_t days_of_date(int date)
{
  return days_of(date / 10000, date / 100 % 100, date % 100);
}

int date_of_ms(int64_t ms)
{
  const int64_t bound_ms = INT64_C(100000) * 366 * DAY_MS; /* what an int of yyyymmdd can say */
  if (ms > bound_ms) ms = bound_ms;
  if (ms < -bound_ms) ms = -bound_ms;
  int64_t local = ms + SHANGHAI_MS;
  int64_t days = local / DAY_MS - (local % DAY_MS < 0);
  return civil_of(days);
}

int date_of_civil(int year, int month, int day)
{
  return year * 10000 + month * 100 + day;
}

bool date_valid(int date)
{
  int month = date / 100 % 100;
  int day = date % 100;
  if (date < 19000101 || date > 29991231 || month < 1 || month > 12 || day < 1) return false;
  return civil_of(days_of_date(date)) == date;
}

int date_add_days(int date, int days)
{
  return civil_of(days_of_date(date) + days);
}

int date_days_between(int from, int to)
{
  return (int)(days_of_date(to) - days_of_date(from));
}

int64_t date_start_ms(int date)
{
  return days_of_date(date) * DAY_MS - SHANGHAI_MS;
}

void date_format(char out[11], int date)
{
  unsigned y = (unsigned)date / 10000 % 10000;
  snprintf(out, 11, "%04u-%02u-%02u", y, (unsigned)date / 100 % 100, (unsigned)date % 100);
}

bool date_parse(const char *text, int *date)
{
  if (strlen(text) != 10 || text[4] != '-' || text[7] != '-') return false;
  int v = 0;
  for (int i = 0; i < 10; i++) {
    if (i == 4 || i == 7) continue;
    if (text[i] < '0' || text[i] > '9') return false;
    v = v * 10 + (text[i] - '0');
  }
  if (!date_valid(v)) return false;
  *date = v;
  return true;
}

/* Claimed by others: what no calendar has is shown as its end. */
void time_format(char out[30], int64_t ms)
{
  const int64_t first_ms = -62135596800000, last_ms = 253402271999999; /* year 1 and 9999, Shanghai's end */
  if (ms < first_ms) ms = first_ms;
  if (ms > last_ms) ms = last_ms;
  int64_t local = ms + SHANGHAI_MS;
  int64_t rest = local % DAY_MS;
  if (rest < 0) rest += DAY_MS;
  char day[11];
  date_format(day, date_of_ms(ms));
  snprintf(out, 30, "%sT%02u:%02u:%02u.%03u+08:00", day, (unsigned)(rest / 3600000) % 24,
           (unsigned)(rest / 60000 % 60), (unsigned)(rest / 1000 % 60), (unsigned)(rest % 1000));
}
