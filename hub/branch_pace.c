#include "hub/branch_pace.h"

#include "site/pace.h"

#include <stdio.h>
#include <stdlib.h>

enum { LATE_MS = 2 * 60 * 1000, AGAIN_MS = 60 * 60 * 1000, MIB_MIN = 1, MIB_MAX = 1 << 20 };

struct late {
  uint32_t branch;
  int64_t at_ms; /* monotonic: when it was last refused */
};

struct branch_pace {
  struct pace pace; /* of KiB */
  pthread_mutex_t lock;
  struct late late[PACE_ACCOUNTS_MAX]; /* under lock */
};

bool branch_pace_open(struct branch_pace **out, const struct conf *conf, struct err *err)
{
  int64_t mib = BRANCH_MIB;
  if (!conf_int(conf, "hub.branch_mib", MIB_MIN, MIB_MAX, BRANCH_MIB, &mib, err)) return false;
  struct branch_pace *pace = calloc(1, sizeof *pace);
  if (!pace) return err_set(err, ERR_IO, "out of memory for the branches' pace");
  pace_init(&pace->pace, (int)(mib * 1024), BRANCH_PACE_MS);
  pthread_mutex_init(&pace->lock, NULL);
  *out = pace;
  return true;
}

void branch_pace_close(struct branch_pace *pace)
{
  if (!pace) return;
  pace_wipe(&pace->pace);
  pthread_mutex_destroy(&pace->lock);
  free(pace);
}

int64_t branch_pace_cost(uint32_t entries, size_t bytes)
{
  return (int64_t)entries + (int64_t)(bytes / 1024);
}

/* No batch is so large that it could never be taken. */
static int within(const struct branch_pace *pace, int64_t cost)
{
  return cost < pace->pace.at_a_time ? (int)cost : pace->pace.at_a_time;
}

/* Its place, or that of who was refused the longest ago.  Under the lock. */
static struct late *place_of(struct branch_pace *pace, uint32_t branch)
{
  struct late *oldest = &pace->late[0];
  for (size_t i = 0; i < PACE_ACCOUNTS_MAX; i++) {
    if (pace->late[i].branch == branch) return &pace->late[i];
    if (pace->late[i].at_ms < oldest->at_ms) oldest = &pace->late[i];
  }
  return oldest;
}

static bool note_late(struct branch_pace *pace, uint32_t branch, int64_t mono_ms)
{
  pthread_mutex_lock(&pace->lock);
  struct late *late = place_of(pace, branch);
  bool first = late->branch != branch || mono_ms - late->at_ms > AGAIN_MS;
  *late = (struct late){branch, mono_ms};
  pthread_mutex_unlock(&pace->lock);
  return first;
}

bool branch_pace_take(struct branch_pace *pace, uint32_t branch, int64_t cost, int64_t mono_ms, bool *first,
                      struct err *err)
{
  char name[16];
  snprintf(name, sizeof name, "%u", branch);
  *first = false;
  if (pace_take_many(&pace->pace, name, within(pace, cost), mono_ms)) return true;
  *first = note_late(pace, branch, mono_ms);
  return err_rule(err, ERR_LIMIT, "batch", "branch_pace",
                  "%u sends more than a branch may at once: the rest is taken later, some entries a second",
                  branch);
}

void branch_pace_give(struct branch_pace *pace, uint32_t branch, int64_t cost)
{
  char name[16];
  snprintf(name, sizeof name, "%u", branch);
  pace_give_many(&pace->pace, name, within(pace, cost));
}

bool branch_pace_late(struct branch_pace *pace, uint32_t branch, int64_t mono_ms)
{
  bool late = false;
  if (!pace) return false;
  pthread_mutex_lock(&pace->lock);
  for (size_t i = 0; i < PACE_ACCOUNTS_MAX && !late; i++)
    late = pace->late[i].branch == branch && mono_ms - pace->late[i].at_ms < LATE_MS;
  pthread_mutex_unlock(&pace->lock);
  return late;
}
