#include "tests/sim/lost.h"

#include "sync/cut.h"
#include "sync/rebuild.h"
#include "sync/recall_line.h"
#include "sync/restored.h"
#include "sync/store_log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int64_t wall(const struct province *p)
{
  return p->wall_ms + p->mono_ms;
}

void lost_backup(struct lost *lost, struct province *p)
{
  struct err err = ERR_INIT;
  struct db *db;
  memset(lost, 0, sizeof *lost);
  lost->fresh_from = INT64_MAX;
  (void)snprintf(lost->backup, sizeof lost->backup, "%s/backup.db", p->folder);
  (void)snprintf(lost->gathered, sizeof lost->gathered, "%s/recall.db", p->folder);
  (void)snprintf(lost->rebuilt, sizeof lost->rebuilt, "%s/rebuilt.db", p->folder);
  site_backup(&p->hub, lost->backup);
  must(db_open(&db, lost->backup, DB_WRITE, &err), &err, "db_open");
  must(restored_mark(db, wall(p), &err), &err, "restored_mark");
  db_close(db);
}

void lost_disk(struct lost *lost, struct province *p)
{
  struct err err = ERR_INIT;
  uint8_t secret[SECRET_SIZE];
  site_close(&p->hub);
  (void)unlink(p->hub.path);
  site_secret(PROVINCE, 1, secret);
  must(recall_open(&lost->recall, lost->gathered, lost->backup, secret, &err), &err, "recall_open");
}

void lost_went_back(struct lost *lost, struct province *p)
{
  struct err err = ERR_INIT;
  uint64_t size = 0;
  struct db *db = NULL;
  lost_backup(lost, p);
  must(db_open(&db, lost->backup, DB_WRITE, &err), &err, "db_open");
  must(db_exec(db, "DELETE FROM sync_restored", &err), &err, "no backup");
  must(cut_place(db, INT64_MAX, &size, &err), &err, "cut_place");
  db_close(db);
  must(cut_log(lost->backup, size, wall(p), &err), &err, "cut_log");
  lost->fresh_from = (int64_t)size;
  lost_disk(lost, p);
}

/* The node's output, as far as the line lasts, and the province's answer. */
static bool exchange(struct exchange_node *node, struct recall_line *line, size_t *budget, struct moment now)
{
  struct span up = exchange_node_output(node);
  size_t n = up.size < *budget ? up.size : *budget;
  *budget -= n;
  recall_line_input(line, up.p, n, now);
  exchange_node_sent(node, n, now);
  struct span down = recall_line_output(line);
  size_t size = down.size;
  exchange_node_input(node, down.p, size, now);
  recall_line_sent(line, size, now);
  return n + size > 0;
}

bool lost_bring_with(struct lost *lost, struct province *p, size_t member, const char *serial, size_t budget)
{
  struct err err = ERR_INIT;
  struct site *site = &p->members[member].site;
  struct exchange_node *node = NULL;
  struct recall_line *line = NULL;
  p->mono_ms += 60000;
  const struct exchange_node_config config = {.store = site->store, .db = site->db, .program = "1.0.0"};
  const struct moment now = {p->mono_ms, wall(p)};
  must(exchange_node_open(&node, &config, now, &err), &err, "exchange_node_open");
  struct recall_guest guest = {.branch = site->code, .until_ms = wall(p) + 1000, .known = member == 0};
  (void)snprintf(guest.serial, sizeof guest.serial, "%s", serial);
  must(recall_line_open(&line, lost->recall, &guest, now, &err), &err, "recall_line_open");
  while (budget && exchange(node, line, &budget, now)) {
  }
  bool complete = recall_line_facts(line)->complete;
  recall_line_close(line);
  exchange_node_close(node);
  return complete;
}

bool lost_bring(struct lost *lost, struct province *p, size_t member, size_t budget)
{
  return lost_bring_with(lost, p, member, "5e", budget);
}

int64_t lost_gathered(const struct lost *lost, const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  int64_t n = -1;
  must(db_open(&db, lost->gathered, DB_READ, &err), &err, "db_open");
  must(db_int(db, sql, -1, &n, &err), &err, sql);
  db_close(db);
  return n;
}

bool lost_assemble(struct lost *lost, struct recall_report *report, struct err *err)
{
  struct err fault = ERR_INIT;
  struct db *db;
  (void)unlink(lost->rebuilt);
  must(db_open(&db, lost->backup, DB_READ, &fault), &fault, "db_open");
  must(db_copy(db, lost->rebuilt, &fault), &fault, "db_copy");
  db_close(db);
  return recall_assemble(lost->recall, lost->rebuilt, report, err) &&
         (lost->fresh_from == INT64_MAX || cut_settle(lost->rebuilt, err));
}

void lost_start(struct lost *lost, struct province *p)
{
  struct err err = ERR_INIT;
  struct rebuild_report folded;
  must(rebuild_tables_from(lost->rebuilt, lost->backup, lost->fresh_from, &folded, &err), &err,
       "rebuild_tables");
  site_restore(&p->hub, lost->rebuilt, wall(p));
}

void lost_end(struct lost *lost)
{
  recall_close(lost->recall);
  lost->recall = NULL;
}

void lost_folded(struct province *p)
{
  struct err err = ERR_INIT;
  struct rebuild_report report;
  char copy[200];
  (void)snprintf(copy, sizeof copy, "%s/folded", p->folder);
  (void)unlink(copy);
  site_backup(&p->hub, copy);
  must(rebuild_tables(copy, p->hub.path, &report, &err), &err, "rebuild_tables");
  site_restore(&p->hub, copy, wall(p));
  must(store_vouch(p->hub.store, &err), &err, "store_vouch");
}

static void keep_mirror(struct province *p, struct site *site, uint64_t size)
{
  struct err err = ERR_INIT;
  uint8_t key[BOX_KEY_SIZE];
  store_mirror_key(p->hub.store, key);
  for (uint64_t from = 0, to = size; from < size; from = to, to = size) {
    struct buf body = BUF_INIT;
    must(mirror_of_log(p->hub.db, site->code, key, from, &to, &body, &err), &err, "mirror_of_log");
    must(store_mirror(site->store, body.data, body.size, &err), &err, "store_mirror");
    buf_wipe(&body);
  }
}

void lost_mirrors(struct province *p)
{
  struct err err = ERR_INIT;
  for (size_t i = 0; i < p->count; i++) {
    struct site *site = &p->members[i].site;
    keep_mirror(p, site, (uint64_t)site_count(site, "SELECT size FROM sync_witness"));
    must(db_exec(site->db, "PRAGMA query_only = 0; DELETE FROM sync_keep_tile; DELETE FROM sync_keep_entry",
                 &err),
         &err, "no tiles");
  }
}
