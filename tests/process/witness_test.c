/* witness_test.c - two provinces and a branch, real programs, over HTTPS: the branch is an outside witness of
 * the other province's log and of its own province's; sizes are followed, cosignatures arrive and verify, a
 * killed witness has forgotten nothing it said, and a silent one holds nothing up.
 * usage: witness_test SUNLIT_VERIFY */
#include "core/base/clock.h"
#include "core/base/db.h"
#include "tests/process/http.h"
#include "tests/process/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BRANCH = 330127, WAIT_MS = 30000, KILLS = 12 };

static struct rig rig;
static struct program hub, node, north = {.name = "north"};
static const char *verify_program;
static char passwords[3][24]; /* of hub, north, node */

static void write_file(const char *name, const char *text)
{
  char path[RIG_PATH_MAX];
  FILE *out = fopen(rig_path(&rig, name, path), "we");
  if (!out || fputs(text, out) < 0 || fclose(out) != 0) rig_fail("cannot write %s", path);
}

static int64_t number(const char *name, const char *sql)
{
  char file[64], path[RIG_PATH_MAX];
  struct err err = ERR_INIT;
  struct db *db = NULL;
  int64_t n = 0;
  snprintf(file, sizeof file, "%s/store.db", name);
  if (!db_open(&db, rig_path(&rig, file, path), DB_READ, &err) || !db_int(db, sql, 0, &n, &err))
    rig_fail("%s: %s", name, err.text);
  db_close(db);
  return n;
}

static void wait_true(const char *name, const char *sql, const char *what)
{
  for (int64_t begun = rig_now_us(); number(name, sql) == 0; rig_sleep_ms(20))
    if (rig_now_us() - begun > WAIT_MS * 1000LL) rig_fail("%s: %s", name, what);
}

static void run(char *out, int room, const char *const *argv)
{
  if (rig_run(out, room, argv) != 0) rig_fail("%s %s: %s", argv[0], argv[1], out);
}

/* The first line of the command's output that begins with the word, without its newline. */
static void line_of(bool of_hub, const char *command, const char *name, const char *word, char out[400])
{
  char dir[RIG_PATH_MAX], text[8192];
  const char *const argv[] = {rig_program(of_hub), command, "--dir", rig_path(&rig, name, dir), NULL};
  run(text, sizeof text, argv);
  char *at = strstr(text, word);
  if (!at) rig_fail("no %s in what %s printed: %s", word, command, text);
  at[strcspn(at, "\n")] = 0;
  snprintf(out, 400, "%.399s", at);
}

static void set_up(void)
{
  char dir[RIG_PATH_MAX], out[2048], log_a[400], log_b[400], witness[400], ca[RIG_PATH_MAX], text[3000];
  rig_init(&rig);
  snprintf(passwords[0], sizeof passwords[0], "%s", rig.password);
  rig_start_hub(&rig, &hub);
  rig_enroll(&rig, "node", BRANCH);
  snprintf(passwords[2], sizeof passwords[2], "%s", rig.password);
  rig_stop(&hub);
  const char *const init[] = {rig_program(true), "init", "--dir", rig_path(&rig, "north", dir),
                              "--province",      "32",   NULL};
  run(out, sizeof out, init);
  snprintf(passwords[1], sizeof passwords[1], "%.19s", strstr(out, "password: ") + strlen("password: "));
  line_of(true, "policy", "hub", "log ", log_a);
  line_of(true, "policy", "north", "log ", log_b);
  line_of(false, "witness", "node", "witness ", witness);
  snprintf(text, sizeof text, "%s\n%s\nquorum none\n", log_a, log_b);
  write_file("node/policy", text);
  write_file("node/sunlit.conf", "[witness]\nserve = 1\n[node]\nhello_s = 2\n");
  rig_start_hub(&rig, &hub);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  rig_stop(&hub);
  const char *const names[] = {"hub", "north"};
  for (int i = 0; i < 2; i++) {
    char file[40], conf[800];
    snprintf(text, sizeof text, "%s\n%s https://localhost:%d/witness\nquorum %d\n", i ? log_b : log_a,
             witness, node.https_port, BRANCH);
    snprintf(file, sizeof file, "%s/policy", names[i]);
    write_file(file, text);
    /* The northern one has no branch that could call. */
    snprintf(conf, sizeof conf, "[hub]\n%soutside_s = 1\noutside_authorities = %s\n",
             i ? "hearing_s = 1\n" : "", rig_path(&rig, "hub/keys/ca.crt", ca));
    snprintf(file, sizeof file, "%s/sunlit.conf", names[i]);
    write_file(file, conf);
  }
}

static const char witnessed[] =
    "SELECT (SELECT size FROM sync_witnessed) = (SELECT max(size) FROM sync_checkpoint) AND"
    " (SELECT count(*) FROM sync_cosignature WHERE outside = 1"
    " AND size = (SELECT max(size) FROM sync_checkpoint)) = 1";

/* sunlit-verify over the served log, with the policy that its hub has. */
static void verify_served(const struct program *of, const char *name)
{
  char url[100], policy[RIG_PATH_MAX], file[40], out[8192], dir[RIG_PATH_MAX], token[RIG_PATH_MAX];
  snprintf(url, sizeof url, "http://127.0.0.1:%d/log", of->http_port);
  snprintf(file, sizeof file, "%s/policy", name);
  const char *const ask[] = {rig_program(true), "log-token", "--dir", rig_path(&rig, name, dir),
                             "--for",           "auditor",   NULL};
  run(out, sizeof out, ask);
  write_file("token", out);
  const char *const argv[] = {verify_program, "--policy", rig_path(&rig, file, policy), url, NULL};
  if (rig_run(out, sizeof out, argv) != 1) rig_fail("anybody reads the entries: %s", out);
  const char *const with[] = {
      verify_program, "--token", rig_path(&rig, "token", token), "--policy", policy, url, NULL};
  run(out, sizeof out, with);
  if (!strstr(out, ": 1 of the 1")) rig_fail("sunlit-verify says: %s", out);
}

/* sunlit-verify with what it says on both its outputs. */
static int verify_says(char *out, int room, const char *url, const char *ca)
{
  static const char script[] = "exec \"$0\" \"$@\" 2>&1";
  const char *const with[] = {"/bin/sh", "-c", script, verify_program, "--ca", ca, url, NULL};
  const char *const without[] = {"/bin/sh", "-c", script, verify_program, url, NULL};
  return rig_run(out, room, ca ? with : without);
}

static void must_say(int code, const char *words, const char *url, const char *ca)
{
  static char out[8192];
  int got = verify_says(out, sizeof out, url, ca);
  if (got != code || !strstr(out, words))
    rig_fail("sunlit-verify of %s with %s exits %d and says: %s", url, ca ? ca : "no --ca", got, out);
}

/* An auditor's machine does not know the province's authority: it is told so and where to have it, and with
 * what the hub hands out it goes on to what it has no token for. */
static void the_log_is_read_with_the_authority_that_its_hub_hands_out(void)
{
  char url[100], from[100], out[400], fetched[RIG_PATH_MAX], kept[RIG_PATH_MAX], other[RIG_PATH_MAX];
  static const char further[] = "the entries of the log are read with a token";
  snprintf(url, sizeof url, "https://localhost:%d/log", hub.https_port);
  snprintf(from, sizeof from, "http://127.0.0.1:%d/ca.crt", hub.http_port);
  const char *const fetch[] = {
      "/usr/bin/env", "curl", "-fsS", "--max-time", "20", "-o", rig_path(&rig, "ca.fetched", fetched),
      from,           NULL};
  run(out, sizeof out, fetch);
  must_say(1, "does not know who made its certificate", url, NULL);
  must_say(1, "--ca FILE (its hub has it under /ca.crt", url, NULL);
  must_say(1, further, url, fetched);
  must_say(1, further, url, rig_path(&rig, "hub/keys/ca.crt", kept));
  must_say(1, "does not know who made its certificate", url, rig_path(&rig, "north/keys/ca.crt", other));
  must_say(1, "is no certificate", url, rig_path(&rig, "hub/policy", other));
  printf("the log is read over TLS with the authority its hub hands out\n");
}

/* One entry of the branch as a file, by its number and by a row, checked with the log's key alone. */
static void an_entry_is_proved_by_a_file(void)
{
  char dir[RIG_PATH_MAX], file[RIG_PATH_MAX], log[400], out[4096], cookie[160];
  http_first_login(node.http_port, passwords[2], cookie, sizeof cookie); /* is an entry */
  wait_true("node", "SELECT coalesce(max(seq), 0) FROM sync_receipt", "nothing is proved to be received");
  line_of(true, "policy", "hub", "log ", log);
  const char *const ask[] = {rig_program(false),
                             "proof",
                             "--dir",
                             rig_path(&rig, "node", dir),
                             "--seq",
                             "1",
                             "--out",
                             rig_path(&rig, "proof", file),
                             NULL};
  run(out, sizeof out, ask);
  if (rig_run(out, sizeof out, ask) != 1) rig_fail("a proof is written over another");
  const char *const check[] = {verify_program, "--log", log + 4, file, NULL};
  run(out, sizeof out, check);
  if (!strstr(out, "proved: the entry is number") || !strstr(out, "entry 1 of author 330127"))
    rig_fail("sunlit-verify says: %s", out);
  const char *const wrong[] = {verify_program, "--log", log + 4, "--leaf", file, file, NULL};
  if (rig_run(out, sizeof out, wrong) != 1) rig_fail("another leaf verifies: %s", out);
  printf("an entry is proved by a file\n");
}

/* Yesterday's notes, made today by moving the clock of the lines: as archived, as served, as verified. */
static void the_archive_is_served_and_verified(void)
{
  static struct http_answer answer;
  char path[RIG_PATH_MAX], policy[RIG_PATH_MAX], out[8192], url[80];
  struct err err = ERR_INIT;
  struct db *db = NULL;
  rig_stop(&north);
  if (!db_open(&db, rig_path(&rig, "north/store.db", path), DB_WRITE, &err) ||
      !db_exec(db, "UPDATE sync_cosignature SET heard_ms = heard_ms - 86400000", &err))
    rig_fail("%s", err.text);
  db_close(db);
  rig_start_hub(&rig, &north);
  wait_true("north", "SELECT count(*) FROM sync_archive", "yesterday is not archived");
  int day = date_add_days(date_of_ms(clock_wall_ms()), -1);
  struct http_call call = {.port = north.http_port, .method = "GET", .path = "/log/witnessed"};
  if (!http_do(&call, &answer) || atoi(answer.body) != day) rig_fail("the list of days is: %s", answer.body);
  snprintf(url, sizeof url, "/log/witnessed/%d/0", day);
  call.path = url;
  if (!http_do(&call, &answer) || answer.status != 200) rig_fail("note 0 is answered %d", answer.status);
  write_file("note", answer.body);
  const char *const argv[] = {verify_program, "--policy", rig_path(&rig, "north/policy", policy),
                              rig_path(&rig, "note", path), NULL};
  run(out, sizeof out, argv);
  if (!strstr(out, "1 witnesses have cosigned") || !strstr(out, "quorum has witnessed the log up to"))
    rig_fail("sunlit-verify says: %s", out);
  strchr(answer.body, '\n')[1] ^= 1; /* another size */
  write_file("note", answer.body);
  if (rig_run(out, sizeof out, argv) != 1) rig_fail("a changed note verifies: %s", out);
  snprintf(url, sizeof url, "/log/witnessed/%d/1", day);
  if (!http_do(&call, &answer) || answer.status != 404) rig_fail("note 1 is answered %d", answer.status);
  printf("a day's cosignatures are archived, served and verified\n");
}

/* A change of the catalogue is an entry of the hub's own. */
static void grow(const struct program *of)
{
  static struct http_answer answer;
  static char cookies[2][160];
  char *cookie = cookies[of == &north], path[60], body[100];
  const char *name = of->name;
  if (!cookie[0]) http_first_login(of->http_port, passwords[of == &north], cookie, sizeof cookies[0]);
  long long rev = (long long)number(name, "SELECT rev FROM product ORDER BY id LIMIT 1");
  snprintf(path, sizeof path, "/api/v1/products/%lld",
           (long long)number(name, "SELECT min(id) FROM product"));
  snprintf(body, sizeof body, "{\"rev\":%lld,\"storage_note_zh\":\"%lld\"}", rev, rev);
  const struct http_call call = {
      .port = of->http_port, .method = "PATCH", .path = path, .cookie = cookie, .body = body};
  if (!http_do(&call, &answer) || answer.status != 200)
    rig_fail("no change: %d %s", answer.status, answer.body);
}

static void both_logs_are_cosigned_over_https(void)
{
  rig_start_hub(&rig, &north);
  wait_true("north", witnessed, "the foreign log is not witnessed");
  verify_served(&north, "north");
  if (number("node", "SELECT count(*) FROM sync_witness WHERE origin = '320000.sunlit/log'") != 1)
    rig_fail("the node holds nothing of the foreign log");
  /* Its own province comes by the line and by this door: one memory, so the hub is told another size than it
   * thought, and goes on from there. */
  rig_start_hub(&rig, &hub);
  wait_true("hub", "SELECT count(*) FROM sync_cosigner WHERE name = '330127.sunlit/witness'",
            "the province's log is not cosigned");
  grow(&hub);
  wait_true("hub", witnessed, "the province's log is not witnessed");
  printf("two logs are cosigned by one branch, over HTTPS\n");
}

static void what_is_asked_wrongly_is_refused(void)
{
  static struct http_answer answer;
  struct http_call call = {.port = node.http_port, .method = "POST", .path = "/witness/add-checkpoint"};
  static const struct {
    const char *body;
    int status;
  } wrong[] = {
      {"", 400},
      {"old 5\n\nnobody/log\n5\nT62vZSML5iJ8ANplXqCI8QOKOzRDNQs+bPcGLy4Dljo=\n\n\xe2\x80\x94 a AAAA\n", 404},
      {"old 0\n\n320000.sunlit/log\n5\nT62vZSML5iJ8ANplXqCI8QOKOzRDNQs+bPcGLy4Dljo=\n\n\xe2\x80\x94 a AAAA\n",
       403}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    call.body = wrong[i].body;
    if (!http_do(&call, &answer) || answer.status != wrong[i].status)
      rig_fail("question %zu is answered %d: %s", i, answer.status, answer.body);
  }
  call.port = hub.http_port; /* a hub is no witness */
  if (!http_do(&call, &answer) || answer.status != 405) {
    if (answer.status != 404) rig_fail("the hub answers %d", answer.status);
  }
}

/* What a log has as cosigned, its witness holds at least: durable before it is said. */
static void a_killed_witness_has_forgotten_nothing(void)
{
  for (int i = 0; i < KILLS; i++) {
    grow(&north);
    rig_sleep_ms(137 * (i % 8));
    rig_kill(&node);
    int64_t said = number("north", "SELECT max(size) FROM sync_cosigner");
    int64_t held = number("node", "SELECT size FROM sync_witness WHERE origin = '320000.sunlit/log'");
    if (said > held) rig_fail("the witness said %lld and holds %lld", (long long)said, (long long)held);
    rig_start_node(&rig, &node, "node", hub.sync_port);
  }
  wait_true("north", witnessed, "it goes on after the kills");
  rig_verify(&rig, false, "node");
  printf("%d kills, nothing it cosigned is forgotten\n", KILLS);
}

static void a_silent_witness_is_seen_and_holds_nothing_up(void)
{
  static struct http_answer answer;
  const struct http_call status = {.port = north.http_port, .method = "GET", .path = "/metrics"};
  rig_stop(&node);
  int64_t before = number("north", "SELECT max(size) FROM sync_checkpoint");
  grow(&north);
  for (int64_t begun = rig_now_us();; rig_sleep_ms(500)) {
    if (!http_do(&status, &answer)) rig_fail("no metrics");
    if (strstr(answer.body, "\nsunlit_outside_failing 1\n")) break;
    if (rig_now_us() - begun > WAIT_MS * 1000LL) rig_fail("a silent witness is not seen: %s", answer.body);
  }
  if (number("north", "SELECT max(size) FROM sync_checkpoint") <= before) rig_fail("publishing waited");
  if (strstr(answer.body, "\nsunlit_log_unwitnessed_seconds 0\n")) rig_fail("nothing waits to be witnessed");
  rig_start_node(&rig, &node, "node", hub.sync_port);
  wait_true("north", witnessed, "it cosigns again when it is back");
  printf("a silent witness is seen, and nothing waits for it\n");
}

int main(int argc, char **argv)
{
  if (argc != 2) return 2;
  verify_program = argv[1];
  setvbuf(stdout, NULL, _IOLBF, 0);
  rig_open(&rig, NULL);
  set_up();
  both_logs_are_cosigned_over_https();
  what_is_asked_wrongly_is_refused();
  the_log_is_read_with_the_authority_that_its_hub_hands_out();
  a_killed_witness_has_forgotten_nothing();
  an_entry_is_proved_by_a_file();
  a_silent_witness_is_seen_and_holds_nothing_up();
  the_archive_is_served_and_verified();
  rig_stop(&node);
  rig_stop(&hub);
  rig_stop(&north);
  rig_close(&rig);
  return 0;
}
