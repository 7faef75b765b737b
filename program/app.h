/* app.h - what every part of a running program stands on, whichever of the two it is.
 *
 * HTTP handlers get it as their `void *app`; struct node and struct hub begin with it, so a handler that
 * belongs to one program casts (node_of, hub_of).  Handlers change data through app_commit and app_local
 * alone: they remember a full or damaged disk for the status page, and wake the line when there is something
 * to send. THREADS: the fields are set before the first thread starts and never change; the functions may be
 * called from any thread. */
#ifndef SUNLIT_PROGRAM_APP_H
#define SUNLIT_PROGRAM_APP_H

#include "core/base/conf.h"
#include "core/base/data_dir.h"
#include "core/base/readers.h"
#include "program/identity.h"
#include "sync/store.h"

#include <pthread.h>

enum app_kind { APP_NODE, APP_HUB };

enum { PROVINCE_CODE = 330000, APP_SITE_ID_SIZE = 24 };

/* Why a person is needed; rule "" when nobody is. */
struct trouble {
  char rule[48];
  char text[360];
  int64_t since_ms;
  int64_t off_ms; /* of a clock that is wrong: how far ahead; else 0 */
};

struct people;
struct site_state;

struct app {
  enum app_kind kind;
  uint32_t code; /* the branch, or the province: the author of what this program writes */
  struct identity identity;
  /* Which site this is, whatever address it answers at: the code and the key of its province's log, as
   * "330127-0f3a99c1"; the code alone while no key is known. */
  char site_id[APP_SITE_ID_SIZE];
  struct data_dir dir;
  struct conf *conf; /* D/sunlit.conf */
  struct store *store;
  struct readers *readers;
  struct people *people;   /* set by people_open */
  struct site_state *site; /* set by site_open */
  int64_t started_ms;
  void (*wake)(struct app *app);                     /* new entries exist: the line has work */
  void (*measure)(struct app *app, struct buf *out); /* the program's own lines of GET /metrics */
  pthread_mutex_t lock;
  struct trouble trouble; /* under lock */
  bool try_now;           /* under lock: something went well since */
  int64_t heard_wall_ms;  /* under lock: what the other side's clock said; 0: nobody yet */
  int64_t heard_boot_ms;  /* ... and when, on ours */
  int64_t lead_ms;        /* under lock: what the newest entry at the start was ahead of others' clocks */
};

/* Tables that only one of the programs has; NULL: none. */
typedef bool (*app_migration)(struct db *db, struct err *err);

/* Opens the directory (locked), its configuration, identity, database (checked, migrated), store and read
 * connections.  A damaged database is refused: nothing is written over it; a missing or
 * empty one too (ERR_MISSING rule "no_database").  The caller sets wake and measure
 * before the first thread. */
bool app_open(struct app *app, enum app_kind kind, const char *path, app_migration more, struct err *err);
void app_close(struct app *app);

/* Is there a database that a store has been opened on?  A missing or empty file is none. */
bool app_has_database(const struct data_dir *dir, bool *has, struct err *err);
/* ... and when there is none, says which file, and how the one whose keys these are gets it back: ERR_MISSING
 * rule "no_database"; of one that is another's ERR_CONFLICT "other_site" or "other_key".  True for one that
 * cannot be read: whoever opens it says why. */
bool app_need_database(const struct data_dir *dir, const struct identity *identity, struct err *err);
/* The database alone, checked and migrated: for setting up, before there is a store. */
bool app_migrate(const struct data_dir *dir, app_migration more, struct err *err);
/* The store alone, for one command on a directory that nobody runs. */
bool app_store_open(struct store **out, const struct data_dir *dir, const struct identity *identity,
                    struct err *err);

/* store_commit, with the trouble noted and the line woken. */
bool app_commit(struct app *app, const struct act *act, store_work work, void *ctx, struct done *done,
                struct err *err);
/* store_local, with the trouble noted. */
bool app_local(struct app *app, store_work work, void *ctx, struct err *err);

/* What an act that may write came to: IO or CORRUPT is remembered (and logged once).  What came to a good end
 * may have found nothing to write: then app_beat tries at once whether the disk does. */
void app_note(struct app *app, bool ok, const struct err *err);
/* Something is on the disk that was not before: that alone ends the trouble. */
void app_wrote(struct app *app);
void app_trouble(struct app *app, struct trouble *out);
/* Once a second: signs what is unsigned; while writing fails, tries whether it works again. */
void app_beat(struct app *app, int64_t now_ms);

#endif
