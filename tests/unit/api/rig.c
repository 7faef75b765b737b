#include "rig.h"

#include "core/base/clock.h"
#include "core/domain/account.h"
#include "core/domain/describe.h"
#include "core/domain/seed.h"
#include "openapi.h"
#include "site/site.h"
#include "sync/apply.h"
#include "sync/store_keys.h"
#include "sync/streams.h"
#include "webui/pages.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <minizip/zip.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* libxlsxwriter 1.1.4 loses the formula of a list to choose from, 20 bytes a template. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
  return "leak:lxw_strdup\n";
}

/* The rig serves no pages, so it needs none to be built. */
__attribute__((weak)) const struct web_asset pages_assets[1] = {{.path = "/none"}};
__attribute__((weak)) const size_t pages_asset_count = 0;

/* -- sites -- */

static void must(bool ok, const struct err *err)
{
  if (!ok) fail_msg("%s %s: %s", err_kind_name(err->kind), err->rule, err->text);
}

void rig_site(struct app *app, enum app_kind kind, uint32_t code, app_migration more)
{
  char path[] = "/tmp/sunlit-api-XXXXXX", keys[64];
  struct err err = ERR_INIT;
  struct data_dir dir;
  struct identity identity = {.code = code, .province = PROVINCE_CODE, .epoch = 1};
  snprintf(identity.name, sizeof identity.name, "%s", kind == APP_HUB ? "浙江省中心" : "淳安县");
  snprintf(identity.hub, sizeof identity.hub, "127.0.0.1:20499");
  assert_non_null(mkdtemp(path));
  must(crypto_start(&err) && data_dir_open(&dir, path, DATA_DIR_CREATE, &err), &err);
  snprintf(keys, sizeof keys, "%s/keys", path);
  mkdir(keys, 0700);
  must(identity_key(&dir, "keys", identity.secret, &err) && identity_write(&dir, "keys", &identity, &err),
       &err);
  struct store *store = NULL; /* as setting up does */
  must(app_migrate(&dir, more, &err) && app_store_open(&store, &dir, &identity, &err), &err);
  store_close(store);
  data_dir_close(&dir);
  must(app_open(app, kind, path, more, &err), &err);
  store_listen(app->store, false);
}

static int remove_one(const char *path, const struct stat *stat, int flag, struct FTW *ftw)
{
  (void)stat;
  (void)flag;
  (void)ftw;
  return remove(path);
}

void rig_site_close(struct app *app)
{
  char path[sizeof app->dir.path];
  snprintf(path, sizeof path, "%s", app->dir.path);
  app_close(app);
  nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static bool peer(void *app, const char *source, char out[WEB_PEER_SIZE], bool *secure)
{
  (void)app;
  (void)source;
  snprintf(out, WEB_PEER_SIZE, "192.0.2.7");
  *secure = false;
  return true;
}

/* How many requests were let in: their bodies may still be on their way. */
static atomic_uint admitted;

static bool before(struct web_request *request, void *app)
{
  bool ok = site_before(request, app);
  if (ok) atomic_fetch_add(&admitted, 1);
  return ok;
}

void rig_open(struct rig *rig, struct app *app, const struct web_route *own, size_t own_count)
{
  struct err err = ERR_INIT;
  struct web_config config = {.peer = peer, .before = before, .still = site_still, .app = app, .threads = 8};
  *rig = (struct rig){.app = app, .api = openapi_load()};
  must(site_open(app, &err), &err);
  config.routes = rig->routes = site_table(own, own_count, &config.route_count, &err);
  must(web_open(&rig->web, &config, &err), &err);
  rig->port = web_port(rig->web);
}

void rig_close(struct rig *rig)
{
  web_close(rig->web);
  site_close(rig->app);
  free(rig->routes);
  json_decref(rig->api);
}

/* -- what stands in the stores -- */

static bool seed_work(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return seed_divisions(tx, err);
}

static bool import_work(struct tx *tx, void *ctx, struct err *err)
{
  return catalogue_import_write(tx, ctx, err);
}

void rig_seed(struct app *hub)
{
  struct err err = ERR_INIT;
  struct act act = {.actor = "system", .role = "system", .action = ACTION_SEED, .now_ms = clock_wall_ms()};
  struct catalogue_import *import = NULL;
  struct db *db;
  must(store_commit(hub->store, &act, seed_work, NULL, NULL, &err), &err);
  must(readers_take(hub->readers, &db, &err) && seed_open(&import, db, &err), &err);
  readers_give(hub->readers, db);
  must(store_commit(hub->store, &act, import_work, import, NULL, &err), &err);
  catalogue_import_close(import);
}

static void introduce(struct app *from, struct app *to)
{
  struct err err = ERR_INIT;
  struct key key = {.author = from->code, .epoch = 1, .since_ms = 1};
  memcpy(key.public_key, from->identity.secret + 32, sizeof key.public_key);
  must(store_key_add(to->store, &key, &err), &err);
}

/* One stream from one end to the other, batch by batch. */
static uint64_t carry(struct app *from, struct app *to, struct stream stream)
{
  struct err err = ERR_INIT;
  struct head head;
  struct db *there = NULL, *here = NULL;
  struct buf bytes = BUF_INIT;
  struct batch *batch = NULL;
  struct apply_result result;
  struct batch_head about = {.count = 1};
  must(readers_take(from->readers, &here, &err) && readers_take(to->readers, &there, &err), &err);
  must(stream_head(there, stream, &head, &err), &err);
  while (about.count) {
    buf_clear(&bytes);
    about.count = 0;
    must(store_batch_read(here, stream, head.seq, NULL, &about, &bytes, &err), &err);
    if (!about.count) break;
    must(batch_accept(&batch, there, bytes.data, bytes.size, &err), &err);
    must(store_apply(to->store, &batch, 1, clock_wall_ms(), &result, &err), &err);
    assert_int_equal(result.outcome, OUTCOME_TAKEN);
    head.seq = result.through_seq;
    batch_close(batch);
  }
  readers_give(from->readers, here);
  readers_give(to->readers, there);
  buf_wipe(&bytes);
  return head.seq;
}

void rig_carry(struct app *hub, struct app *node)
{
  struct err err = ERR_INIT;
  struct stream up = {node->code, 0};
  introduce(hub, node);
  introduce(node, hub);
  must(store_sign_head(hub->store, clock_wall_ms(), &err) &&
           store_sign_head(node->store, clock_wall_ms(), &err),
       &err);
  carry(hub, node, (struct stream){hub->code, 0});
  carry(hub, node, (struct stream){hub->code, node->code});
  uint64_t seq = carry(node, hub, up);
  if (seq) must(store_receipt(node->store, up, seq, clock_wall_ms(), &err), &err);
}

struct made {
  const char *name, *role;
  char hash[PASSWORD_HASH_SIZE];
  bool one_time;
  enum site site;
};

static bool account_work(struct tx *tx, void *ctx, struct err *err)
{
  const struct made *made = ctx;
  return account_add(tx, made->site, made->name, made->role, made->hash, err) &&
         account_set_password(tx, made->name, made->hash, made->one_time, NULL, err);
}

void rig_account(struct app *app, const char *name, const char *role, const char *password)
{
  struct err err = ERR_INIT;
  struct made made = {.name = name,
                      .role = role,
                      .one_time = !*password,
                      .site = app->kind == APP_HUB ? SITE_HUB : SITE_NODE};
  must(password_hash(made.hash, *password ? password : "one-time-password", &err), &err);
  must(store_local(app->store, clock_wall_ms(), account_work, &made, &err), &err);
}

int64_t rig_count(struct app *app, const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db;
  int64_t n = 0;
  must(readers_take(app->readers, &db, &err) && db_int(db, sql, 0, &n, &err), &err);
  readers_give(app->readers, db);
  return n;
}

static char account_body[300];

const char *rig_account_change(struct app *app, const char *name, const char *more)
{
  struct err err = ERR_INIT;
  struct db *db;
  must(readers_take(app->readers, &db, &err), &err);
  struct query q = query_open(db, "SELECT role, disabled FROM account WHERE name = ?1", &err);
  query_text(&q, 1, name);
  must(query_row(&q), &err);
  (void)snprintf(account_body, sizeof account_body, "{%s,\"seen\":{\"role\":\"%s\",\"disabled\":%s}}", more,
                 column_text(&q, 0), column_int(&q, 1) ? "true" : "false");
  must(query_close(&q), &err);
  readers_give(app->readers, db);
  return account_body;
}

const char *rig_account_reset(struct app *app, const char *name)
{
  char sql[160];
  snprintf(sql, sizeof sql, "SELECT password_ms FROM account WHERE name = '%s'", name);
  snprintf(account_body, sizeof account_body, "{\"password_ms\":%lld}", (long long)rig_count(app, sql));
  return account_body;
}

int64_t rig_product(struct app *app, const char *name)
{
  struct err err = ERR_INIT;
  struct db *db;
  int64_t id = 0;
  must(readers_take(app->readers, &db, &err), &err);
  struct query q = query_open(db, "SELECT id FROM product WHERE name_zh = ?1 LIMIT 1", &err);
  query_text(&q, 1, name);
  if (query_row(&q)) id = column_int(&q, 0);
  must(query_close(&q), &err);
  readers_give(app->readers, db);
  assert_true(id > 0);
  return id;
}

/* -- HTTP, one request a connection -- */

static int dial(uint16_t port)
{
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct timeval patience = {.tv_sec = 20};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
  return fd;
}

/* A server that refuses a long body answers without reading it all: what cannot be sent is not an error. */
static void push(int fd, const void *p, size_t n)
{
  const char *at = p;
  while (n) {
    ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue; /* a fuzzer's alarm */
    if (sent <= 0) return;
    at += sent;
    n -= (size_t)sent;
  }
}

static void split(struct reply *reply, struct buf *raw)
{
  put_u8(raw, 0);
  raw->size--;
  char *text = (char *)raw->data, *end = strstr(text, "\r\n\r\n");
  assert_non_null(end);
  assert_int_equal(sscanf(text, "HTTP/1.1 %d", &reply->status), 1);
  snprintf(reply->head, sizeof reply->head, "%.*s", (int)(end - text), text);
  reply->size = raw->size - (size_t)(end + 4 - text);
  reply->body = malloc(reply->size + 1);
  assert_non_null(reply->body);
  memcpy(reply->body, end + 4, reply->size);
  reply->body[reply->size] = 0;
}

/* Text and bytes are of the kind the description has. */
static void check_type(struct rig *rig, const char *method, const char *path, const struct reply *reply)
{
  char type[100] = "";
  const char *line = strcasestr(reply->head, "\r\nContent-Type:");
  const json_t *operation = openapi_operation(rig->api, method, path, NULL);
  if (!operation || reply->size == 0) return;
  if (line) (void)sscanf(line + strlen("\r\nContent-Type:"), " %99[^; \r\n]", type);
  if (!json_object_get(openapi_content(rig->api, operation, reply->status), type))
    fail_msg("%s %s %d: '%s' is not described", method, path, reply->status, type);
}

/* The answer as the description has it. */
static void check_shape(struct rig *rig, const char *method, const char *path, struct reply *reply)
{
  struct buf why = BUF_INIT;
  check_type(rig, method, path, reply);
  if (strcmp(method, "HEAD") == 0) return; /* the head of an answer, without it */
  if (!strstr(reply->head, "application/json") || strstr(reply->head, "Content-Encoding: gzip")) return;
  struct err err = ERR_INIT;
  reply->json = json_parse((const char *)reply->body, reply->size, &err);
  must(reply->json != NULL, &err);
  const json_t *operation = openapi_operation(rig->api, method, path, NULL);
  if (!operation) {
    assert_true(reply->status >= 400);
    return;
  }
  const json_t *schema = openapi_answer(rig->api, operation, reply->status);
  if (!schema) fail_msg("%s %s: no JSON is described for %d", method, path, reply->status);
  if (!openapi_fits(rig->api, schema, reply->json, &why))
    fail_msg("%s %s %d: %s in %.600s", method, path, reply->status, (char *)why.data, (char *)reply->body);
}

static void push_head(struct rig *rig, int fd, const struct visitor *who, const char *method,
                      const char *path, const char *headers, size_t size)
{
  char head[2048];
  int n = snprintf(
      head, sizeof head,
      "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n%s%s%s%sContent-Length: %zu\r\n\r\n",
      method, path, rig->port, who && *who->cookie ? "Cookie: " : "", who ? who->cookie : "",
      who && *who->cookie ? "\r\n" : "", headers, size);
  assert_true(n > 0 && (size_t)n < sizeof head);
  push(fd, head, (size_t)n);
}

static struct reply take_reply(struct rig *rig, int fd, const char *method, const char *path)
{
  struct reply reply = {.status = 0};
  struct buf raw = BUF_INIT;
  char block[16384];
  /* A fuzzer's alarm interrupts what has a time to wait. */
  for (ssize_t got; (got = recv(fd, block, sizeof block, 0)) > 0 || (got < 0 && errno == EINTR);)
    if (got > 0) put_bytes(&raw, block, (size_t)got);
  close(fd);
  assert_true(raw.size > 0);
  split(&reply, &raw);
  buf_wipe(&raw);
  check_shape(rig, method, path, &reply);
  return reply;
}

struct reply rig_send(struct rig *rig, const struct visitor *who, const char *method, const char *path,
                      const char *headers, const void *body, size_t size)
{
  int fd = dial(rig->port);
  push_head(rig, fd, who, method, path, headers, size);
  push(fd, body, size);
  return take_reply(rig, fd, method, path);
}

static struct reply send_slowly(struct rig *rig, const struct visitor *who, const char *method,
                                const char *path, const char *headers, const char *body,
                                void (*meanwhile)(void))
{
  size_t size = strlen(body);
  int fd = dial(rig->port);
  unsigned were = atomic_load(&admitted);
  push_head(rig, fd, who, method, path, headers, size);
  push(fd, body, 1);
  while (atomic_load(&admitted) == were)
    sched_yield();
  meanwhile();
  push(fd, body + 1, size - 1);
  return take_reply(rig, fd, method, path);
}

void reply_wipe(struct reply *reply)
{
  json_decref(reply->json);
  free(reply->body);
  memset(reply, 0, sizeof *reply);
}

struct reply rig_get(struct rig *rig, const struct visitor *who, const char *path)
{
  return rig_send(rig, who, "GET", path, "", NULL, 0);
}

static const char *fresh_key(char out[40])
{
  uint8_t random[16];
  crypto_random(random, sizeof random);
  hex_encode(out, random, sizeof random);
  return out;
}

enum { CHANGE_HEADERS_SIZE = 256 };
static const char *change_headers(char out[CHANGE_HEADERS_SIZE], const char *key)
{
  char own[40];
  snprintf(out, CHANGE_HEADERS_SIZE,
           "X-Sunlit: 1\r\nContent-Type: application/json\r\nIdempotency-Key: %s\r\n",
           key ? key : fresh_key(own));
  return out;
}

struct reply rig_change(struct rig *rig, const struct visitor *who, const char *method, const char *path,
                        const char *key, const char *json)
{
  char headers[CHANGE_HEADERS_SIZE];
  return rig_send(rig, who, method, path, change_headers(headers, key), json, strlen(json));
}

struct reply rig_change_slowly(struct rig *rig, const struct visitor *who, const char *method,
                               const char *path, const char *json, void (*meanwhile)(void))
{
  char headers[CHANGE_HEADERS_SIZE];
  return send_slowly(rig, who, method, path, change_headers(headers, NULL), json, meanwhile);
}

struct reply rig_post(struct rig *rig, const struct visitor *who, const char *path, const char *json)
{
  return rig_change(rig, who, "POST", path, NULL, json);
}

struct reply rig_upload(struct rig *rig, const struct visitor *who, const char *path, const char *type,
                        const void *body, size_t size)
{
  char headers[256], own[40];
  snprintf(headers, sizeof headers, "X-Sunlit: 1\r\nContent-Type: %s\r\nIdempotency-Key: %s\r\n", type,
           fresh_key(own));
  return rig_send(rig, who, "POST", path, headers, body, size);
}

void rig_workbook(struct buf *out, const char *sheet)
{
  const char *const files[][2] = {
      {"xl/workbook.xml", "<workbook xmlns:r='r'><sheets><sheet name='价格' r:id='x'/></sheets></workbook>"},
      {"xl/_rels/workbook.xml.rels",
       "<Relationships><Relationship Id='x' Target='worksheets/sheet1.xml'/></Relationships>"},
      {"xl/worksheets/sheet1.xml", sheet}};
  char path[] = "/tmp/sunlit-workbook-XXXXXX", block[4096];
  int fd = mkstemp(path);
  zipFile zip = zipOpen(path, APPEND_STATUS_CREATE);
  for (size_t i = 0; i < 3; i++) {
    zipOpenNewFileInZip(zip, files[i][0], NULL, NULL, 0, NULL, 0, NULL, Z_DEFLATED, 1);
    zipWriteInFileInZip(zip, files[i][1], (unsigned)strlen(files[i][1]));
    zipCloseFileInZip(zip);
  }
  assert_int_equal(zipClose(zip, NULL), ZIP_OK);
  for (ssize_t n; (n = read(fd, block, sizeof block)) > 0;)
    put_bytes(out, block, (size_t)n);
  close(fd);
  unlink(path);
}

struct visitor rig_login(struct rig *rig, const char *name, const char *password)
{
  struct visitor who = {""};
  char body[200];
  snprintf(body, sizeof body, "{\"name\":\"%s\",\"password\":\"%s\"}", name, password);
  struct reply reply = rig_post(rig, NULL, "/api/v1/login", body);
  if (reply.status == 200) {
    const char *set = strstr(reply.head, "Set-Cookie: ");
    assert_non_null(set);
    snprintf(who.cookie, sizeof who.cookie, "%.*s", (int)strcspn(set + 12, ";\r"), set + 12);
  }
  reply_wipe(&reply);
  return who;
}

/* -- looking at replies -- */

const json_t *at(const struct reply *reply, const char *path)
{
  const json_t *value = reply->json;
  const char *from = path;
  char name[64];
  while (*path) {
    size_t n = strcspn(path, ".");
    snprintf(name, sizeof name, "%.*s", (int)n, path);
    value =
        json_is_array(value) ? json_array_get(value, strtoul(name, NULL, 10)) : json_object_get(value, name);
    path += n + (path[n] == '.');
  }
  if (!value) fail_msg("no %s in %d %.800s", from, reply->status, (char *)reply->body);
  return value;
}

int64_t at_int(const struct reply *reply, const char *path)
{
  assert_true(json_is_integer(at(reply, path)));
  return json_integer_value(at(reply, path));
}

const char *at_text(const struct reply *reply, const char *path)
{
  assert_true(json_is_string(at(reply, path)));
  return json_string_value(at(reply, path));
}

void refused_as(struct reply reply, int status, const char *rule)
{
  if (reply.status != status || strcmp(at_text(&reply, "error.rule"), rule) != 0)
    fail_msg("expected %d %s, got %d %.500s", status, rule, reply.status, (char *)reply.body);
  reply_wipe(&reply);
}

void answered(struct reply reply, int status)
{
  if (reply.status != status)
    fail_msg("expected %d, got %d %.500s", status, reply.status, (char *)reply.body);
  reply_wipe(&reply);
}
