/* recall_bench.c - a province that lost its disk, rebuilt from its branches: how long for how many entries.
 *
 * The branches' histories are made beforehand and pushed; then the hub's directory is gone but for a backup
 * of its first minute.  The clock runs from the command's start to its end: waiting for the branches to dial
 * in, what they bring, every leaf at its place, the root, the tables, and the proof of all of it. Beside it
 * stands how long the same entries took to come the first time. usage: recall_bench [ENTRIES [COUNTIES
 * [FOLDER]]]   (1000000, 10, /tmp) */
#include "tests/process/ask.h"
#include "tests/process/fill.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { COUNTIES_MAX = 90, PATIENCE_S = 1800 };

static const unsigned codes[] = {330127, 330902, 331127, 330522, 330326, 330327, 330329,
                                 330381, 330382, 330383, 330421, 330424, 330481, 330482,
                                 330483, 330523, 330624, 330681, 330683, 330703};
static struct rig rig;
static struct program hub, nodes[COUNTIES_MAX];
static char names[COUNTIES_MAX][8];

static void set_up(int counties, const char *where)
{
  rig_open(&rig, where);
  rig_init(&rig);
  rig_start_hub(&rig, &hub);
  setenv("SUNLIT_PASSPHRASE", "a field of yellow flowers", 1);
  if (ask_run(true, "backup", "--dir", ask_path(&rig, "hub"), "--out", ask_path(&rig, "hub.sealed"), NULL))
    rig_fail("backup");
  for (int i = 0; i < counties; i++) {
    snprintf(names[i], sizeof names[i], "n%d", i);
    rig_enroll(&rig, names[i], codes[i]);
    rig_start_node(&rig, &nodes[i], names[i], hub.sync_port);
    ask_wait(&rig, names[i], "SELECT count(*) > 540 FROM product", 1);
    rig_stop(&nodes[i]);
  }
}

/* Everything is at the province, proved, and its log witnessed to the end. */
static void wait_received(int counties)
{
  int64_t begun = rig_now_us();
  for (int i = 0; i < counties; i++)
    while (ask_number(&rig, names[i],
                      "SELECT coalesce((SELECT max(seq) FROM sync_receipt), 0) <"
                      " (SELECT sum(CASE count WHEN 0 THEN (SELECT max(pos) + 1 FROM sync_entry) - first_pos"
                      " ELSE count END) FROM sync_span WHERE author <> 330000 AND superseded = 0)")) {
      if (rig_now_us() - begun > PATIENCE_S * 1000000LL) rig_fail("%s is not received", names[i]);
      rig_sleep_ms(100);
    }
}

static void rebuild(int counties)
{
  char port[32], all[8 * COUNTIES_MAX];
  size_t at = 0;
  for (int i = 0; i < counties; i++)
    at += (size_t)snprintf(all + at, sizeof all - at, "%s%u", i ? "," : "", codes[i]);
  snprintf(port, sizeof port, "127.0.0.1:%d", hub.sync_port);
  if (ask_run(true, "restore", "--in", ask_path(&rig, "hub.sealed"), "--dir", ask_path(&rig, "hub"), NULL))
    rig_fail("restore");
  if (ask_run(true, "rebuild", "--dir", ask_path(&rig, "hub"), "--from-branches", "--branches", all, "--sync",
              port, NULL))
    rig_fail("rebuild");
}

int main(int argc, char **argv)
{
  int entries = argc > 1 ? atoi(argv[1]) : 1000000, counties = argc > 2 ? atoi(argv[2]) : 10;
  struct rusage used;
  if (counties < 1 || counties > (int)(sizeof codes / sizeof codes[0])) rig_fail("1 to 20 counties");
  setvbuf(stdout, NULL, _IOLBF, 0);
  set_up(counties, argc > 3 ? argv[3] : NULL);
  for (int i = 0; i < counties; i++)
    fill_node(&rig, names[i], entries / counties);
  int64_t begun = rig_now_us();
  for (int i = 0; i < counties; i++)
    rig_spawn_node(&rig, &nodes[i], names[i], hub.sync_port);
  for (int i = 0; i < counties; i++)
    rig_ready(&rig, &nodes[i]);
  wait_received(counties);
  double push_s = (double)(rig_now_us() - begun) / 1e6;
  rig_sleep_ms(2000);
  rig_kill(&hub);
  if (rename(ask_path(&rig, "hub"), ask_path(&rig, "gone"))) rig_fail("rename");
  begun = rig_now_us();
  rebuild(counties);
  double rebuild_s = (double)(rig_now_us() - begun) / 1e6;
  getrusage(RUSAGE_CHILDREN, &used);
  printf("pushed by %d counties %8.1f s  %8.0f entries/s\n", counties, push_s, entries / push_s);
  printf("rebuilt from them    %8.1f s  %8.0f entries/s, %ld MB at most\nratio                %8.2f\n",
         rebuild_s, entries / rebuild_s, used.ru_maxrss / 1024, rebuild_s / push_s);
  for (int i = 0; i < counties; i++)
    rig_stop(&nodes[i]);
  rig_close(&rig);
  return 0;
}
