#include "core/domain/number.h"

#include "core/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct kind {
  const char *table;
  const char *prefix;
  const char *newest; /* the branch's row with the highest id */
  const char *taken;  /* does this number exist? */
  const char *last;   /* the highest of a month, when rows of another month came between */
} kinds[] = {
    [NUMBER_PRICE] = {"price", "JG", "SELECT no FROM price WHERE branch = ?1 ORDER BY id DESC LIMIT 1",
                      "SELECT 1 FROM price WHERE branch = ?1 AND no = ?2",
                      "SELECT no FROM price WHERE branch = ?1 AND no > ?2 AND no < ?3"
                      " ORDER BY length(no) DESC, no DESC LIMIT 1"},
    [NUMBER_EVALUATION] = {"evaluation", "PJ",
                           "SELECT no FROM evaluation WHERE branch = ?1 ORDER BY id DESC LIMIT 1",
                           "SELECT 1 FROM evaluation WHERE branch = ?1 AND no = ?2",
                           "SELECT no FROM evaluation WHERE branch = ?1 AND no > ?2 AND no < ?3"
                           " ORDER BY length(no) DESC, no DESC LIMIT 1"},
    [NUMBER_PROPOSAL] = {"proposal", "TY",
                         "SELECT no FROM proposal WHERE branch = ?1 ORDER BY id DESC LIMIT 1",
                         "SELECT 1 FROM proposal WHERE branch = ?1 AND no = ?2",
                         "SELECT no FROM proposal WHERE branch = ?1 AND no > ?2 AND no < ?3"
                         " ORDER BY length(no) DESC, no DESC LIMIT 1"},
};

/* The running number behind the prefix of this month; 0 when no is of another month. */
static int running(const char *no, const char *month)
{
  size_t n = strlen(month);
  return strncmp(no, month, n) == 0 ? (int)strtol(no + n, NULL, 10) : 0;
}

static bool newest(struct tx *tx, const struct kind *kind, const char *month, int *last, struct err *err)
{
  struct query q = query_open(tx->db, kind->newest, err);
  query_int(&q, 1, tx->author);
  *last = query_row(&q) ? running(column_text(&q, 0), month) : 0;
  return query_close(&q);
}

static bool highest(struct tx *tx, const struct kind *kind, const char *month, int *last, struct err *err)
{
  char end[NUMBER_SIZE];
  snprintf(end, sizeof end, "%s~", month); /* behind every digit */
  struct query q = query_open(tx->db, kind->last, err);
  query_int(&q, 1, tx->author);
  query_text(&q, 2, month);
  query_text(&q, 3, end);
  *last = query_row(&q) ? running(column_text(&q, 0), month) : 0;
  return query_close(&q);
}

/* A number that was withheld with its row is not given again: people would take one record for the other. */
static bool withheld(struct tx *tx, const char *month, int *last, struct err *err)
{
  char end[NUMBER_SIZE];
  snprintf(end, sizeof end, "%s~", month);
  struct query q = query_open(tx->db,
                              "SELECT no FROM withholding WHERE author = ?1 AND lane = 0 AND no > ?2"
                              " AND no < ?3 ORDER BY length(no) DESC, no DESC LIMIT 1",
                              err);
  query_int(&q, 1, tx->author);
  query_text(&q, 2, month);
  query_text(&q, 3, end);
  int number = query_row(&q) ? running(column_text(&q, 0), month) : 0;
  if (number > *last) *last = number;
  return query_close(&q);
}

static bool taken(struct tx *tx, const struct kind *kind, const char *no, bool *is_taken, struct err *err)
{
  struct query q = query_open(tx->db, kind->taken, err);
  query_int(&q, 1, tx->author);
  query_text(&q, 2, no);
  *is_taken = query_row(&q);
  return query_close(&q);
}

bool number_next(struct tx *tx, enum number_kind which, char out[NUMBER_SIZE], struct err *err)
{
  const struct kind *kind = &kinds[which];
  char month[NUMBER_SIZE - 12];
  bool again = true;
  int last = 0;
  snprintf(month, sizeof month, "%s%06u-%06d-", kind->prefix, tx->author % 1000000,
           date_of_ms(tx->now_ms) / 100);
  if (!newest(tx, kind, month, &last, err)) return false;
  if (last == 0 && !highest(tx, kind, month, &last, err)) return false;
  if (!withheld(tx, month, &last, err)) return false;
  while (again) {
    snprintf(out, NUMBER_SIZE, "%s%04d", month, ++last);
    if (!taken(tx, kind, out, &again, err)) return false;
  }
  return true;
}

bool number_again(struct tx *tx, const char *table, const char *column, char no[NUMBER_SIZE], struct err *err)
{
  bool is_taken = false;
  if (strcmp(column, "no") != 0) return true;
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (strcmp(kinds[i].table, table) != 0) continue;
    if (!taken(tx, &kinds[i], no, &is_taken, err)) return false;
    return !is_taken || number_next(tx, (enum number_kind)i, no, err);
  }
  return true;
}
