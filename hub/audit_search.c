#include "hub/audit_search.h"

#include "core/base/crypto.h"
#include "core/base/tx.h"
#include "hub/audit_index.h"
#include "sync/streams.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The number of a record that was withheld by law leads to its entry all the same. */
static bool find_withheld(struct db *db, uint32_t branch, const char *no, int64_t *id, struct err *err)
{
  struct query q =
      query_open(db, "SELECT seq FROM withholding WHERE author = ?1 AND lane = 0 AND no = ?2", err);
  query_int(&q, 1, branch);
  query_text(&q, 2, no);
  if (query_row(&q)) *id = id_of(1, (uint64_t)column_int(&q, 0), 0);
  return query_close(&q);
}

/* A number that people see, such as JG330127-202611-0031, leads to its row and the row's id to the entry that
 * made it. */
static bool find_numbered(struct db *db, const char *text, struct audit_found *found, struct err *err)
{
  static const struct {
    const char *prefix, *sql;
  } kinds[] = {{"JG", "SELECT id FROM price WHERE branch = ?1 AND no = ?2"},
               {"PJ", "SELECT id FROM evaluation WHERE branch = ?1 AND no = ?2"},
               {"TY", "SELECT id FROM proposal WHERE branch = ?1 AND no = ?2"}};
  unsigned branch = 0;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strncmp(text, kinds[i].prefix, 2) != 0 || sscanf(text + 2, "%6u-", &branch) != 1) continue;
    struct query q = query_open(db, kinds[i].sql, err);
    query_int(&q, 1, branch);
    query_text(&q, 2, text);
    int64_t id = query_row(&q) ? column_int(&q, 0) : 0;
    if (!query_close(&q) || (id == 0 && !find_withheld(db, branch, text, &id, err))) return false;
    int64_t pos = -1, newest = -1; /* the index may be a moment behind the log */
    if (id && !stream_find(db, (struct stream){branch, 0}, id_seq(id), &pos, err)) return false;
    if (!db_int(db, "SELECT max(pos) FROM audit", -1, &newest, err)) return false;
    if (pos >= 0 && pos <= newest) found->pos[found->count++] = pos;
    return true;
  }
  return true;
}

/* The digits of a hash without their spaces; 0 when the text is anything else. */
static size_t hash_digits(const char *text, char digits[2 * HASH_SIZE + 1])
{
  size_t n = 0;
  for (; *text; text++) {
    if (*text == ' ') continue;
    if (!isxdigit((unsigned char)*text) || n == 2 * HASH_SIZE) return 0;
    digits[n++] = (char)tolower((unsigned char)*text);
  }
  digits[n] = 0;
  return n >= AUDIT_HASH_DIGITS_MIN ? n : 0;
}

/* The index keeps eight bytes: what more was typed is compared with the record itself. */
static bool keep_whole(struct db *db, const char *digits, size_t n, struct audit_found *found,
                       struct err *err)
{
  struct buf keep = BUF_INIT;
  struct logged entry;
  char hex[2 * HASH_SIZE + 1];
  int kept = 0;
  bool ok = true;
  for (int i = 0; ok && i < found->count; i++) {
    struct lost_leaf leaf;
    bool lost = false; /* nobody knows its record */
    ok = entry_read_or_lost(db, found->pos[i], &entry, &keep, &leaf, &lost, err);
    if (!ok) break;
    if (lost) continue;
    hex_encode(hex, entry.hash, HASH_SIZE);
    if (strncmp(hex, digits, n) == 0) found->pos[kept++] = found->pos[i];
  }
  buf_wipe(&keep);
  found->count = kept;
  return ok;
}

static bool find_hash(struct db *db, const char *text, struct audit_found *found, struct err *err)
{
  char digits[2 * HASH_SIZE + 1], low[17] = "0000000000000000", high[17] = "ffffffffffffffff";
  uint8_t from[8], to[8];
  size_t n = hash_digits(text, digits);
  if (n == 0) return true;
  memcpy(low, digits, n < 16 ? n : 16);
  memcpy(high, digits, n < 16 ? n : 16);
  if (!hex_decode(from, sizeof from, low) || !hex_decode(to, sizeof to, high)) return true;
  if (!audit_find_hash(db, from, to, found->pos, AUDIT_FOUND_MAX, &found->count, err)) return false;
  return n <= 16 || keep_whole(db, digits, n, found, err);
}

bool audit_search(struct db *db, const char *text, struct audit_found *found, struct err *err)
{
  found->count = 0;
  if (!text) return true;
  return find_numbered(db, text, found, err) && (found->count || find_hash(db, text, found, err));
}
