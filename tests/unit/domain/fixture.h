/* fixture.h - a domain in a file of its own: its schema, transactions as the store would give them, and a
 * look at every statement afterwards.  Include it once in each test program, after cmocka.h. */
#ifndef SUNLIT_TESTS_DOMAIN_FIXTURE_H
#define SUNLIT_TESTS_DOMAIN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/clock.h"
#include "core/base/crypto.h"
#include "core/base/json.h"
#include "core/domain/domain.h"
#include "core/domain/item.h"
#include "core/domain/proposal_talk.h"
#include "core/domain/seed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HUB = 330000, CHUNAN = 330127 };

struct fixture {
  char path[64];
  struct db *db;
  int64_t now_ms;
  uint64_t seq;
};

__attribute__((unused)) static const struct err no_error = ERR_INIT;

/* The error's text in the log of a test that expected none. */
#define assert_ok(call, err)                                                                                 \
  do {                                                                                                       \
    bool ok_ = (call);                                                                                       \
    if (!ok_) print_error("%s: %s / %s: %s\n", #call, (err)->field, (err)->rule, (err)->text);               \
    assert_true(ok_);                                                                                        \
  } while (0)

#define assert_refused(call, err, rule_)                                                                     \
  do {                                                                                                       \
    err_clear(err);                                                                                          \
    assert_false(call);                                                                                      \
    assert_string_equal((err)->rule, rule_);                                                                 \
    err_clear(err);                                                                                          \
  } while (0)

/* What the hub's connection says: here an entry comes when it is made. */
__attribute__((unused)) static bool fixture_came(struct db *db, int64_t branch, int64_t id, int64_t *pos,
                                                 struct err *err)
{
  (void)db;
  (void)branch;
  (void)err;
  *pos = (int64_t)id_seq(id);
  return true;
}

__attribute__((unused)) static void fixture_open(struct fixture *f)
{
  struct err err = ERR_INIT;
  *f = (struct fixture){.now_ms = date_start_ms(20261124) + 10 * 3600 * 1000};
  snprintf(f->path, sizeof f->path, "/tmp/sunlit_domain_XXXXXX");
  int fd = mkstemp(f->path);
  assert_true(fd >= 0);
  close(fd);
  assert_ok(crypto_start(&err), &err);
  assert_ok(db_open(&f->db, f->path, DB_CREATE, &err), &err);
  assert_ok(db_exec(f->db,
                    "PRAGMA synchronous = OFF; CREATE TABLE IF NOT EXISTS table_scope(name TEXT PRIMARY KEY"
                    " NOT NULL, scope TEXT NOT NULL, append_only INTEGER NOT NULL) STRICT;"
                    "CREATE TABLE withholding(id INTEGER PRIMARY KEY, author INTEGER NOT NULL, lane INTEGER"
                    " NOT NULL, seq INTEGER NOT NULL, no TEXT NOT NULL,"
                    " subject TEXT NOT NULL DEFAULT '') STRICT;"
                    "CREATE INDEX withholding_entry ON withholding(author, lane, seq);"
                    "CREATE TABLE sync_self(name TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL) STRICT,"
                    " WITHOUT ROWID;"
                    "CREATE TABLE column_rule(table_name TEXT NOT NULL, column_name TEXT NOT NULL, kind TEXT"
                    " NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL, refers TEXT NOT NULL, since"
                    " INTEGER NOT NULL, PRIMARY KEY(table_name, column_name)) STRICT, WITHOUT ROWID;",
                    &err),
            &err);
  assert_ok(domain_migrate(f->db, &err), &err);
  assert_ok(db_define_number(f->db, "came", fixture_came, &err), &err);
}

struct scan_look {
  struct db *db;
  int bad;
};

__attribute__((unused)) static void look_at(void *ctx, const char *sql)
{
  struct scan_look *look = ctx;
  struct buf out = BUF_INIT;
  struct err err = ERR_INIT;
  if (strstr(sql, "/* scan: meant") || strncmp(sql, "PRAGMA", 6) == 0) return;
  bool ok = db_scans(look->db, sql, &out, &err);
  put_u8(&out, 0);
  if (ok && out.size > 1 && strcmp((const char *)out.data, "SCAN CONSTANT ROW\n") != 0) {
    print_error("full scan: %s\n  %s", sql, (const char *)out.data);
    look->bad++;
  }
  buf_wipe(&out);
}

/* Closes, and fails if any statement that ran scans a table without saying that it means to. */
__attribute__((unused)) static void fixture_close(struct fixture *f)
{
  struct scan_look look = {.db = f->db};
  db_each_statement(f->db, look_at, &look);
  db_close(f->db);
  char side[80];
  unlink(f->path);
  snprintf(side, sizeof side, "%s-wal", f->path);
  unlink(side);
  snprintf(side, sizeof side, "%s-shm", f->path);
  unlink(side);
  assert_int_equal(look.bad, 0);
}

/* A transaction of that author, a second after the last one. */
__attribute__((unused)) static struct tx begin_as(struct fixture *f, uint32_t author, const char *actor)
{
  struct err err = ERR_INIT;
  assert_ok(db_begin(f->db, &err), &err);
  f->seq++;
  f->now_ms += 1000;
  struct tx tx = {.db = f->db, .author = author, .now_ms = f->now_ms, .actor = actor, .role = "officer"};
  for (int i = 0; i < SCOPE_COUNT; i++)
    tx.ids[i].base = id_of(1, f->seq, 0);
  return tx;
}

__attribute__((unused)) static void commit(struct fixture *f)
{
  struct err err = ERR_INIT;
  assert_ok(db_commit(f->db, &err), &err);
}

__attribute__((unused)) static void back(struct fixture *f)
{
  db_rollback(f->db);
}

__attribute__((unused)) static void load_seed(struct fixture *f)
{
  struct err err = ERR_INIT;
  struct catalogue_import *import = NULL;
  struct tx tx = begin_as(f, HUB, "system");
  assert_ok(seed_divisions(&tx, &err), &err);
  commit(f);
  assert_ok(seed_open(&import, f->db, &err), &err);
  do {
    tx = begin_as(f, HUB, "system");
    assert_ok(catalogue_import_write(&tx, import, &err), &err);
    commit(f);
  } while (tx.more);
  catalogue_import_close(import);
}

__attribute__((unused)) static int64_t number_of(struct fixture *f, const char *sql)
{
  struct err err = ERR_INIT;
  int64_t n = -1;
  struct query q = query_open(f->db, sql, &err);
  if (query_row(&q)) n = column_int(&q, 0);
  assert_ok(query_close(&q), &err);
  return n;
}

/* Of Chun'an's proposal: the one that waits for an answer. */
__attribute__((unused)) static int64_t question_of(struct fixture *f, int64_t proposal)
{
  struct err err = ERR_INIT;
  int64_t question = 0;
  assert_ok(proposal_waiting(f->db, CHUNAN, proposal, &question, &err), &err);
  return question;
}

/* How much is said about Chun'an's proposal: who decides has read so much. */
__attribute__((unused)) static int64_t said_of(struct fixture *f, int64_t proposal)
{
  struct err err = ERR_INIT;
  int64_t said = 0;
  assert_ok(proposal_said_count(f->db, CHUNAN, proposal, &said, &err), &err);
  return said;
}

__attribute__((unused)) static int64_t product_named(struct fixture *f, const char *name)
{
  struct err err = ERR_INIT;
  struct query q = query_open(f->db, "SELECT id FROM product WHERE name_zh = ?1", &err);
  query_text(&q, 1, name);
  int64_t id = query_row(&q) ? column_int(&q, 0) : 0;
  assert_ok(query_close(&q), &err);
  return id;
}

__attribute__((unused)) static int64_t add_supplier(struct fixture *f, const char *uscc, const char *name)
{
  struct err err = ERR_INIT;
  int64_t id = 0;
  struct tx tx = begin_as(f, HUB, "curator");
  json_t *fields = json_pack("{ss ss si ss}", "uscc", uscc, "name", name, "division", 330903, "licence_until",
                             "2028-03-14");
  assert_ok(item_add(&tx, ITEM_SUPPLIER, fields, &id, NULL, &err), &err);
  json_decref(fields);
  commit(f);
  return id;
}

#endif
