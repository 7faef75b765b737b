#include "hostile.h"

#include "core/base/changes.h"
#include "core/base/clock.h"
#include "core/base/crypto.h"
#include "core/base/log.h"
#include "core/domain/describe.h"
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/audit_reads.h"
#include "hub/board.h"
#include "hub/evaluate.h"
#include "hub/revoke.h"
#include "hub/told.h"
#include "program/sweep.h"
#include "site/export_pace.h"
#include "site/site.h"
#include "sync/rebuild.h"
#include "sync/store_keys.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "sync/verify.h"

#include <stdio.h>
#include <string.h>

static void must(bool ok, const struct err *err, const char *what)
{
  if (!ok) fail_msg("%s: %s %s: %s", what, err_kind_name(err->kind), err->rule, err->text);
}

/* -- the province -- */

static void pair_of(uint32_t author, uint8_t public_key[PUBLIC_SIZE], uint8_t secret[SECRET_SIZE])
{
  uint8_t seed[SEED_SIZE] = {(uint8_t)(author >> 8), (uint8_t)author, 7};
  sign_pair_of_seed(public_key, secret, seed);
}

static const uint32_t branches[] = {EVIL, HONEST, 330109, 330110, 330111, 330112, BESIDE};
enum { BRANCHES = sizeof branches / sizeof *branches };

static const char *const roles[] = {"curator", "auditor", "admin"};

static bool seal_work(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return db_exec(
      tx->db,
      "INSERT INTO catalogue(id, rev, score_rev, at_ms, entry, score_entry) VALUES(1, 1, 1, 1, 1, 1);"
      "INSERT INTO division VALUES(330100, '杭州市', 'hangzhou', 'Hangzhou', 330100, 'prefecture'),"
      " (330127, '淳安县', 'chunan', 'Chunan', 330100, 'county'),"
      " (330122, '桐庐县', 'tonglu', 'Tonglu', 330100, 'county'),"
      " (330109, '萧山区', 'xiaoshan', 'Xiaoshan', 330100, 'county'),"
      " (330110, '余杭区', 'yuhang', 'Yuhang', 330100, 'county'),"
      " (330111, '富阳区', 'fuyang', 'Fuyang', 330100, 'county'),"
      " (330112, '临安区', 'linan', 'Linan', 330100, 'county'),"
      " (330182, '建德市', 'jiande', 'Jiande', 330100, 'county');"
      "INSERT INTO product(id, name_zh, name_pinyin, name_en, aliases, group_code, subgroup,"
      " origin_code, unit, storage, storage_note_zh, geo_indication, geo_basis, status, status_reason,"
      " confirmed, confirmed_by, rev, changed_by, changed_ms) VALUES(77, '千岛湖鱼头', 'qiandaohu yutou',"
      " 'fish head', '', 'aquatic', 'freshwater fish', 330127, 'kg', 'live', '', 0, '', 'active', '',"
      " 0, 0, 1, 'seed', 1);"
      "INSERT INTO season VALUES(78, 77, 'open', 101, 1231);"
      "INSERT INTO supplier VALUES(88, '91330127MA27XG7N4F', '淳安渔业', 330127, '', '', '', 0, 'active',"
      " '', 1, 'seed', 1);",
      err);
}

void hostile_seal(struct hostile *h)
{
  struct err err = ERR_INIT;
  const struct act act = {
      .actor = "system", .role = "system", .action = ACTION_SEED, .now_ms = clock_wall_ms()};
  must(store_commit(h->hub.app.store, &act, seal_work, NULL, NULL, &err), &err, "sealing");
  for (int i = 0; i < 3; i++)
    h->people[i] = rig_login(&h->rig, roles[i], "a-long-password");
  struct buf payload = BUF_INIT;
  for (int i = 2; i < BRANCHES; i++) {
    buf_clear(&payload);
    hostile_row(h, &payload, T_PRICE, branches[i], -1, NULL);
    struct apply_result r = hostile_send(h, branches[i], &payload, NULL);
    if (r.taken != 1 || r.quarantined) fail_msg("a price of %u: %s %s", branches[i], r.reason, r.detail);
  }
  buf_wipe(&payload);
}

void hostile_open(struct hostile *h, bool sealed)
{
  struct err err = ERR_INIT;
  memset(h, 0, sizeof *h);
  log_quiet(true);
  rig_site(&h->hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  for (int i = 0; i < BRANCHES; i++) {
    uint8_t secret[SECRET_SIZE];
    struct key key = {.author = branches[i], .epoch = 1, .since_ms = 1};
    pair_of(key.author, key.public_key, secret);
    must(store_key_add(h->hub.app.store, &key, &err), &err, "keys");
  }
  must(audit_reads_open(&h->hub.reads, &err) && board_open(&h->hub.board, &err), &err, "opening");
  for (int i = 0; i < 3; i++)
    rig_account(&h->hub.app, roles[i], roles[i], "a-long-password");
  rig_open(&h->rig, &h->hub.app, hub_routes, hub_route_count);
  if (sealed) hostile_seal(h);
}

void hostile_close(struct hostile *h)
{
  rig_close(&h->rig);
  audit_reads_close(h->hub.reads);
  board_close(h->hub.board);
  rig_site_close(&h->hub.app);
}

void hostile_sql(struct hostile *h, const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db;
  char path[DATA_PATH_MAX];
  must(db_open(&db, data_dir_path(&h->hub.app.dir, "store.db", path), DB_WRITE, &err) &&
           db_exec(db, sql, &err),
       &err, sql);
  db_close(db);
}

int64_t hostile_int(struct hostile *h, const char *sql)
{
  return rig_count(&h->hub.app, sql);
}

/* -- rows -- */

struct column {
  const char *name;
  enum { FIXED, BRANCH, ID, NO, NOW, TODAY } what;
  struct forged cell;
};
#define INT(v)                                                                                               \
  {                                                                                                          \
    1, v, NULL, 0                                                                                            \
  }
#define TXT(v)                                                                                               \
  {                                                                                                          \
    3, 0, v, sizeof(v) - 1                                                                                   \
  }
#define NIL                                                                                                  \
  {                                                                                                          \
    5, 0, NULL, 0                                                                                            \
  }

static const struct column price[] = {{"branch", BRANCH, NIL},
                                      {"id", ID, NIL},
                                      {"no", NO, TXT("JG330127-202611-0001")},
                                      {"product", FIXED, INT(PRODUCT)},
                                      {"price_fen", FIXED, INT(3850)},
                                      {"unit", FIXED, TXT("kg")},
                                      {"qty_milli", FIXED, NIL},
                                      {"supplier", FIXED, INT(SUPPLIER)},
                                      {"source", FIXED, TXT("market")},
                                      {"observed_date", TODAY, NIL},
                                      {"note", FIXED, TXT("早市")},
                                      {"replaces", FIXED, NIL},
                                      {"void", FIXED, INT(0)},
                                      {"outlier", FIXED, INT(0)},
                                      {"actor", FIXED, TXT("officer")},
                                      {"at_ms", NOW, NIL}};
static const struct column evaluation[] = {{"branch", BRANCH, NIL},
                                           {"id", ID, NIL},
                                           {"no", NO, TXT("PJ330127-202611-0001")},
                                           {"product", FIXED, INT(PRODUCT)},
                                           {"supplier", FIXED, INT(SUPPLIER)},
                                           {"quality", FIXED, INT(4)},
                                           {"price", FIXED, INT(3)},
                                           {"delivery", FIXED, INT(5)},
                                           {"remark", FIXED, TXT("新鲜\n准时")},
                                           {"replaces", FIXED, NIL},
                                           {"void", FIXED, INT(0)},
                                           {"actor", FIXED, TXT("officer")},
                                           {"at_ms", NOW, NIL}};
static const struct column confirmation[] = {{"branch", BRANCH, NIL},
                                             {"id", ID, NIL},
                                             {"product", FIXED, INT(PRODUCT)},
                                             {"note", FIXED, TXT("")},
                                             {"actor", FIXED, TXT("officer")},
                                             {"at_ms", NOW, NIL},
                                             {"rev", FIXED, INT(1)}};
static const struct column proposal[] = {{"branch", BRANCH, NIL},
                                         {"id", ID, NIL},
                                         {"no", NO, TXT("TY330127-202611-0001")},
                                         {"kind", FIXED, TXT("correction")},
                                         {"target_kind", FIXED, TXT("product")},
                                         {"target", FIXED, INT(PRODUCT)},
                                         {"base_rev", FIXED, INT(1)},
                                         {"base", FIXED, TXT("{\"unit\":\"kg\"}")},
                                         {"patch", FIXED, TXT("{\"unit\":\"box\"}")},
                                         {"reason", FIXED, TXT("按盒卖")},
                                         {"actor", FIXED, TXT("officer")},
                                         {"at_ms", NOW, NIL}};
static const struct column security[] = {{"branch", BRANCH, NIL},       {"id", ID, NIL},
                                         {"kind", FIXED, TXT("login")}, {"actor", FIXED, TXT("officer")},
                                         {"detail", FIXED, TXT("")},    {"peer", FIXED, TXT("192.0.2.9")},
                                         {"count", FIXED, INT(1)},      {"at_ms", NOW, NIL}};
static const struct column said[] = {{"branch", BRANCH, NIL},      {"id", ID, NIL},
                                     {"proposal", FIXED, INT(1)},  {"kind", FIXED, TXT("answer")},
                                     {"text", FIXED, TXT("是的")}, {"actor", FIXED, TXT("officer")},
                                     {"at_ms", NOW, NIL},          {"question", FIXED, INT(1)}};
static const struct column again[] = {{"branch", BRANCH, NIL},
                                      {"id", ID, NIL},
                                      {"record_hash", FIXED, {4, 0, "0123456789abcdef0123456789abcdef", 32}}};
static const struct column request[] = {{"branch", BRANCH, NIL},
                                        {"id", ID, NIL},
                                        {"author", FIXED, INT(HONEST)},
                                        {"lane", FIXED, INT(0)},
                                        {"seq", FIXED, INT(1)},
                                        {"rule", FIXED, TXT("court")},
                                        {"reason", FIXED, TXT("判决")},
                                        {"actor", FIXED, TXT("curator")},
                                        {"at_ms", NOW, NIL}};
static const struct column answer[] = {{"branch", BRANCH, NIL},    {"id", ID, NIL},
                                       {"request", FIXED, INT(1)}, {"verdict", FIXED, TXT("withheld")},
                                       {"reason", FIXED, TXT("")}, {"actor", FIXED, TXT("admin")},
                                       {"at_ms", NOW, NIL}};

static const struct {
  const char *name;
  const struct column *columns;
  int count;
} tables[T_COUNT] = {
    [T_PRICE] = {"price", price, sizeof price / sizeof *price},
    [T_EVALUATION] = {"evaluation", evaluation, sizeof evaluation / sizeof *evaluation},
    [T_CONFIRMATION] = {"confirmation", confirmation, sizeof confirmation / sizeof *confirmation},
    [T_PROPOSAL] = {"proposal", proposal, sizeof proposal / sizeof *proposal},
    [T_SECURITY] = {"security_event", security, sizeof security / sizeof *security},
    [T_SAID] = {"proposal_answer", said, sizeof said / sizeof *said},
    [T_AGAIN] = {"journaled_again", again, sizeof again / sizeof *again},
    [T_REQUEST] = {"withhold_request", request, sizeof request / sizeof *request},
    [T_ANSWER] = {"withhold_answer", answer, sizeof answer / sizeof *answer},
};

int hostile_columns(int table)
{
  return tables[table].count;
}

const char *hostile_table(int table)
{
  return tables[table].name;
}

int hostile_column(int table, const char *name)
{
  for (int i = 0; i < tables[table].count; i++)
    if (strcmp(tables[table].columns[i].name, name) == 0) return i;
  fail_msg("%s has no column %s", tables[table].name, name);
  return -1;
}

static struct head head_of(struct hostile *h, uint32_t author)
{
  struct err err = ERR_INIT;
  struct db *db;
  struct head head;
  must(readers_take(h->hub.app.readers, &db, &err), &err, "reading");
  must(stream_head(db, (struct stream){author, 0}, &head, &err), &err, "reading");
  readers_give(h->hub.app.readers, db);
  return head;
}

static void put_length(struct buf *out, size_t n)
{
  if (n >= 1 << 14) put_u8(out, (uint8_t)(0x80 | n >> 14));
  if (n >= 1 << 7) put_u8(out, (uint8_t)(0x80 | (n >> 7 & 0x7f)));
  put_u8(out, (uint8_t)(n & 0x7f));
}

static void put_cell(struct buf *out, const struct forged *cell)
{
  put_u8(out, (uint8_t)cell->kind);
  if (cell->kind == 1 || cell->kind == 2) put_u64(out, (uint64_t)cell->n);
  if (cell->kind != 3 && cell->kind != 4) return;
  put_length(out, cell->size);
  put_bytes(out, cell->p, cell->size);
}

void hostile_row(struct hostile *h, struct buf *payload, int table, uint32_t author, int column,
                 const struct forged *cell)
{
  int64_t now_ms = clock_wall_ms();
  put_u8(payload, 'T');
  put_u8(payload, (uint8_t)tables[table].count);
  for (int i = 0; i < tables[table].count; i++)
    put_u8(payload, (uint8_t)(i == 0 ? 1 : i == 1 ? 2 : 0));
  put_bytes(payload, tables[table].name, strlen(tables[table].name) + 1);
  put_u8(payload, CHANGE_INSERT);
  put_u8(payload, 0);
  for (int i = 0; i < tables[table].count; i++) {
    const struct column *c = &tables[table].columns[i];
    const struct forged known[] = {
        [FIXED] = c->cell, [BRANCH] = INT(author), [ID] = INT(id_of(1, head_of(h, author).seq + 1, 0)),
        [NO] = c->cell,    [NOW] = INT(now_ms),    [TODAY] = INT(date_of_ms(now_ms))};
    put_cell(payload, i == column && cell->kind ? cell : &known[c->what]);
  }
}

/* -- entries -- */

struct apply_result hostile_send(struct hostile *h, uint32_t author, const struct buf *payload,
                                 const struct labels *labels)
{
  static const struct labels plain = {.actor = "officer", .action = "price.add", .subject = "鱼头"};
  struct err err = ERR_INIT;
  struct store *store = h->hub.app.store;
  struct head head = head_of(h, author);
  struct buf encoded = BUF_INIT, bytes = BUF_INIT;
  struct batch_writer *writer = NULL;
  struct batch *batch = NULL;
  struct apply_result result;
  uint8_t public_key[PUBLIC_SIZE], secret[SECRET_SIZE], hash[HASH_SIZE], signature[SIGNATURE_SIZE];
  if (!labels) labels = &plain;
  struct record r = {.stream = {author, 0},
                     .epoch = 1,
                     .seq = head.seq + 1,
                     .hlc = labels->hlc ? labels->hlc : hlc_next(head.hlc, clock_wall_ms()),
                     .actor = name_of(labels->actor),
                     .action = name_of(labels->action),
                     .subject = name_of(labels->subject),
                     .payload_size = (uint32_t)payload->size};
  store_schema(store, &r.schema, r.schema_hash);
  r.schema += labels->newer;
  memcpy(r.prev, head.hash, HASH_SIZE);
  sha256(r.payload_sha256, payload->data ? payload->data : (const uint8_t *)"", payload->size);
  must(record_encode(&encoded, &r, &err), &err, "a record");
  record_hash(hash, encoded.data, encoded.size);
  pair_of(author, public_key, secret);
  head_sign(signature, hash, secret);
  struct batch_head batch_head = {.stream = r.stream, .epoch = 1, .schema = r.schema, .first_seq = r.seq};
  memcpy(batch_head.schema_hash, r.schema_hash, SCHEMA_HASH_SIZE);
  memcpy(batch_head.prev, r.prev, HASH_SIZE);
  must(batch_writer_open(&writer, &batch_head, &err), &err, "a batch");
  assert_true(batch_add(writer, &r, payload->data ? payload->data : (const uint8_t *)""));
  must(batch_finish(writer, signature, &bytes, &err) && batch_open(&batch, bytes.data, bytes.size, &err) &&
           batch_verify(batch, public_key, &err),
       &err, "a batch");
  must(store_apply(store, &batch, 1, clock_wall_ms(), &result, &err), &err, "applying");
  batch_close(batch);
  batch_writer_close(writer);
  buf_wipe(&encoded);
  buf_wipe(&bytes);
  return result;
}

/* -- what the hub does by itself -- */

void hostile_chores(struct hostile *h)
{
  struct err err = ERR_INIT;
  struct app *app = &h->hub.app;
  struct db *db;
  struct log_once once = {.count = 0};
  bool more = true;
  int64_t now_ms = clock_wall_ms();
  must(readers_take(app->readers, &db, &err), &err, "reading");
  must(store_sign_head(app->store, now_ms, &err), &err, "signing");
  for (bool untold = true; untold;)
    must(told_catch_up(&h->hub, db, &untold, &err), &err, "telling refusals");
  must(audit_reads_flush(h->hub.reads, app, now_ms, true, &err), &err, "readings");
  must(board_flush(h->hub.board, app, &err), &err, "the board");
  must(quorum_follow(&h->hub, db, now_ms, &err), &err, "the quorum");
  must(revoke_carry_out(&h->hub, db, &err), &err, "revocations");
  must(evaluate(app, db, &once, &err), &err, "the evaluation");
  must(sweep(app, db, &err), &err, "sweeping");
  while (more)
    must(audit_index_follow(app, db, 1000, &more, &err), &err, "the audit index");
  readers_give(app->readers, db);
  assert_string_equal(app->trouble.rule, "");
}

/* -- what people look at -- */

static const char *seen[96]; /* the patterns of routes that were looked at */
static size_t seen_count;

static bool same_route(const char *pattern, const char *path)
{
  for (; *pattern && *path && *path != '?'; pattern++, path++) {
    if (*pattern == '{') {
      pattern += strcspn(pattern, "}");
      while (path[1] && path[1] != '/' && path[1] != '?' && path[1] != pattern[1])
        path++;
    } else if (*pattern != *path) {
      return false;
    }
  }
  return !*pattern && (!*path || *path == '?');
}

static void note_route(const char *path)
{
  for (size_t i = 0; i < hub_route_count; i++) {
    if (strcmp(hub_routes[i].method, "GET") != 0 || !same_route(hub_routes[i].pattern, path)) continue;
    for (size_t k = 0; k < seen_count; k++)
      if (seen[k] == hub_routes[i].pattern) return;
    if (seen_count < sizeof seen / sizeof *seen) seen[seen_count++] = hub_routes[i].pattern;
    return;
  }
}

/* A route to come must be looked at as well. */
void hostile_saw_every_route(void)
{
  for (size_t i = 0; i < hub_route_count; i++) {
    bool found = strcmp(hub_routes[i].method, "GET") != 0;
    for (size_t k = 0; k < seen_count; k++)
      found = found || seen[k] == hub_routes[i].pattern;
    if (!found) fail_msg("GET %s is looked at by nobody here", hub_routes[i].pattern);
  }
  seen_count = 0;
}

/* Everything is taken out after each entry, which no person may do. */
static void forget_pace(struct hostile *h)
{
  struct export_pace *pace = site_exports(&h->hub.app);
  export_pace_wipe(pace);
  export_pace_init(pace);
  pace_wipe(site_writes(&h->hub.app));
  pace_init(site_writes(&h->hub.app), WRITES_AT_A_TIME, WRITE_EVERY_MS);
}

static void look(struct hostile *h, const char *path)
{
  note_route(path);
  forget_pace(h);
  for (int i = 0; i < 3; i++) {
    struct reply r = rig_get(&h->rig, &h->people[i], path);
    if (r.status >= 500) fail_msg("GET %s: %d %.300s", path, r.status, (const char *)r.body);
    bool list = r.status != 200 && strncmp(path, "/log/", 5) != 0 && !strstr(path, "/330127/") &&
                !strstr(path, "evidence");
    if (list && i == 2) fail_msg("GET %s: %d %.300s", path, r.status, (const char *)r.body);
    reply_wipe(&r);
    if (r.status == 200) break; /* one who may see it has seen it */
  }
}

static void look_at_each(struct hostile *h, const char *before, const char *after, const char *ids)
{
  int64_t list[64];
  size_t count = 0;
  struct err err = ERR_INIT;
  struct db *db;
  must(readers_take(h->hub.app.readers, &db, &err), &err, "reading");
  struct query q = query_open(db, ids, &err);
  while (count < 64 && query_row(&q))
    list[count++] = column_int(&q, 0);
  must(query_close(&q), &err, "reading");
  readers_give(h->hub.app.readers, db);
  for (size_t i = 0; i < count; i++) {
    char path[200];
    snprintf(path, sizeof path, "%s%lld%s", before, (long long)list[i], after);
    look(h, path);
  }
}

void hostile_look(struct hostile *h, int64_t newest)
{
  static const char *const paths[] = {
      "/api/v1/status",
      "/api/v1/session",
      "/api/v1/sessions",
      "/api/v1/board",
      "/api/v1/board.xlsx",
      "/api/v1/reviews",
      "/api/v1/reviews?state=decided",
      "/api/v1/price-doubts",
      "/api/v1/reviews.xlsx",
      "/api/v1/delisted",
      "/api/v1/catalogue/template.xlsx",
      "/api/v1/catalogue/pinyin?name=%E9%B1%BC",
      "/api/v1/compare/77",
      "/api/v1/compare/77/counties.xlsx",
      "/api/v1/audit",
      "/api/v1/audit?time=early",
      "/api/v1/audit.xlsx",
      "/api/v1/audit/branches",
      "/api/v1/audit/branches.xlsx",
      "/api/v1/audit/behind?of=price&product=77&branch=330127",
      "/api/v1/audit/behind?of=score&product=77&branch=330127",
      "/api/v1/audit/events",
      "/api/v1/audit/events?branch=330127",
      "/api/v1/audit/events.xlsx",
      "/api/v1/audit/keys",
      "/api/v1/audit/keys.xlsx",
      "/api/v1/audit/aside",
      "/api/v1/audit/quarantine",
      "/api/v1/audit/quarantine.xlsx",
      "/api/v1/withhold-requests",
      "/log/checkpoint",
      "/log/checkpoint.witnessed",
      "/log/keys.txt",
      "/api/v1/branches",
      "/api/v1/branches.xlsx",
      "/api/v1/catalogue",
      "/api/v1/catalogue.xlsx",
      "/api/v1/products/77",
      "/api/v1/products/77/prices",
      "/api/v1/divisions",
      "/api/v1/suppliers",
      "/api/v1/suppliers.xlsx",
      "/api/v1/suppliers/88",
      "/api/v1/prices",
      "/api/v1/prices?sort=oldest",
      "/api/v1/prices?branch=330127",
      "/api/v1/prices.xlsx",
      "/api/v1/evaluations",
      "/api/v1/evaluations?product=77",
      "/api/v1/evaluations.xlsx",
      "/api/v1/withheld",
      "/api/v1/withheld.xlsx",
      "/api/v1/accounts",
      "/api/v1/audit/evidence?pos=1",
      "/log/witnessed",
      "/log/witnessed/20261124/0",
      "/log/tile/0/000",
      "/log/tile/0/x000/000",
      "/log/tile/0/x000/x000/000",
  };
  char ids[200];
  struct err err = ERR_INIT;
  must(store_sign_head(h->hub.app.store, clock_wall_ms(), &err), &err, "signing");
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
    look(h, paths[i]);
  hostile_chores(h); /* exports are entries too */
  look_at_each(h, "/api/v1/reviews/330127/", "",
               "SELECT id FROM proposal WHERE branch = 330127 ORDER BY id DESC LIMIT 40");
  snprintf(ids, sizeof ids, "SELECT pos FROM audit WHERE author = %d ORDER BY pos DESC LIMIT %lld", EVIL,
           (long long)newest);
  look_at_each(h, "/api/v1/audit/", "", ids);
  snprintf(ids, sizeof ids, "SELECT pos FROM audit WHERE author = %d ORDER BY pos DESC LIMIT %lld", EVIL,
           (long long)(newest + 7) / 8);
  look_at_each(h, "/api/v1/audit/", "/bytes", ids);
  look_at_each(h, "/api/v1/audit/", "/withholding", ids);
  look_at_each(h, "/api/v1/audit/row/330127/", "", "SELECT id FROM price ORDER BY id DESC LIMIT 2");
  look_at_each(h, "/api/v1/audit/", "/evidence", "SELECT max(pos) FROM sync_entry");
}

/* -- the honest branch -- */

void hostile_honest_gets_through(struct hostile *h)
{
  struct buf payload = BUF_INIT;
  int64_t prices = hostile_int(h, "SELECT count(*) FROM price WHERE branch = 330122");
  int64_t told = hostile_int(h, "SELECT count(*) FROM refusal WHERE branch = 330122");
  hostile_row(h, &payload, T_PRICE, HONEST, -1, NULL);
  struct apply_result r = hostile_send(h, HONEST, &payload, NULL);
  if (r.taken != 1 || r.quarantined) fail_msg("the honest price: %s %s", r.reason, r.detail);
  buf_clear(&payload);
  const struct forged none = INT(0);
  hostile_row(h, &payload, T_PRICE, HONEST, hostile_column(T_PRICE, "price_fen"), &none);
  r = hostile_send(h, HONEST, &payload, NULL);
  assert_int_equal(r.quarantined, 1);
  buf_wipe(&payload);
  hostile_chores(h);
  assert_int_equal(hostile_int(h, "SELECT count(*) FROM price WHERE branch = 330122"), prices + 1);
  assert_int_equal(hostile_int(h, "SELECT count(*) FROM refusal WHERE branch = 330122"), told + 1);
}

static void folds_again(const char *live, const char *copy, const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db;
  struct rebuild_report report;
  must(db_open(&db, live, DB_READ, &err) && db_copy(db, copy, &err), &err, "copying");
  db_close(db);
  must(db_open(&db, copy, DB_WRITE, &err) && db_exec(db, sql, &err), &err, "forgetting");
  db_close(db);
  must(rebuild_tables(copy, live, &report, &err), &err, "rebuilding");
  assert_int_equal(report.missing + report.extra, 0);
}

/* The fold is the tables; and made anew, with what was decided and without, it comes out the same. */
void hostile_verifies(struct hostile *h)
{
  struct verify_report report = {0};
  struct err err = ERR_INIT;
  char live[DATA_PATH_MAX], copy[DATA_PATH_MAX];
  must(store_sign_head(h->hub.app.store, clock_wall_ms(), &err), &err, "signing");
  data_dir_path(&h->hub.app.dir, "store.db", live);
  data_dir_path(&h->hub.app.dir, "again.db", copy);
  must(store_verify(live, &report, &err), &err, "verifying");
  if (report.faults) fail_msg("%.*s", (int)report.text.size, (const char *)report.text.data);
  buf_wipe(&report.text);
  folds_again(live, copy, "SELECT 1");
  remove(copy);
}
