#include "core/base/typed.h"

#include "core/base/clock.h"
#include "core/base/text.h"

#include <stdio.h>
#include <string.h>

/* One character as it is compared. */
static uint32_t plain(uint32_t code)
{
  if (code >= 0xff01 && code <= 0xff5e) code -= 0xfee0; /* full-width ASCII */
  if (code == 0xffe5) code = 0xa5;                      /* the yen sign, likewise */
  if (code == 0x3002 || code == 0xff61) code = '.';     /* where a Chinese keyboard has its point */
  if (code == 0x2212 || code == 0x2013 || code == 0xfe63) code = '-';
  if (code >= 'A' && code <= 'Z') code += 32;
  return code;
}

void typed_fold(char *out, size_t size, const char *text)
{
  size_t used = 0, left = strlen(text);
  uint32_t code = 0;
  bool space = false;
  for (size_t n; left; text += n, left -= n) {
    char bytes[4];
    n = text_next(text, left, &code);
    if (!n) n = 1, code = '?';
    if (text_is_space(code)) {
      space = used > 0;
      continue;
    }
    if (text_is_unseen(code)) continue;
    uint32_t c = plain(code);
    size_t room = c < 0x80 ? 1 : c == code ? n : 2; /* only the yen sign becomes two bytes */
    if (used + space + room >= size) break;
    if (space) out[used++] = ' ';
    space = false;
    memcpy(bytes, c == 0xa5 ? "\xc2\xa5" : text, c == 0xa5 ? 2 : n);
    if (c < 0x80) bytes[0] = (char)c;
    memcpy(out + used, bytes, room);
    used += room;
  }
  out[used] = '\0';
}

/* -- amounts -- */

/* Goes past one of the words and the spaces behind it. */
static bool skip_word(const char **at, const char *const *words)
{
  for (; *words; words++) {
    size_t n = strlen(*words);
    if (strncmp(*at, *words, n) != 0) continue;
    *at += n;
    *at += **at == ' ';
    return true;
  }
  return false;
}

static bool commas_right(const char *text, size_t size)
{
  const char *end = memchr(text, '.', size), *comma = memchr(text, ',', size);
  if (!end) end = text + size;
  if (!comma) return true;
  if (comma >= end || comma == text || comma - text > 3) return false;
  for (; comma < end; comma += 4)
    if (*comma != ',' || end - comma < 4 || strspn(comma + 1, "0123456789") < 3) return false;
  return comma == end && !memchr(end, ',', size - (size_t)(end - text));
}

/* Digits, commas and a point, nothing else. */
static const char *read_digits(const char *text, size_t size, int places, int64_t most, int64_t *value)
{
  const char *point = memchr(text, '.', size);
  size_t whole = point ? (size_t)(point - text) : size;
  int64_t units = 0, part = 0;
  int digits = 0, after = 0;
  bool tail = false;
  if (point && memchr(point + 1, '.', size - whole - 1)) return "number";
  if (!commas_right(text, size)) return "thousands";
  for (size_t i = 0; i < whole; i++) {
    if (text[i] == ',') continue;
    digits++;
    units = units > most ? units : units * 10 + (text[i] - '0'); /* more than most stays so */
  }
  for (size_t i = whole + 1; i < size; i++, digits++) {
    if (after < places)
      part = part * 10 + (text[i] - '0'), after++;
    else
      tail = tail || text[i] != '0';
  }
  if (!digits) return "number";
  if (tail) return "places";
  for (; after < places; after++)
    part *= 10;
  int64_t scale = 1;
  for (int i = 0; i < places; i++)
    scale *= 10;
  if (units > most || (units == most && part)) return "most";
  *value = units * scale + part;
  return NULL;
}

const char *typed_amount(const char *text, int places, int64_t most, bool money, int64_t *value,
                         char unit[TYPED_UNIT_SIZE])
{
  static const char *const signs[] = {"\u00a5", "rmb", "cny", "人民币", NULL};
  static const char *const yuan[] = {"元", "圆", "块钱", "块", "rmb", "cny", "yuan", NULL};
  static const char *const whole[] = {"整", "正", NULL}, *const per[] = {"/", "每", NULL};
  char folded[120];
  typed_fold(folded, sizeof folded, text);
  const char *at = folded;
  *unit = '\0';
  if (money) skip_word(&at, signs);
  if (*at == '-' || (*at == '(' && at[strspn(at + 1, "0123456789.,") + 1] == ')')) return "negative";
  size_t size = strspn(at, "0123456789.,");
  const char *digits = at;
  if (!size) return "number";
  at += size;
  at += *at == ' ';
  if (*at == '-') return "number";
  bool named = money && skip_word(&at, yuan);
  if (named) skip_word(&at, whole);
  bool slash = *at && (named || money) ? skip_word(&at, per) : false;
  if (money && *at && !slash) return "number"; /* 38.5斤 is no price */
  if ((slash && !*at) || strpbrk(at, "0123456789.,") || strlen(at) >= TYPED_UNIT_SIZE) return "number";
  snprintf(unit, TYPED_UNIT_SIZE, "%s", at);
  return read_digits(digits, size, places, most, value);
}

/* -- dates -- */

static bool number(const char **at, int digits_min, int digits_max, int *out)
{
  int n = 0;
  for (*out = 0; n < digits_max && **at >= '0' && **at <= '9'; n++)
    *out = *out * 10 + (*(*at)++ - '0');
  return n >= digits_min && !(**at >= '0' && **at <= '9');
}

static bool weekday_right(const char **at, int date)
{
  static const char *const heads[] = {"星期", "周", "礼拜", NULL};
  static const char *const days[] = {"一", "二", "三", "四", "五", "六", "日", "天"};
  bool bracket = **at == '(';
  *at += bracket;
  if (!skip_word(at, heads)) return !bracket;
  for (int i = 0; i < 8; i++) {
    const char *one[] = {days[i], NULL};
    if (!skip_word(at, one)) continue;
    if (bracket && **at != ')') return false;
    *at += bracket;
    *at += **at == ' ';
    int since_monday = date_days_between(19000101, date) % 7; /* which was a Monday */
    return (i == 7 ? 6 : i) == (since_monday + 7) % 7;
  }
  return false;
}

/* Z, +08:00, +0800, -5: how many minutes Shanghai is ahead of it. */
static bool zone(const char **at, int *ahead)
{
  int sign = **at == '-' ? -1 : 1, hours = 0, minutes = 0;
  bool utc = *(*at)++ == 'z', four = strspn(*at, "0123456789") == 4;
  if (!utc && !number(at, four ? 4 : 1, four ? 4 : 2, &hours)) return false;
  if (four) minutes = hours % 100, hours /= 100;
  if (!utc && !four && **at == ':' && (++*at, !number(at, 2, 2, &minutes))) return false;
  *ahead = 480 - sign * (hours * 60 + minutes);
  return hours <= 14 && minutes <= 59;
}

/* 0:00, 10:30:00, 上午10:30, T08:00:00.000Z; nothing at all.  A time of another zone may be of another day
 * here. */
static bool time_or_end(const char *at, int *date)
{
  static const char *const halves[] = {"上午", "下午", "中午", "凌晨", "晚上", "早上", NULL};
  int hour, minute, second = 0, ahead = 0;
  at += *at == ' ' || *at == 't';
  if (!*at) return true;
  bool half = skip_word(&at, halves);
  if (!number(&at, 1, 2, &hour) || *at++ != ':' || !number(&at, 2, 2, &minute)) return false;
  if (*at == ':' && (at++, !number(&at, 2, 2, &second))) return false;
  if (*at == '.') at += 1 + strspn(at + 1, "0123456789");
  if (strcmp(at, " am") == 0 || strcmp(at, " pm") == 0) at += strlen(at);
  bool zoned = !half && *at && strchr("z+-", *at);
  if ((zoned && !zone(&at, &ahead)) || *at || hour > 24 || minute > 59 || second > 60) return false;
  int here = hour * 60 + minute + ahead;
  if (zoned) *date = date_add_days(*date, here < 0 ? -1 : here / 1440);
  return true;
}

/* Between year and month, month and day; a space may follow the Chinese ones. */
static bool separator(const char **at, const char *word, char *sign)
{
  static const char signs[] = "-/.";
  size_t n = strlen(word), space = **at == ' ';
  if (strncmp(*at + space, word, n) == 0) {
    *at += space;
    *at += n;
    *sign = *sign ? *sign : 'c';
  } else if (**at && strchr(signs, **at)) {
    if (*sign && *sign != **at) return false; /* 2026-11/24 is a slip */
    *sign = *(*at)++;
  } else {
    return false;
  }
  *at += **at == ' ';
  return true;
}

/* 9月17日, 9/17, 09-17 */
static bool yearless(const char *at)
{
  int month, day;
  char sign = 0;
  if (!number(&at, 1, 2, &month) || !separator(&at, "月", &sign) || !number(&at, 1, 2, &day)) return false;
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
         (!*at || strncmp(at, "日", 3) == 0 || strncmp(at, "号", 3) == 0);
}

const char *typed_date(const char *text, int *date)
{
  static const char *const days[] = {"日", "号", NULL};
  char folded[80], sign = 0;
  int year = 0, month = 0, day = 0;
  typed_fold(folded, sizeof folded, text);
  const char *at = folded;
  if (strspn(at, "0123456789") == 8 && sscanf(at, "%4d%2d%2d", &year, &month, &day) == 3) {
    at += 8;
  } else {
    if (!number(&at, 4, 4, &year) || !separator(&at, "年", &sign) || !number(&at, 1, 2, &month) ||
        !separator(&at, "月", &sign) || !number(&at, 1, 2, &day))
      return yearless(folded) ? "year" : "date";
    at += *at == ' ' && (unsigned char)at[1] >= 0x80; /* before 日, or a weekday */
    bool named = skip_word(&at, days);
    if (named && sign != 'c') return "date";
  }
  *date = date_of_civil(year, month, day);
  if (year < 1900) return "date";
  if (!date_valid(*date)) return "no_day";
  at += *at == ' ';
  return weekday_right(&at, *date) && time_or_end(at, date) ? NULL : "date";
}

int typed_yes(const char *text)
{
  static const char *const yes[] = {"是", "是的", "对",   "√", "✓",  "✔",      "☑",
                                    "y",  "yes",  "true", "1", "ok", "已核对", NULL};
  static const char *const no[] = {"",  "否", "不", "不是",  "×", "✗",      "✘",
                                   "x", "n",  "no", "false", "0", "未核对", NULL};
  char folded[40];
  typed_fold(folded, sizeof folded, text);
  if (strlen(text) >= sizeof folded) return -1;
  for (int i = 0; yes[i]; i++)
    if (strcmp(folded, yes[i]) == 0) return 1;
  for (int i = 0; no[i]; i++)
    if (strcmp(folded, no[i]) == 0) return 0;
  return -1;
}
