#include "hub/policy.h"

#include "core/base/clock.h"
#include "core/base/say.h"
#include "core/domain/enrolment.h"
#include "program/beside.h"
#include "sync/store_log.h"

#include <stdio.h>
#include <string.h>

enum { BRANCHES_MAX = 4096 };

struct members {
  size_t count;
  uint32_t codes[BRANCHES_MAX];
  uint32_t prefectures[BRANCHES_MAX];
};

static void take(void *ctx, const struct branch_state *row)
{
  struct members *e = ctx;
  if (!row->enrolled || e->count == BRANCHES_MAX) return;
  e->codes[e->count] = row->code;
  e->prefectures[e->count++] = row->prefecture_code;
}

static void print_key(const char *before, const struct note_key *key)
{
  struct buf vkey = BUF_INIT;
  note_key_encode(&vkey, key);
  say("%s %.*s\n", before, (int)vkey.size, (const char *)vkey.data);
  buf_wipe(&vkey);
}

static bool print_witnesses(struct db *db, const struct members *e, struct err *err)
{
  for (size_t i = 0; i < e->count; i++) {
    char before[40];
    struct note_key key;
    if (!store_branch_witness(db, e->codes[i], &key, err)) return false;
    snprintf(before, sizeof before, "witness %u", e->codes[i]);
    print_key(before, &key);
  }
  return true;
}

/* The list is in the order of codes, so a prefecture's branches are neighbours. */
static void print_groups(const struct members *e)
{
  size_t groups = 0;
  for (size_t i = 0, n; i < e->count; i += n) {
    for (n = 1; i + n < e->count && e->prefectures[i + n] == e->prefectures[i];)
      n++;
    say("group p%u %zu", e->prefectures[i], (n + 1) / 2);
    for (size_t k = 0; k < n; k++)
      say(" %u", e->codes[i + k]);
    say("\n");
    groups++;
  }
  say("group branches %zu", (2 * groups + 2) / 3);
  for (size_t i = 0; i < e->count; i++)
    if (i == 0 || e->prefectures[i] != e->prefectures[i - 1]) say(" p%u", e->prefectures[i]);
  say("\nquorum branches\n");
}

static bool print_policy(const struct beside *beside, struct err *err)
{
  struct db *db = beside->db;
  static struct members e;
  struct note_key log;
  if (!log_key(db, beside->identity.code, &log, err) || !branch_list(db, clock_wall_ms(), take, &e, err))
    return false;
  print_key("log", &log);
  if (!print_witnesses(db, &e, err)) return false;
  if (e.count == 0) {
    say("quorum none\n");
    return true;
  }
  say("# Branches of one administration are not independent of it.  For a quorum it cannot command alone:\n"
      "#   witness NAME VKEY https://HOST/PREFIX\n"
      "#   group outside any NAME ...\n"
      "#   group both all branches outside\n"
      "# and below: quorum both\n");
  print_groups(&e);
  return true;
}

bool policy_command(const struct cli_args *args, struct err *err)
{
  return beside_run(args, BESIDE_READS, print_policy, err);
}
