#include "hub/branch_pace.h"

#include "core/domain/contact.h"
#include "site/pace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LATE_MS = 2 * 60 * 1000, AGAIN_MS = 60 * 60 * 1000, MIB_MIN = 1, MIB_MAX = 1 << 20 };

struct late {
  uint32_t branch;
  int64_t at_ms; /* monotonic: when it was last refused */
};

static const char kept_as[] = "branch_pace"; /* of setting: "330127 WALL_MS" a line, when it is full again */

struct branch_pace {
  struct pace pace; /* of KiB */
  bool kept;        /* something is written down; of who keeps */
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

static bool read_kept(struct app *app, struct buf *out, struct err *err)
{
  struct db *db = NULL;
  bool ok = readers_take(app->readers, &db, err) && setting_get(db, kept_as, "", out, err);
  readers_give(app->readers, db);
  put_u8(out, 0);
  return ok && (!out->bad || err_set(err, ERR_IO, "no memory for the branches' pace"));
}

bool branch_pace_recall(struct branch_pace *pace, struct app *app, int64_t wall_ms, int64_t boot_ms,
                        struct err *err)
{
  struct buf text = BUF_INIT;
  bool ok = read_kept(app, &text, err);
  for (char *line = ok ? (char *)text.data : NULL, *next; line && *line; line = next) {
    char name[16];
    int64_t full_ms = 0;
    next = line + strcspn(line, "\n");
    if (*next) *next++ = '\0';
    if (sscanf(line, "%15s %" SCNd64, name, &full_ms) == 2)
      pace_owe(&pace->pace, name, full_ms - wall_ms, boot_ms);
  }
  pace->kept = ok && text.size > 1;
  buf_wipe(&text);
  return ok;
}

struct keeping {
  struct buf text;
  int64_t wall_ms;
};

static void put_owing(void *ctx, const char *account, int64_t left_ms)
{
  struct keeping *keeping = ctx;
  char line[48];
  snprintf(line, sizeof line, "%.15s %" PRId64 "\n", account, keeping->wall_ms + left_ms);
  put_text(&keeping->text, line);
}

static bool keep_work(struct tx *tx, void *ctx, struct err *err)
{
  return setting_set(tx, kept_as, ctx, err);
}

bool branch_pace_keep(struct branch_pace *pace, struct app *app, int64_t wall_ms, int64_t boot_ms,
                      struct err *err)
{
  struct keeping keeping = {.text = BUF_INIT, .wall_ms = wall_ms};
  if (!pace) return true;
  pace_each(&pace->pace, boot_ms, put_owing, &keeping);
  bool any = keeping.text.size > 0;
  put_u8(&keeping.text, 0);
  bool ok = !keeping.text.bad || err_set(err, ERR_IO, "no memory for the branches' pace");
  /* Nobody owes and nothing is written down, as on most days: nothing is written. */
  if (ok && (any || pace->kept)) ok = app_local(app, keep_work, keeping.text.data, err);
  if (ok) pace->kept = any;
  buf_wipe(&keeping.text);
  return ok;
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

static bool note_late(struct branch_pace *pace, uint32_t branch, int64_t boot_ms)
{
  pthread_mutex_lock(&pace->lock);
  struct late *late = place_of(pace, branch);
  bool first = late->branch != branch || boot_ms - late->at_ms > AGAIN_MS;
  *late = (struct late){branch, boot_ms};
  pthread_mutex_unlock(&pace->lock);
  return first;
}

bool branch_pace_take(struct branch_pace *pace, uint32_t branch, int64_t cost, int64_t boot_ms, bool *first,
                      struct err *err)
{
  char name[16];
  snprintf(name, sizeof name, "%u", branch);
  *first = false;
  if (pace_take_many(&pace->pace, name, within(pace, cost), boot_ms)) return true;
  *first = note_late(pace, branch, boot_ms);
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

bool branch_pace_late(struct branch_pace *pace, uint32_t branch, int64_t boot_ms)
{
  bool late = false;
  if (!pace) return false;
  pthread_mutex_lock(&pace->lock);
  for (size_t i = 0; i < PACE_ACCOUNTS_MAX && !late; i++)
    late = pace->late[i].branch == branch && boot_ms - pace->late[i].at_ms < LATE_MS;
  pthread_mutex_unlock(&pace->lock);
  return late;
}
