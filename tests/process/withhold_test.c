/* withhold_test.c - a record is withheld by law on real programs: asked for and decided over HTTP while its
 * branch is away, gone from the files on both sides, proved by an auditor's bundle, and still gone after a
 * rebuild. usage: withhold_test SUNLIT_VERIFY */
#include "core/base/clock.h"
#include "tests/process/ask.h"
#include "tests/process/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BRANCH = 330127 };

static const char PERSON[] = "Zhang-San-13800138000";
static struct rig rig;
static struct program hub, node;
static char admin[160], curator[160], officer[160];
static struct http_answer answer;

static void send_json(int port, const char *cookie, const char *path, const char *body)
{
  static int n;
  char key[32];
  snprintf(key, sizeof key, "withhold-%06d", ++n);
  const struct http_call call = {
      .port = port, .method = "POST", .path = path, .cookie = cookie, .key = key, .body = body};
  if (!http_do(&call, &answer)) rig_fail("no answer to %s", path);
}

static void post(int port, const char *cookie, const char *path, const char *body, int status)
{
  send_json(port, cookie, path, body);
  if (answer.status != status) rig_fail("%s: %d %s", path, answer.status, answer.body);
}

/* A second person at the province, whose password nobody who decides has set: the machine's keeper did. */
static void make_curator(void)
{
  char one_time[64] = "", body[200], out[400];
  post(hub.http_port, admin, "/api/v1/accounts", "{\"name\":\"curator\",\"role\":\"curator\"}", 201);
  const char *const argv[] = {rig_program(true), "account", "--dir",   ask_path(&rig, "hub"),
                              "--reset",         "--name",  "curator", NULL};
  if (rig_run(out, sizeof out, argv) != 0) rig_fail("account --reset: %s", out);
  const char *said = strstr(out, "one-time password: ");
  if (!said || sscanf(said, "one-time password: %63s", one_time) != 1) rig_fail("account --reset: %s", out);
  ask_wait(&rig, "hub", "SELECT count(*) FROM security_event WHERE kind = 'account_reset'", 1);
  snprintf(body, sizeof body, "{\"name\":\"curator\",\"password\":\"%s\"}", one_time);
  send_json(hub.http_port, NULL, "/api/v1/login", body);
  snprintf(curator, sizeof curator, "%s", answer.cookie);
  snprintf(body, sizeof body, "{\"old\":\"%s\",\"new\":\"a password for tests\"}", one_time);
  send_json(hub.http_port, curator, "/api/v1/password", body);
  if (answer.cookie[0]) snprintf(curator, sizeof curator, "%s", answer.cookie);
}

static void price(int fen, const char *note)
{
  char body[300], today[11];
  date_format(today, date_of_ms(clock_wall_ms()));
  snprintf(body, sizeof body,
           "{\"product\":%lld,\"price_fen\":%d,\"source\":\"market\",\"date\":\"%s\",\"note\":\"%s\","
           "\"confirm_repeat\":true}",
           (long long)ask_number(&rig, "node", "SELECT min(id) FROM product"), fen, today, note);
  post(node.http_port, officer, "/api/v1/prices", body, 201);
}

static void set_up(void)
{
  char hub_password[24];
  rig_open(&rig, NULL);
  rig_init(&rig);
  memcpy(hub_password, rig.password, sizeof hub_password);
  rig_start_hub(&rig, &hub);
  rig_enroll(&rig, "node", BRANCH);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  http_first_login(node.http_port, rig.password, officer, sizeof officer);
  http_first_login(hub.http_port, hub_password, admin, sizeof admin);
  make_curator();
  ask_wait(&rig, "node", "SELECT count(*) FROM product",
           ask_number(&rig, "hub", "SELECT count(*) FROM product"));
  price(1000, "good");
  price(1100, PERSON);
  price(1200, "good");
  ask_wait(&rig, "hub", "SELECT count(*) FROM price", 3);
}

static bool file_has(const char *name, const char *tail)
{
  static char bytes[64 << 20];
  char path[RIG_PATH_MAX], file[64];
  snprintf(file, sizeof file, "%s/store.db%s", name, tail);
  FILE *f = fopen(rig_path(&rig, file, path), "rb");
  if (!f) return false;
  size_t n = fread(bytes, 1, sizeof bytes, f);
  fclose(f);
  return memmem(bytes, n, PERSON, strlen(PERSON)) != NULL;
}

/* While the program runs: within some seconds no file of the directory has the bytes. */
static void bytes_gone(const char *name)
{
  for (int i = 0; i < 100; i++) {
    if (!file_has(name, "") && !file_has(name, "-wal")) return;
    rig_sleep_ms(200);
  }
  rig_fail("%s: the bytes of what was withheld are still in its files", name);
}

static long long withhold(void)
{
  char path[100], body[80];
  ask_wait(&rig, "hub", "SELECT count(*) FROM audit WHERE action = 'price.add'", 3);
  long long pos = ask_number(
      &rig, "hub", "SELECT pos FROM audit WHERE action = 'price.add' ORDER BY pos LIMIT 1 OFFSET 1");
  snprintf(path, sizeof path, "/api/v1/audit/%lld/withholding", pos);
  post(hub.http_port, curator, path, "{\"rule\":\"pipl_47\",\"reason\":\"asked for by the person\"}", 201);
  snprintf(path, sizeof path, "/api/v1/audit/%lld/withholding/carry-out", pos);
  snprintf(body, sizeof body, "{\"request\":%lld,\"with\":[]}",
           (long long)ask_number(&rig, "hub", "SELECT max(id) FROM withhold_request"));
  post(hub.http_port, curator, path, body, 403);
  post(hub.http_port, admin, path, body, 201);
  return pos;
}

static void gone_on(const char *name)
{
  ask_wait(&rig, name, "SELECT count(*) FROM price", 2);
  ask_expect(ask_number(&rig, name, "SELECT count(*) FROM sync_entry WHERE payload IS NULL"), 1,
             "payloads that are gone");
  bytes_gone(name);
}

static void an_auditor_reads_why(const char *verify, long long pos)
{
  char out[4096], number[24], bundle[RIG_PATH_MAX];
  snprintf(number, sizeof number, "%lld", pos);
  rig_path(&rig, "bundle.tar", bundle);
  ask_expect(
      ask_run(true, "evidence", "--dir", ask_path(&rig, "hub"), "--pos", number, "--out", bundle, NULL), 0,
      "a bundle of it");
  const char *const argv[] = {verify, bundle, NULL};
  ask_expect(rig_run(out, sizeof out, argv), 0, "the bundle verifies");
  if (!strstr(out, "payload withheld by law under pipl_47") || !strstr(out, "by admin, asked for by curator"))
    rig_fail("sunlit-verify does not say who withheld it: %s", out);
  if (strstr(out, "proved: record, payload") || !strstr(out, "proved: payload of 1 of them"))
    rig_fail("what was withheld is called proved: %s", out);
}

int main(int argc, char **argv)
{
  if (argc != 2) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  set_up();
  rig_stop(&node);
  if (!file_has("hub", "") && !file_has("hub", "-wal")) rig_fail("the bytes are not there to begin with");
  long long pos = withhold();
  gone_on("hub");
  printf("withheld at the province, its branch being away\n");
  rig_start_node(&rig, &node, "node", hub.sync_port);
  gone_on("node");
  price(1300, "and life goes on");
  ask_wait(&rig, "hub", "SELECT count(*) FROM price", 3);
  rig_sleep_ms(1500); /* the log is signed */
  an_auditor_reads_why(argv[1], pos);
  rig_stop(&node);
  rig_stop(&hub);
  rig_verify(&rig, true, "hub");
  rig_verify(&rig, false, "node");
  printf("withheld at the branch, proved to an auditor, both sides verify\n");
  ask_expect(ask_run(true, "rebuild", "--dir", ask_path(&rig, "hub"), NULL), 0, "rebuild");
  ask_expect(ask_run(false, "rebuild", "--dir", ask_path(&rig, "node"), NULL), 0, "rebuild");
  ask_expect(ask_number(&rig, "hub", "SELECT count(*) FROM sync_entry WHERE payload IS NULL"), 1,
             "at the hub");
  ask_expect(ask_number(&rig, "node", "SELECT count(*) FROM price"), 3, "at the branch");
  rig_verify(&rig, true, "hub");
  rig_verify(&rig, false, "node");
  printf("rebuilt, and still withheld\n");
  rig_close(&rig);
  return 0;
}
