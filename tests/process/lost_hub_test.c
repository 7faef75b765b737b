/* lost_hub_test.c - a province whose disk is gone, on real programs: from a backup of its first minutes and
 * what its branches bring, the same root; then the day goes on.  With `away` it ends without one that was
 * enrolled twice and is away, which then brings what was called lost.  usage: lost_hub_test [away] */
#include "core/base/clock.h"
#include "tests/process/ask.h"
#include "tests/process/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One is enrolled after the backup, one is revoked after it, one is revoked and enrolled again. */
enum { COUNTIES = 4, AGAIN = 1, LATE = 2, REVOKED = 3 };
/* What each has of prices: three, the first two more, and one more under a key that an enrolment ended. */
enum { OF_LATE = 3, OF_AGAIN = 4, PRICES = 3 * COUNTIES + 2 + 1 };

static struct rig rig;
static struct program hub, nodes[COUNTIES];
static const char *const names[COUNTIES] = {"n0", "n1", "n2", "n3"};
static const unsigned codes[COUNTIES] = {330127, 330902, 331127, 330522};
static char cookies[COUNTIES][160];

static void enrol(int i)
{
  rig_enroll(&rig, names[i], codes[i]);
  rig_start_node(&rig, &nodes[i], names[i], hub.sync_port);
  http_first_login(nodes[i].http_port, rig.password, cookies[i], sizeof cookies[i]);
  ask_wait(&rig, names[i], "SELECT count(*) > 0 FROM product", 1);
}

static void price(int i, int fen)
{
  static struct http_answer answer;
  char key[32], body[200], today[11];
  date_format(today, date_of_ms(clock_wall_ms()));
  snprintf(key, sizeof key, "price-%d-%06d", i, fen);
  snprintf(body, sizeof body, "{\"product\":%lld,\"price_fen\":%d,\"source\":\"market\",\"date\":\"%s\"}",
           (long long)ask_number(&rig, names[i], "SELECT min(id) FROM product"), fen, today);
  const struct http_call call = {.port = nodes[i].http_port,
                                 .method = "POST",
                                 .path = "/api/v1/prices",
                                 .cookie = cookies[i],
                                 .key = key,
                                 .body = body};
  if (!http_do(&call, &answer)) rig_fail("no answer to a price");
  ask_expect(answer.status, 201, "a price is answered");
}

static void revoke(int i, int64_t events)
{
  char code[8];
  snprintf(code, sizeof code, "%u", codes[i]);
  ask_expect(ask_run(true, "revoke", "--dir", ask_path(&rig, "hub"), "--branch", code, NULL), 0, "revoke");
  ask_wait(&rig, "hub", "SELECT count(*) FROM security_event WHERE kind = 'revoke'", events);
}

static void wrong_password(void)
{
  static struct http_answer answer;
  const struct http_call call = {.port = hub.http_port,
                                 .method = "POST",
                                 .path = "/api/v1/login",
                                 .body = "{\"name\":\"admin\",\"password\":\"not this one\"}"};
  if (!http_do(&call, &answer)) rig_fail("no answer to a login");
}

/* Every county has proofs of all it wrote and holds the newest checkpoint. */
static void everybody_knows(void)
{
  for (int i = 0; i < COUNTIES; i++) {
    if (i == REVOKED) continue;
    ask_wait(&rig, names[i],
             "SELECT (SELECT max(seq) FROM sync_receipt WHERE lane = 0) ="
             " (SELECT sum(count) FROM sync_leaf_run)",
             1);
  }
}

static void a_life(void)
{
  rig_open(&rig, NULL);
  rig_init(&rig);
  rig_start_hub(&rig, &hub);
  enrol(0);
  enrol(1);
  enrol(REVOKED);
  setenv("SUNLIT_PASSPHRASE", "a field of yellow flowers", 1);
  ask_expect(
      ask_run(true, "backup", "--dir", ask_path(&rig, "hub"), "--out", ask_path(&rig, "hub.sealed"), NULL), 0,
      "backup");
  enrol(LATE);
  price(AGAIN, 900);
  ask_wait(&rig, "hub", "SELECT count(*) FROM price", 1);
  rig_stop(&nodes[AGAIN]);
  revoke(AGAIN, 1);
  if (rename(ask_path(&rig, names[AGAIN]), ask_path(&rig, "before"))) rig_fail("rename");
  enrol(AGAIN);
  for (int i = 0; i < COUNTIES; i++)
    for (int fen = 1000; fen < 1003; fen++)
      price(i, fen);
  wrong_password();
  ask_wait(&rig, "hub", "SELECT count(*) FROM price", PRICES - 2);
  revoke(REVOKED, 2);
  rig_sleep_ms(1500); /* signed within a second */
  for (int fen = 2000; fen < 2002; fen++)
    price(0, fen); /* whose proofs bring the newest checkpoint, and the mirror up to it */
  ask_wait(&rig, "hub", "SELECT count(*) FROM price", PRICES);
  rig_sleep_ms(1500);
  everybody_knows();
}

static void the_disk_is_gone(char root[80])
{
  rig_kill(&hub);
  int64_t held = 0;
  for (int i = 0; i < COUNTIES; i++) {
    int64_t size = ask_number(&rig, names[i], "SELECT size FROM sync_witness");
    if (size > held) held = size;
  }
  ask_expect(held > ask_number(&rig, "hub", "SELECT count(*) FROM sync_entry") - 3, 1,
             "witnessed to its end");
  if (rename(ask_path(&rig, "hub"), ask_path(&rig, "gone")) != 0) rig_fail("rename");
  snprintf(root, 80, "SELECT count(*) FROM sync_checkpoint WHERE size = %lld", (long long)held);
}

static void is_said_in(const char *file, const char *words)
{
  char command[2 * RIG_PATH_MAX];
  snprintf(command, sizeof command, "grep -q '%s' %s/%s", words, rig.folder, file);
  for (int i = 0; i < 300 && system(command) != 0; i++)
    rig_sleep_ms(100);
  ask_expect(system(command), 0, words);
}

/* What the log brings would end the invitation. */
static void nobody_is_invited(const char *why)
{
  char command[3 * RIG_PATH_MAX];
  snprintf(
      command, sizeof command,
      "%s invite --dir %s/hub2 --branch 330902 2>&1 | grep -q '%s; nobody is invited before the log is back'",
      rig_program(true), rig.folder, why);
  ask_expect(system(command), 0, why);
}

/* Nobody who is waited for will come: it says how to end that, and so does whoever is asked meanwhile. */
static void it_says_how_to_end_its_waiting(void)
{
  char command[3 * RIG_PATH_MAX];
  ask_expect(
      ask_run(true, "restore", "--in", ask_path(&rig, "hub.sealed"), "--dir", ask_path(&rig, "hub2"), NULL),
      0, "restore beside");
  ask_expect(ask_run(true, "revoke", "--dir", ask_path(&rig, "hub2"), "--branch", "330127", NULL), 0,
             "revoke");
  snprintf(command, sizeof command,
           "%s rebuild --dir %s/hub2 --from-branches --branches 330127,330902,331127,330522 --sync "
           "127.0.0.1:%d 2>%s/waits.log & echo $! >%s/waits.pid",
           rig_program(true), rig.folder, hub.sync_port, rig.folder, rig.folder);
  ask_expect(system(command), 0, "rebuild that waits");
  is_said_in("waits.log", "330127 .*it is revoked, and refused when it calls");
  is_said_in("waits.log", "with --without and its code, and --lost for what only it had");
  nobody_is_invited("the database is being rebuilt");
  snprintf(command, sizeof command, "%s status --dir %s/hub2 | grep -q 'it is being rebuilt'",
           rig_program(true), rig.folder);
  ask_expect(system(command), 0, "status says so");
  snprintf(command, sizeof command,
           "%s accept --dir %s/hub2 %s/hub.sealed 2>&1 | grep -q 'is being rebuilt, and takes'",
           rig_program(true), rig.folder, rig.folder);
  ask_expect(system(command), 0, "accept says so");
  snprintf(command, sizeof command,
           "kill -INT $(cat %s/waits.pid); while kill -0 $(cat %s/waits.pid) 2>/dev/null; do sleep 0.1; done;"
           " rm -r %s/hub2",
           rig.folder, rig.folder, rig.folder);
  ask_expect(system(command), 0, "it is ended");
}

/* It was enrolled again after the backup: the log brings that, and people have revoked it since. */
static void who_was_revoked_meanwhile_is_out(void)
{
  ask_expect(ask_number(&rig, "hub2",
                        "SELECT (SELECT count(*) FROM certificate WHERE branch = 330902 AND revoked_ms = 0) +"
                        " (SELECT count(*) FROM sync_key WHERE author = 330902 AND revoked_ms = 0)"),
             0, "certificates and keys in force of one revoked meanwhile");
  ask_expect(ask_number(&rig, "hub2",
                        "SELECT count(*) FROM untold WHERE kind = 'revoke' AND detail ="
                        " '330902 epoch 2 by the command line'"),
             1, "its event waits to be signed");
}

/* One county has burnt down as well: what it alone had is lost, and the root is the one that was witnessed.
 */
static void it_ends_without_one_that_burnt(const char *reached)
{
  char port[32];
  snprintf(port, sizeof port, "127.0.0.1:%d", hub.sync_port);
  ask_expect(
      ask_run(true, "restore", "--in", ask_path(&rig, "hub.sealed"), "--dir", ask_path(&rig, "hub2"), NULL),
      0, "restore beside");
  nobody_is_invited("this is a restored backup");
  ask_expect(ask_run(true, "revoke", "--dir", ask_path(&rig, "hub2"), "--branch", "330902", NULL), 0,
             "revoke");
  ask_expect(ask_run(true, "rebuild", "--dir", ask_path(&rig, "hub2"), "--from-branches", "--branches",
                     "330127,330902,330522", "--without", "331127", "--lost", "--sync", port, NULL),
             0, "rebuild --from-branches --lost");
  ask_expect(ask_number(&rig, "hub2", reached), 1, "the checkpoint last witnessed");
  ask_expect(ask_number(&rig, "hub2", "SELECT count(*) FROM price"), PRICES - OF_LATE,
             "prices of those that are left");
  ask_expect(ask_number(&rig, "hub2", "SELECT count(*) FROM sync_lost_leaf WHERE author = 331127"),
             ask_number(&rig, "hub2", "SELECT count(*) FROM sync_lost_leaf"), "lost are its own alone");
  ask_expect(ask_number(&rig, "hub2", "SELECT count(*) >= 3 FROM sync_lost_leaf"), 1, "and those are lost");
  who_was_revoked_meanwhile_is_out();
  rig_verify(&rig, true, "hub2");
}

static void it_comes_back(const char *reached)
{
  char port[32];
  snprintf(port, sizeof port, "127.0.0.1:%d", hub.sync_port);
  ask_expect(
      ask_run(true, "restore", "--in", ask_path(&rig, "hub.sealed"), "--dir", ask_path(&rig, "hub"), NULL), 0,
      "restore");
  ask_expect(ask_run(true, "rebuild", "--dir", ask_path(&rig, "hub"), "--from-branches", "--branches",
                     "330127,330902,331127,330522", "--sync", port, NULL),
             0, "rebuild --from-branches");
  ask_expect(ask_number(&rig, "hub", reached), 1, "the checkpoint last witnessed");
  ask_expect(ask_number(&rig, "hub", "SELECT count(*) FROM price"), PRICES, "prices");
  ask_expect(ask_number(&rig, "hub", "SELECT count(*) FROM security_event WHERE kind = 'login'"), 1,
             "what only the province knew");
  ask_expect(
      ask_number(&rig, "hub", "SELECT count(*) FROM certificate WHERE branch = 331127 AND revoked_ms = 0"), 1,
      "the certificate of one enrolled later");
  ask_expect(
      ask_number(&rig, "hub", "SELECT count(*) FROM certificate WHERE branch = 330522 AND revoked_ms = 0"), 0,
      "a good certificate of one revoked later");
  ask_expect(
      ask_number(&rig, "hub", "SELECT count(*) FROM certificate WHERE branch = 330902 AND revoked_ms = 0"), 1,
      "the certificate of one enrolled again");
  rig_verify(&rig, true, "hub");
}

/* Its keys, the one that ended too, are in the log; its entries come when it does, and stand once. */
static void it_goes_on_without_one_that_is_away(const char *reached)
{
  char port[32];
  snprintf(port, sizeof port, "127.0.0.1:%d", hub.sync_port);
  rig_stop(&nodes[AGAIN]);
  ask_expect(
      ask_run(true, "restore", "--in", ask_path(&rig, "hub.sealed"), "--dir", ask_path(&rig, "hub"), NULL), 0,
      "restore");
  char command[2 * RIG_PATH_MAX];
  snprintf(command, sizeof command,
           "%s rebuild --dir %s/hub --from-branches --branches 330127,331127,330522 --without 330902 --lost "
           "--sync %s 2>%s/rebuild.log",
           rig_program(true), rig.folder, port, rig.folder);
  ask_expect(system(command), 0, "rebuild --from-branches --lost");
  snprintf(command, sizeof command,
           "grep -q '330902 .* has not come, and leaves that are missing are its own' %s/rebuild.log",
           rig.folder);
  ask_expect(system(command), 0, "said first: who has not come");
  ask_expect(ask_number(&rig, "hub", reached), 1, "the checkpoint last witnessed");
  ask_expect(ask_number(&rig, "hub", "SELECT count(*) FROM price"), PRICES - OF_AGAIN,
             "prices of the others");
  rig_start_hub(&rig, &hub);
  rig_start_node(&rig, &nodes[AGAIN], names[AGAIN], hub.sync_port);
  price(AGAIN, 3000);
  ask_wait(&rig, "hub", "SELECT count(*) FROM price", PRICES + 1);
  ask_wait(&rig, "hub", "SELECT count(*) FROM sync_lost_leaf WHERE found_ms = 0", 0);
  everybody_knows();
}

static void the_day_ends(void)
{
  for (int i = 0; i < COUNTIES; i++) {
    rig_stop(&nodes[i]);
    ask_expect(ask_number(&rig, names[i], "SELECT count(*) FROM sync_evidence"), 0,
               "evidence against the province");
  }
  rig_stop(&hub);
  rig_verify(&rig, true, "hub");
  for (int i = 0; i < COUNTIES; i++)
    rig_verify(&rig, false, names[i]);
}

static void the_day_goes_on(void)
{
  rig_start_hub(&rig, &hub);
  price(0, 3000);
  price(LATE, 3000);
  ask_wait(&rig, "hub", "SELECT count(*) FROM price WHERE price_fen = 3000", 2);
  everybody_knows();
}

int main(int argc, char **argv)
{
  char reached[80];
  setvbuf(stdout, NULL, _IOLBF, 0);
  a_life();
  the_disk_is_gone(reached);
  if (argc > 1 && strcmp(argv[1], "away") == 0) {
    it_goes_on_without_one_that_is_away(reached);
  } else {
    it_says_how_to_end_its_waiting();
    it_ends_without_one_that_burnt(reached);
    it_comes_back(reached);
    the_day_goes_on();
  }
  the_day_ends();
  printf("a province without its disk: every leaf is back at its place, nobody was shown another past\n");
  rig_close(&rig);
  return 0;
}
