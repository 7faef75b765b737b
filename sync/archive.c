#include "sync/archive.h"

#include "core/base/clock.h"

#include <stdio.h>
#include <string.h>

/* Whether a line is archived is asked of its day's notes, not of their dates: a clock that is ahead over one
 * midnight archives a day that is to come, and one that went back brings lines of a day that is archived.
 * Both get notes behind those the day has. */
#define NOT_ARCHIVED                                                                                         \
  " NOT EXISTS(SELECT 1 FROM sync_archive a WHERE a.until_ms > c.heard_ms"                                   \
  " AND a.until_ms <= c.heard_ms + 86400000 AND instr(a.note, c.line) > 0)"

struct chapter {
  struct db *db;
  int day;
  int64_t from_ms, until_ms;
  int n;         /* of the note being filled */
  uint64_t size; /* of its checkpoint */
  int lines;     /* cosignatures in it */
  struct buf note;
};

static bool write_note(struct chapter *c, struct err *err)
{
  if (c->lines == 0) return true;
  if (c->note.bad) return err_set(err, ERR_IO, "no memory for a note of the archive");
  struct query q = query_open(
      c->db, "INSERT INTO sync_archive(day, n, size, lines, note, until_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
      err);
  query_int(&q, 1, c->day);
  query_int(&q, 2, c->n);
  query_int(&q, 3, (int64_t)c->size);
  query_int(&q, 4, c->lines);
  query_textn(&q, 5, (const char *)c->note.data, c->note.size);
  query_int(&q, 6, c->until_ms);
  c->n++;
  c->lines = 0;
  return query_run(&q);
}

/* Text and log line of the checkpoint the next cosignatures are for. */
static bool begin_note(struct chapter *c, uint64_t size, struct err *err)
{
  struct query q = query_open(c->db, "SELECT note FROM sync_checkpoint WHERE size = ?1", err);
  query_int(&q, 1, (int64_t)size);
  buf_clear(&c->note);
  c->size = size;
  bool found = query_row(&q);
  if (found) put_text(&c->note, column_text(&q, 0));
  if (!query_close(&q)) return false;
  return found || err_set(err, ERR_CORRUPT, "a cosignature is for a checkpoint of %llu that is not here",
                          (unsigned long long)size);
}

static bool write_notes(struct chapter *c, struct err *err)
{
  /* SQLite gives the other columns of a max() from the row that has it. */
  struct query q = query_open(c->db,
                              "SELECT max(size) AS newest, name, line FROM sync_cosignature c"
                              " WHERE heard_ms >= ?1 AND heard_ms < ?2 AND" NOT_ARCHIVED
                              " GROUP BY name ORDER BY newest, name"
                              " /* scan: once a day, the lines of one day */",
                              err);
  query_int(&q, 1, c->from_ms);
  query_int(&q, 2, c->until_ms);
  bool ok = true;
  while (ok && query_row(&q)) {
    uint64_t size = (uint64_t)column_int(&q, 0);
    if (c->lines > 0 && (size != c->size || c->lines == ARCHIVE_LINES_MAX)) ok = write_note(c, err);
    if (ok && c->lines == 0) ok = begin_note(c, size, err);
    put_text(&c->note, column_text(&q, 2));
    c->lines++;
  }
  return query_close(&q) && ok && write_note(c, err);
}

static bool drop_lines(struct chapter *c, struct err *err)
{
  struct query q = query_open(c->db,
                              "DELETE FROM sync_cosignature WHERE heard_ms < ?1"
                              " AND size < (SELECT max(size) FROM sync_checkpoint) /* scan: as above */",
                              err);
  query_int(&q, 1, c->until_ms);
  return query_run(&q);
}

/* The oldest line of a day that is over which no archived day has; 0 for none. */
static bool oldest(struct db *db, int64_t before_ms, int64_t *heard_ms, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT coalesce(min(heard_ms), 0) FROM sync_cosignature c WHERE heard_ms < ?1"
                              " AND" NOT_ARCHIVED " /* scan: once a day */",
                              err);
  query_int(&q, 1, before_ms);
  *heard_ms = query_row(&q) ? column_int(&q, 0) : 0;
  return query_close(&q);
}

/* The number of its next note. */
static bool next_note(struct chapter *c, struct err *err)
{
  struct query q = query_open(c->db, "SELECT coalesce(max(n) + 1, 0) FROM sync_archive WHERE day = ?1", err);
  query_int(&q, 1, c->day);
  c->n = query_row(&q) ? (int)column_int(&q, 0) : 0;
  return query_close(&q);
}

bool archive_days(struct db *db, int64_t now_ms, int *days, struct err *err)
{
  int64_t today_ms = date_start_ms(date_of_ms(now_ms));
  for (*days = 0; *days < ARCHIVE_DAYS_MAX; ++*days) {
    int64_t heard_ms = 0;
    if (!oldest(db, today_ms, &heard_ms, err)) return false;
    if (heard_ms == 0) return true;
    int day = date_of_ms(heard_ms);
    struct chapter c = {.db = db,
                        .day = day,
                        .from_ms = date_start_ms(day),
                        .until_ms = date_start_ms(date_add_days(day, 1))};
    bool ok = next_note(&c, err) && write_notes(&c, err) && drop_lines(&c, err);
    buf_wipe(&c.note);
    if (!ok) return false;
  }
  return true;
}

bool archive_note(struct db *db, int day, int n, struct buf *out, struct err *err)
{
  struct query q = query_open(db, "SELECT note FROM sync_archive WHERE day = ?1 AND n = ?2", err);
  query_int(&q, 1, day);
  query_int(&q, 2, n);
  bool found = query_row(&q);
  if (found) put_text(out, column_text(&q, 0));
  if (!query_close(&q)) return false;
  return found || err_rule(err, ERR_MISSING, "n", "no_note", "the archive of %d has no note %d", day, n);
}

bool archive_list(struct db *db, struct buf *out, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT day, count(*), sum(lines), max(size) FROM sync_archive GROUP BY day"
                              " ORDER BY day /* scan: it is the whole list that is asked for */",
                              err);
  while (query_row(&q)) {
    char line[100];
    snprintf(line, sizeof line, "%lld %lld %lld %lld\n", (long long)column_int(&q, 0),
             (long long)column_int(&q, 1), (long long)column_int(&q, 2), (long long)column_int(&q, 3));
    put_text(out, line);
  }
  return query_close(&q);
}
